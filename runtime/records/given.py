"""Values an action gives a field: written out, counted from today, "me", or computed from the record at hand."""
from dataclasses import replace
from typing import Any

from metadata import expression
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.db import clock
from runtime.errors import Refused
from runtime.locale.text import _
from runtime.records.facts import Facts, ValueScope
from runtime.records.list_state import may_ask
from runtime.tables import expressions, labels
from runtime.tables.published import current
from runtime.values import Actor, Record


def value_of(actor: Actor, record: Record, field: Field, setting: dict[str, Any]) -> Any:
    """The raw value for a field. setting: {"value": …} as a default may say it, or {"expression": text} about the record.

    Raises Refused where it is computed from what the actor may not read: it would come out wrong.
    """
    now, moment = current(), actor.moment(clock.now())
    if not setting.get("expression"):
        given = setting.get("value")
        return None if given is None else now.type(field).initial(replace(field, default=given), moment, actor)
    module = now.module(record.module)
    if not may_ask(now, actor, module, {"expression": setting["expression"]}):
        raise Refused(_("%(field)s is computed from something your roles do not let you see.",
                        field=labels.of_field(module, field)))
    facts, compute = now.once(("given", module.name, setting["expression"]), lambda: _compile(now, module, setting["expression"]))
    return compute(facts.gather(record.values, moment, actor), moment)


def _compile(now: Any, module: Module, text: str) -> Any:
    node = expression.parse(text)
    return Facts(now, module, set(expression.names(node))), expressions.as_python(node, ValueScope(now, module))
