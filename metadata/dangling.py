"""Dangling references: names, paths, conditions and expressions that lead nowhere or do not fit, each in a sentence."""
from collections.abc import Iterable, Iterator
from typing import Any

from metadata import criteria, expression, layouts, paths
from metadata.criteria import Condition, CriteriaError, Formula
from metadata.definitions import Definitions
from metadata.expression import ExpressionError, Type
from metadata.model.module import Module
from metadata.model.role import Role
from metadata.references import Reference
from metadata.words import near, of_module, say, sentences


def wrong(found: Reference, definitions: Definitions, catalogue: Any) -> Iterable[str]:
    """What is wrong with one mention; nothing where its module is not known, which is said elsewhere."""
    value, home = found.value, found.home
    if found.format == "module-name":
        return () if definitions.module(value) else (no_module(value, definitions),)
    if found.format == "role-id":
        known = any(role.id == value for role in definitions.of(Role))
        return () if known else (say("There is no role with the id '%(id)s'.", id=value),)
    if home is None or not definitions.module(home.name):
        return ()
    if found.format == "field-name":
        return () if value in home.by_name else (_no_field(home, value, definitions),)
    if found.format == "button-name":
        return layouts.unknown_button(value, home, definitions)
    if found.format == "path":
        return () if paths.find(definitions, catalogue, home, value) else (_no_field(home, value, definitions),)
    if found.format == "expression":
        return _expression(value, home, definitions, catalogue)
    return _criteria(value, home, definitions, catalogue)


def no_module(name: str, definitions: Definitions) -> str:
    return sentences(say("There is no module '%(name)s'.", name=name[:60]), near(name, definitions.modules))


def _no_field(home: Module, path: str, definitions: Definitions) -> str:
    return sentences(say("There is no field '%(field)s' in %(module)s.", field=str(path)[:80], module=of_module(definitions, home)),
                     near(path.rpartition(".")[2], home.by_name))


def _expression(text: str, home: Module, definitions: Definitions, catalogue: Any, wanted: Type | None = None) -> Iterator[str]:
    try:
        kind = expression.check(expression.parse(text), paths.Scope(definitions, catalogue, home))
    except ExpressionError as problem:
        yield ExpressionError(problem.cause, problem.position, text).message      # the text gives line and column
        return
    if wanted is not None and kind not in (wanted, Type.NULL):
        yield say("It must be %(wanted)s, but it gives %(found)s.", wanted=wanted.words, found=kind.words)


def _criteria(tree: Any, home: Module, definitions: Definitions, catalogue: Any) -> Iterator[str]:
    if not tree:
        return
    try:
        parsed = criteria.parse(tree)
    except CriteriaError as problem:
        yield str(problem)
        return
    for part in criteria.walk(parsed):
        if isinstance(part, Formula):
            yield from _expression(part.text, home, definitions, catalogue, Type.BOOLEAN)
        elif isinstance(part, Condition):
            if not part.field:
                yield say("Choose a field for this condition, or remove it.")
                continue
            place = paths.find(definitions, catalogue, home, part.field)
            if place is None:
                yield _no_field(home, part.field, definitions)
                continue
            known = {operator.name: say(str(operator.label)) for operator in place.kind.asked(place.field, place.part)}
            if part.operator not in known:
                yield say("'%(field)s' cannot be asked '%(operator)s'. Possible: %(known)s.", field=part.field,
                          operator=part.operator, known=", ".join(known.values()) or say("nothing"))
