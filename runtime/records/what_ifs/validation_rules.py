"""Validation rules that are new, sharper, switched on, or read a formula that says something else now."""
from collections.abc import Iterator
from typing import Any

from metadata.definitions import Definitions
from metadata.model.validation_rule import ValidationRule
from runtime.kinds.what_if import Question, WhatIf
from runtime.records import meaning
from runtime.tables import criteria


class ValidationRules(WhatIf):
    name = "validation_rules"
    label = "Validation rules"

    def questions(self, live: Definitions, draft: Definitions) -> Iterator[Question]:
        before = {rule.id: rule for rule in live.of(ValidationRule)}
        for rule in draft.of(ValidationRule):
            if rule.active and "update" in rule.on and _means(draft, rule) != _means(live, before.get(rule.id)):
                yield question(rule)


def question(rule: ValidationRule) -> Question:
    def refused(scope: Any) -> Any:
        return criteria.as_sql(rule.refuse_if, scope)

    return Question(ValidationRules.name, rule.id, rule.path, rule.module, rule.message, rule.message, refused)


def _means(definitions: Definitions, rule: ValidationRule | None) -> Any:
    if rule is None or not rule.active or "update" not in rule.on:
        return None
    return meaning.of_condition(definitions, definitions.modules[rule.module], rule.refuse_if)
