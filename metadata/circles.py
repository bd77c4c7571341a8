"""Circles: a computed field that in the end is made from itself, through links and roll-ups however long."""
from collections.abc import Iterator
from typing import Any

from metadata import criteria, expression, paths, references, watched
from metadata.criteria import CriteriaError
from metadata.definitions import Definitions
from metadata.errors import Problem
from metadata.expression import ExpressionError
from metadata.model.field import Field
from metadata.model.module import Module
from metadata.words import say

Node = tuple[str, str]
"""(module name, field name)."""


def problems(definitions: Definitions, catalogue: Any) -> Iterator[Problem]:
    """One problem per circle, naming its fields."""
    reads = {node: watched.kept(field, "_inputs", definitions, catalogue,
                                lambda seen, module=module, field=field: inputs(seen, catalogue, module, field), home=module)
             for node, module, field in _computed(definitions, catalogue)}
    done: set[Node] = set()
    for start in reads:
        trail: list[Node] = []
        waiting = [(start, iter(reads[start]))] if start not in done else []
        trail.append(start)
        while waiting:
            node, others = waiting[-1]
            following = next((other for other in others if other in reads and other not in done), None)
            if following is None:
                waiting.pop()
                trail.pop()
                done.add(node)
            elif following in trail:
                circle = [*trail[trail.index(following):], following]
                told = " → ".join(f"{module}.{field}" for module, field in circle)
                yield Problem(f"modules/{following[0]}#fields.{following[1]}",
                              say("It is made from itself: %(told)s. Take one of these fields out of another's formula.",
                                  told=told))
                done.add(following)
            else:
                trail.append(following)
                waiting.append((following, iter(reads[following])))


def inputs(definitions: Definitions, catalogue: Any, module: Module, field: Field) -> tuple[Node, ...]:
    """The fields a computed field reads: those its settings name, and the links on the way to them."""
    found: dict[Node, None] = {}

    def note(home: Module, path: str) -> None:
        place = paths.find(definitions, catalogue, home, path)
        if place is not None:
            for hop, link in place.through:
                found[hop.name, link.name] = None
            found[place.module.name, place.field.name] = None

    def visit(reference: references.Reference) -> Any:
        value, home = reference.value, reference.home
        if home is None:
            return value
        try:
            if reference.format in ("path", "field-name"):
                note(home, value)
            elif reference.format == "expression":
                for path in expression.paths(value):
                    note(home, path)
            elif reference.format == "criteria" and value:
                for path in criteria.paths(value):
                    note(home, path)
        except (ExpressionError, CriteriaError):
            pass                                            # said by the check
        return value

    references.Walk(definitions, catalogue, visit).field(module, field, {"settings": field.settings})
    return tuple(found)


def _computed(definitions: Definitions, catalogue: Any) -> Iterator[tuple[Node, Module, Field]]:
    for module in definitions.modules.values():
        for field in module.fields:
            if catalogue.has("field_types", field.type) and not catalogue.get("field_types", field.type).writable:
                yield (module.name, field.name), module, field
