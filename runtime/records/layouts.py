"""Layouts: which of a module's layouts a record's page and form have: by condition, then by role, else the one for the rest."""
from collections.abc import Mapping
from typing import Any

from metadata.model.layout import Layout
from metadata.model.module import Module
from runtime.records.facts import Facts, ValueScope, paths_of
from runtime.records.list_state import may_ask
from runtime.tables import criteria, labels
from runtime.tables.published import Published
from runtime.values import Actor, Moment


def candidates(now: Published, actor: Actor, module: Module) -> tuple[Layout, ...]:
    """The layouts this actor may get, in the order they are asked; the last one is the one for the rest."""
    found = now.definitions.layouts_of(module.name)
    mine = {role.id for name in actor.roles if (role := now.definitions.roles.get(name))}
    fitting = [each for each in found if each.chosen and (not each.roles or mine & set(each.roles))
               and may_ask(now, actor, module, each.condition)]
    return (*fitting, found[0] if found and not found[0].chosen else _made(module))


def chosen(now: Published, actor: Actor, module: Module, values: Mapping[str, Any], moment: Moment) -> Layout:
    """The layout of a record with these values; behind links a condition sees what the actor may see."""
    *asked, rest = candidates(now, actor, module)
    return next((each for each in asked if not each.condition or _holds(now, actor, module, each, values, moment)), rest)


def needs(now: Published, actor: Actor, module: Module) -> list[str]:
    """First steps of the paths their conditions name: what has to be known of a record to choose."""
    return sorted({path[0] for each in candidates(now, actor, module) if each.condition for path in paths_of(each.condition)})


def section_stands(now: Published, actor: Actor, module: Module, layout: Layout, section: Mapping[str, Any],
                   values: Mapping[str, Any], moment: Moment) -> bool:
    """Does a section's own condition hold? Without one it always does; about what one may not read, never."""
    condition = section.get("show_if")
    if not condition or not may_ask(now, actor, module, condition):
        return not condition
    facts, test = now.once(("section", layout.path, section["name"]), lambda: _compiled(now, module, condition))
    return test(facts.gather(values, moment, actor), moment) is True


def watched(now: Published, actor: Actor, module: Module) -> frozenset[str]:
    """Fields of the module whose values may lead to another layout, those that formulas read included."""
    asked = [each for each in candidates(now, actor, module) if each.condition]
    return frozenset().union(*(_facts(now, module, each)[0].fields for each in asked))


def _holds(now: Published, actor: Actor, module: Module, layout: Layout, values: Mapping[str, Any], moment: Moment) -> bool:
    facts, test = _facts(now, module, layout)
    return test(facts.gather(values, moment, actor), moment) is True


def _facts(now: Published, module: Module, layout: Layout) -> Any:
    return now.once(("layout chosen", layout.path), lambda: _compiled(now, module, layout.condition))


def _compiled(now: Published, module: Module, condition: Any) -> Any:
    return Facts(now, module, paths_of(condition)), criteria.as_python(condition, ValueScope(now, module))


def _made(module: Module) -> Layout:
    """All fields, where nobody has drawn a layout."""
    fields = [*(field.name for field in module.fields), "owner"]
    return Layout(id="layout_made", name="made", module=module.name, label="All fields",
                  sections=({"name": "all", "label": labels.title(module), "columns": 2, "fields": fields},))
