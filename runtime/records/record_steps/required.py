"""Required: fields that every channel must fill."""
from typing import Any

from runtime.errors import Invalid
from runtime.kinds.record_step import RecordStep
from runtime.locale.text import _
from runtime.tables import labels
from runtime.tables.published import current
from runtime.values import Change


class Required(RecordStep):
    name = "required"
    label = "Required fields"
    order = 50

    def applies(self, module: Any) -> bool:
        return any(field.required for field in module.fields)

    def guard(self, tx: Any, change: Change) -> None:
        missing = {}
        now = current()
        needed = now.once(("required", change.module.name), lambda: [one for one in change.module.fields if one.required])
        for field in needed:
            if change.after.get(field.name) is None:
                pick = now.type(field).pick
                if pick(field, change.after) is None:
                    named = any(path.partition(".")[0] == field.name for path in change.given)
                    if change.verb == "update" and not named and pick(field, change.before) is None:
                        continue        # it was empty before it became required; other changes go through
                    missing[field.name] = [_("%(label)s is required.", label=labels.of_field(change.module, field))]
        if missing:
            raise Invalid(missing)
