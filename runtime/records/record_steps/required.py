"""Required: fields that every channel must fill."""
from typing import Any

from metadata.model.field import Field
from runtime.errors import Invalid, RuntimeProblem
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

    def guard_all(self, tx: Any, changes: list[Change]) -> list[RuntimeProblem | None]:
        """Only a change that leaves one of them without a main value is looked at by itself."""
        answers: list[RuntimeProblem | None] = [None] * len(changes)
        blank = {at for field in _needed(changes[0].module) for at, change in enumerate(changes)
                 if change.after.get(field.name) is None}
        for at in blank:
            answers[at], = super().guard_all(tx, [changes[at]])
        return answers

    def guard(self, tx: Any, change: Change) -> None:
        missing = {}
        now = current()
        for field in _needed(change.module):
            if change.after.get(field.name) is None:
                pick = now.type(field).pick
                if pick(field, change.after) is None:
                    named = any(path.partition(".")[0] == field.name for path in change.given)
                    if change.verb == "update" and not named and pick(field, change.before) is None:
                        continue        # it was empty before it became required; other changes go through
                    missing[field.name] = [_("%(label)s is required.", label=labels.of_field(change.module, field))]
        if missing:
            raise Invalid(missing)


def _needed(module: Any) -> list[Field]:
    return current().once(("required", module.name), lambda: [one for one in module.fields if one.required])
