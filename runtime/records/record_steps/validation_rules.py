"""Validation rules: what an admin says must never be saved, on every channel alike."""
from collections.abc import Callable
from typing import Any

from metadata.model.validation_rule import ValidationRule
from runtime.errors import Invalid
from runtime.kinds.record_step import RecordStep
from runtime.records.facts import Facts, ValueScope, paths_of
from runtime.tables import criteria
from runtime.tables.published import Published, current
from runtime.values import Change


class ValidationRules(RecordStep):
    name = "validation_rules"
    label = "Validation rules"
    order = 50

    def applies(self, module: Any) -> bool:
        return any(rule.active for rule in current().definitions.rules_of(module.name))

    def guard(self, tx: Any, change: Change) -> None:
        now = current()
        facts, rules = now.once(("rules", change.module.name), lambda: _compile(now, change.module))
        known = facts.gather(change.after, change.moment)
        errors: dict[str, list[str]] = {}
        for rule, refuses in rules:
            if change.verb in rule.on and refuses(known, change.moment) is True:
                message = now.label(f"{rule.path.replace('/', '.')}.message", change.actor.language, rule.message)
                errors.setdefault(rule.field, []).append(message)
        if errors:
            raise Invalid(errors)


def _compile(now: Published, module: Any) -> tuple[Facts, list[tuple[ValidationRule, Callable[..., Any]]]]:
    rules = [rule for rule in now.definitions.rules_of(module.name) if rule.active]
    scope = ValueScope(now, module)
    facts = Facts(now, module, set().union(*(paths_of(rule.refuse_if) for rule in rules)))
    return facts, [(rule, criteria.as_python(rule.refuse_if, scope)) for rule in rules]
