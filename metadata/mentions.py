"""Mentions: what a document refers to, told by the document alone and kept with it, so that nobody reads it twice.

To whose field a path leads, only a set of definitions can say (`home_of`): the module may have been renamed meanwhile.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata import criteria, expression, paths, references
from metadata.criteria import CriteriaError
from metadata.definitions import Definitions
from metadata.expression import ExpressionError
from metadata.model.document import Document
from metadata.model.module import Module

Home = Any
"""A module's name; (home, path) for the module a path points to; None where the document does not say."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One reference. paths: the fields' paths in it, or the button's name; module: the module it names, "" for the others."""
    paths: tuple[str, ...]
    module: str
    home: Home
    where: str


@dataclass(frozen=True, slots=True)
class Mentions:
    """By every name a path goes through, by the module that is named, and by the button."""
    names: Mapping[str, tuple[Mention, ...]]
    modules: Mapping[str, tuple[Mention, ...]]
    buttons: Mapping[str, tuple[Mention, ...]]


def of(document: Document, catalogue: Any) -> Mentions:
    known = document.__dict__.get("_mentions")
    if known is None or known[0] is not catalogue:
        known = document.__dict__["_mentions"] = (catalogue, _read(document, catalogue))
    return known[1]  # type: ignore[no-any-return]


def home_of(mention: Mention, definitions: Definitions, catalogue: Any) -> Module | None:
    """The module its paths begin at."""
    return _module(mention.home, definitions, catalogue)


def _module(home: Home, definitions: Definitions, catalogue: Any) -> Module | None:
    if home is None or isinstance(home, str):
        return definitions.module(home) if home else None
    start = _module(home[0], definitions, catalogue)
    place = paths.find(definitions, catalogue, start, home[1]) if start else None
    target = paths.target_of(place.kind, place.field) if place else None
    return definitions.module(target) if target else None


def _read(document: Document, catalogue: Any) -> Mentions:
    names: dict[str, list[Mention]] = {}
    modules: dict[str, list[Mention]] = {}
    buttons: dict[str, list[Mention]] = {}

    def visit(reference: references.Reference) -> Any:
        if reference.format == "module-name":
            if isinstance(reference.value, str):
                modules.setdefault(reference.value, []).append(Mention((), reference.value, reference.home, reference.where))
        elif reference.format == "button-name":
            if isinstance(reference.value, str):
                buttons.setdefault(reference.value, []).append(
                    Mention((reference.value,), "", reference.home, reference.where))
        elif reference.format != "role-id":
            mention = Mention(tuple(_paths(reference)), "", reference.home, reference.where)
            for step in {step for path in mention.paths for step in path.split(".")}:
                names.setdefault(step, []).append(mention)
        return reference.value

    _Alone(Definitions(), catalogue, visit, module=lambda name: name or None).look(document)
    return Mentions(*({name: tuple(found) for name, found in each.items()} for each in (names, modules, buttons)))


def _paths(reference: references.Reference) -> Iterator[str]:
    try:
        if reference.format == "criteria":
            yield from criteria.paths(reference.value) if reference.value else ()
        elif reference.format == "expression":
            yield from expression.paths(reference.value)
        elif isinstance(reference.value, str):
            yield reference.value
    except (ExpressionError, CriteriaError):
        return


class _Alone(references.Walk):
    """A walk that knows no module but by its name."""

    def _home_of(self, document: Document) -> Home:
        return document.name if isinstance(document, Module) else getattr(document, "module", "") or None

    def _pointed(self, home: Home, path: str) -> Home:
        return (home, path) if home else None
