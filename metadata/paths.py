"""Paths: which value "amount", "account.industry" or "billing.city" names, seen from a module."""
from dataclasses import dataclass
from typing import Any

from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.module import Module

MOST_HOPS = 5


@dataclass(frozen=True)
class Place:
    """Where a path ends. part: "" for the main part; through: the fields of the links followed, with their modules."""
    module: Module
    field: Field
    part: str
    kind: Any
    through: tuple[tuple[Module, Field], ...] = ()

    @property
    def speaks(self) -> str | None:
        """Its type in the expression language."""
        return self.kind.part_speaks(self.field, self.part)


def find(definitions: Definitions, catalogue: Any, module: Module, path: str) -> Place | None:
    """None where the path leads nowhere: an unknown field, part or link, or too many links."""
    through: list[tuple[Module, Field]] = []
    head, _, rest = path.partition(".")
    while True:
        field = module.by_name.get(head)
        if field is None or not catalogue.has("field_types", field.type):
            return None
        kind = catalogue.get("field_types", field.type)
        if not rest:
            return Place(module, field, "", kind, tuple(through))
        target = target_of(kind, field)
        linked = definitions.module(target) if target else None
        if linked is None:
            known = rest in kind.columns(field)
            return Place(module, field, rest, kind, tuple(through)) if known else None
        if len(through) == MOST_HOPS:
            return None
        through.append((module, field))
        module = linked
        head, _, rest = rest.partition(".")


def target_of(kind: Any, field: Field) -> str | None:
    """The module a field points to; None also where its settings are not yet sound."""
    try:
        return kind.target(field)
    except (KeyError, TypeError, AttributeError):
        return None


class Scope:
    """What expressions of a module may name (metadata.expression.types.Scope)."""

    def __init__(self, definitions: Definitions, catalogue: Any, module: Module):
        self._definitions, self._catalogue, self._module = definitions, catalogue, module

    def type(self, path: tuple[str, ...]) -> str | None:
        place = find(self._definitions, self._catalogue, self._module, ".".join(path))
        return place.speaks if place else None
