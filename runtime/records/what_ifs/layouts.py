"""Layouts for certain records, new or with another condition: how many records get them. Nothing is refused by that."""
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from metadata.definitions import Definitions
from metadata.model.layout import Layout
from runtime.kinds.what_if import Question, WhatIf
from runtime.locale.text import _
from runtime.records import meaning
from runtime.tables import criteria


class Layouts(WhatIf):
    name = "layouts"
    label = "Layouts"

    def questions(self, live: Definitions, draft: Definitions) -> Iterator[Question]:
        before = {layout.id: layout for layout in live.of(Layout)}
        for layout in draft.of(Layout):
            there = live.module_by_id(draft.modules[layout.module].id)
            if layout.condition and there and _means(draft, layout) != _means(live, before.get(layout.id)):
                yield _question(draft, layout)


def has(definitions: Definitions, module: str, layout_id: str, scope: Any) -> Iterator[Any]:
    """SQL conditions: a record has this layout, for whoever has none of their role that is asked earlier."""
    _rest, *asked = definitions.layouts_of(module)
    for layout in asked:
        if layout.id == layout_id:
            if layout.condition:
                yield holds(layout.condition, scope)
            return
        if not layout.roles:
            yield sa.not_(holds(layout.condition, scope))


def holds(condition: Any, scope: Any) -> Any:
    """Unknown counts as no, as in a form."""
    return sa.func.coalesce(criteria.as_sql(condition, scope), sa.false())


def _question(definitions: Definitions, layout: Layout) -> Question:
    def chosen(scope: Any) -> Any:
        return sa.and_(sa.true(), *has(definitions, layout.module, layout.id, scope))

    says = _("They get the layout “%(layout)s”.", layout=layout.label)
    return Question(Layouts.name, layout.id, f"{layout.path}#condition", layout.module, layout.label, says, chosen, refuses=False)


def _means(definitions: Definitions, layout: Layout | None) -> Any:
    if layout is None or not layout.condition:
        return None
    return meaning.of_condition(definitions, definitions.modules[layout.module], layout.condition), layout.position, layout.roles
