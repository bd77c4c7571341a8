"""Formulas that compute something else now: how many records show another value. Nothing is refused by that alone."""
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from metadata import expression, paths, watched
from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.kinds.kind import catalogue
from runtime.kinds.what_if import Question, WhatIf
from runtime.locale.text import _
from runtime.records import meaning
from runtime.tables import expressions, labels


class Formulas(WhatIf):
    name = "formulas"
    label = "Formulas"

    def questions(self, live: Definitions, draft: Definitions) -> Iterator[Question]:
        for module in draft.modules.values():
            before = live.module_by_id(module.id)
            for field in module.fields if before else ():
                old = before.by_id.get(field.id)
                text, was = _text(field), _text(old) if old else None
                if text is None or was is None or _meaning(draft, module, field, text) == _meaning(live, before, old, was):
                    continue
                again = _again(live, before, draft, module, was)
                if again is not None:
                    label = labels.of_field(module, field)
                    yield Question(self.name, field.id, f"{module.path}#fields.{field.name}", module.name, label,
                                   _("%(label)s shows another value.", label=label), _differs(field, again), refuses=False)


def _text(field: Field) -> str | None:
    return catalogue().get("field_types", field.type).expression(field)


def _meaning(definitions: Definitions, module: Module, field: Field, text: str) -> Any:
    return watched.kept(field, "_meaning", definitions, catalogue(),
                        lambda seen: meaning.of_expression(seen, module, text), home=module)


def _again(live: Definitions, before: Module, draft: Definitions, module: Module, text: str) -> expression.Node | None:
    """The old formula with the names of the draft; None where a field it reads is gone."""
    try:
        node = expression.parse(expression.renamed(
            text, lambda path: meaning.carried_path(live, before, draft, module, path) or path))
        expression.check(node, paths.Scope(draft, catalogue(), module))
    except expression.ExpressionError:
        return None
    return node


def _differs(field: Field, old: expression.Node) -> Any:
    def differs(scope: Any) -> Any:
        then, now = expressions.as_sql(old, scope), scope.column((field.name,))
        if not isinstance(then.type, type(now.type)):
            then, now = sa.cast(then, sa.Text), sa.cast(now, sa.Text)
        return then.is_distinct_from(now)
    return differs
