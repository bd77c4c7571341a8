"""Layout rules: what they require and lock holds on every channel, not only on forms that show it."""
from typing import Any

from runtime.errors import Invalid
from runtime.kinds.record_step import RecordStep
from runtime.locale.text import _
from runtime.records import layout_rules, layouts
from runtime.records.form import form_of
from runtime.records.layout_rules import InForce
from runtime.security import policy
from runtime.tables import labels
from runtime.tables.published import Published, current
from runtime.values import Change


class LayoutRules(RecordStep):
    name = "layout_rules"
    label = "Layout rules"
    order = 50

    def applies(self, module: Any) -> bool:
        return layout_rules.of(current(), module) is not None

    def guard(self, tx: Any, change: Change) -> None:
        now, module = current(), change.module
        after = _in_force(now, change, change.after)
        if not after.required and not after.locked:
            return
        before = _in_force(now, change, change.before) if change.verb == "update" else None
        errors: dict[str, list[str]] = {}
        for name, rule in after.required.items():
            field = module.by_name[name]
            pick = now.type(field).pick
            if pick(field, change.after) is not None or not _theirs(change, name):
                continue
            named = any(path.partition(".")[0] == name for path in change.given)
            if before and name in before.required and not named and pick(field, change.before) is None:
                continue                    # it was empty before the rule was made; other changes go through
            errors[name] = [_("%(label)s is required now: “%(rule)s”.", label=labels.of_field(module, field),
                              rule=_called(now, change, rule))]
        for name, rule in after.locked.items():
            if (before is None or name in before.locked) and _theirs(change, name) and _changed(now, change, name):
                errors[name] = [_("%(label)s cannot be changed now: “%(rule)s”.",
                                  label=labels.of_field(module, module.by_name[name]), rule=_called(now, change, rule))]
        if errors:
            raise Invalid(errors)


def _in_force(now: Published, change: Change, values: Any) -> InForce:
    layout = layouts.chosen(now, change.actor, change.module, values, change.moment)
    return layout_rules.in_force(now, change.actor, change.module, layout, values, change.moment, house=True)


def _theirs(change: Change, name: str) -> bool:
    """A person is asked only for what they can answer; the house itself obeys no form."""
    return change.actor.user_id is not None and name in policy.editable(change.actor, change.module)


def _changed(now: Published, change: Change, name: str) -> bool:
    """Did the actor give it another value than it had, or than a new record begins with?"""
    field = change.module.by_name[name]
    given = [path for path in change.given if path.partition(".")[0] == name]
    if not given:
        return False
    kind = now.type(field)
    before = change.before if change.verb == "update" else _initial(now, change, field)
    return kind.pick(field, change.after) != kind.pick(field, before)


def _initial(now: Published, change: Change, field: Any) -> dict[str, Any]:
    """What a new record begins with in this field."""
    form = form_of(now, change.module)
    raw = form.flat({field.name: now.type(field).initial(field, change.moment, change.actor)})
    return form.load({path: value for path, value in raw.items() if path in form.entries})


def _called(now: Published, change: Change, rule: Any) -> str:
    return now.label(f"{rule.path.replace('/', '.')}.label", change.actor.language, rule.label)
