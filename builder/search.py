"""Search over all definitions: where something is named, said or used."""
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import flask
from flask import request

from builder import choices, studio, uses
from builder import draft as drafts
from metadata.definitions import Definitions
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.locale.text import lazy
from runtime.web.actor import current_actor
from runtime.web.policies import builder

search = flask.Blueprint("search", __name__, url_prefix="/builder/search")

studio.entry(lazy("Search the setup"), "/builder/search", "search", position=95, noun=studio.OWN)

MOST = 60
MOST_FIELDS = 12
"""Of so many fields the uses are looked up."""


@dataclass(frozen=True)
class Hit:
    """A text of a document that holds what was asked."""
    document: Document
    where: str
    text: str


@search.get("")
@builder
def show() -> flask.Response:
    draft, asked = drafts.current(current_actor()), request.args.get("q", "").strip()[:80]
    found = fields_called(draft.definitions, asked) if asked else []
    hits = list(_first(mentions(draft.definitions, asked), MOST)) if asked else []
    shown = [(module, field, choices.of_field(draft.definitions, module, field),
              uses.listed(uses.of_field(draft.definitions, module, field))) for module, field in found[:MOST_FIELDS]]
    return studio.answer("builder/search.html", "work", draft=draft, q=asked, fields=shown, hits=hits, full=len(hits) == MOST)


def fields_called(definitions: Definitions, asked: str) -> list[tuple[Module, Field]]:
    """Fields whose label or API name holds the words, in any language; those that are called exactly so come first."""
    wanted = folded(asked)
    found = []
    for module in definitions.modules.values():
        for field in module.fields:
            path = f"modules.{module.name}.fields.{field.name}.label"
            names = [field.name, field.label, *(each.labels.get(path, "") for each in definitions.translations.values())]
            if any(wanted in folded(name) for name in names):
                found.append((all(folded(name) != wanted for name in names), module, field))
    return [(module, field) for _exact, module, field in sorted(found, key=lambda each: each[0])]


def mentions(definitions: Definitions, asked: str) -> Iterator[Hit]:
    """Every text in every document that holds the words; fields are told by `fields_called`."""
    wanted = folded(asked)
    for document in definitions.documents.values():
        for where, said in _texts({name: value for name, value in vars(document).items()
                                   if name not in ("id", "fields") and not name.startswith("_")}):
            if wanted in folded(said):
                yield Hit(document, where, said)


def folded(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(each for each in plain if not unicodedata.combining(each))


def _texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{where}.{name}" if where else str(name))
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{where}.{number}")


def _first(found: Iterator[Hit], most: int) -> Iterator[Hit]:
    for _number, each in zip(range(most), found, strict=False):
        yield each
