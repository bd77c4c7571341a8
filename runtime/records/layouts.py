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


def _holds(now: Published, actor: Actor, module: Module, layout: Layout, values: Mapping[str, Any], moment: Moment) -> bool:
    def compile() -> Any:
        return Facts(now, module, paths_of(layout.condition)), criteria.as_python(layout.condition, ValueScope(now, module))

    facts, test = now.once(("layout chosen", layout.path), compile)
    return test(facts.gather(values, moment, actor), moment) is True


def _made(module: Module) -> Layout:
    """All fields, where nobody has drawn a layout."""
    fields = [*(field.name for field in module.fields), "owner"]
    return Layout(id="layout_made", name="made", module=module.name, label="All fields",
                  sections=({"name": "all", "label": labels.title(module), "columns": 2, "fields": fields},))
