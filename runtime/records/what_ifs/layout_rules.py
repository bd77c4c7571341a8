"""Layout rules that require more than they did: which records lack it. A person who changes such a record is asked for it."""
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from metadata.definitions import Definitions
from metadata.model.layout_rule import LayoutRule
from metadata.model.module import Module
from runtime.kinds.what_if import Question, WhatIf
from runtime.locale.text import _
from runtime.records import meaning
from runtime.records.what_ifs.layouts import has, holds
from runtime.records.what_ifs.required_fields import empty
from runtime.tables import labels


class LayoutRules(WhatIf):
    name = "layout_rules"
    label = "Layout rules"

    def questions(self, live: Definitions, draft: Definitions) -> Iterator[Question]:
        before = {rule.id: rule for rule in live.of(LayoutRule)}
        for rule in draft.of(LayoutRule):
            if rule.active and rule.require and _means(draft, rule) != _means(live, before.get(rule.id)):
                yield question(draft, rule)


def question(definitions: Definitions, rule: LayoutRule) -> Question:
    """Of records whose layout it is for everybody who has none of their role, and of fields no other rule hides there."""
    module = definitions.modules[rule.module]
    fields = [module.by_name[name] for name in rule.require]
    rules = [each for each in definitions.of(LayoutRule, rule.module) if each.active and each.layout in ("", rule.layout)
             and each.id != rule.id]

    def its_layout(scope: Any) -> Iterator[Any]:
        return has(definitions, rule.module, rule.layout, scope) if rule.layout else iter(())

    def lacks(scope: Any) -> Any:
        lacking = sa.or_(*(sa.and_(empty(field)(scope), *_stands(rules, rule, field.name, scope)) for field in fields))
        return sa.and_(holds(rule.when, scope), lacking, *its_layout(scope))

    names = ", ".join(labels.of_field(module, field) for field in fields)
    return Question(LayoutRules.name, rule.id, rule.path, rule.module, rule.label, _("%(label)s is required.", label=names), lacks)


def _stands(rules: list[LayoutRule], rule: LayoutRule, name: str, scope: Any) -> Iterator[Any]:
    """The field is not hidden by a rule: shown by one that holds, where any shows it, and hidden by none."""
    shows = [each for each in rules if name in each.show]
    if shows and name not in rule.show:
        yield sa.or_(*(holds(each.when, scope) for each in shows))
    yield from (sa.not_(holds(each.when, scope)) for each in rules if name in each.hide)


def _means(definitions: Definitions, rule: LayoutRule | None) -> Any:
    if rule is None or not rule.active:
        return None
    module: Module = definitions.modules[rule.module]
    return (meaning.of_condition(definitions, module, rule.when), rule.layout,
            frozenset(field.id for name in rule.require if (field := module.by_name.get(name))))
