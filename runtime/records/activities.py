"""Activities: the calls, meetings, quotes … whose records stand in another record's timeline, as its layout says."""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from metadata.model.layout import Layout
from runtime.db.transaction import reading
from runtime.records.list_state import may_read
from runtime.records.query import Query, where
from runtime.security import policy
from runtime.tables.published import Published
from runtime.values import Actor

LONGEST_QUOTE = 400


@dataclass(frozen=True)
class Activity:
    """number: which of the layout's related lists it belongs to; who: the name of its owner."""
    number: int
    id: int
    at: datetime
    title: str | None
    who: str | None
    quote: str | None


def of(actor: Actor, now: Published, layout: Layout, record_id: int, *, limit: int, before: datetime) -> list[Activity]:
    """What happened around a record before a moment, newest first, in one statement; only what the actor may see."""
    parts = list(_parts(actor, now, layout, record_id, limit, before))
    if not parts:
        return []
    every = sa.union_all(*parts).subquery()
    with reading() as connection:
        rows = connection.execute(sa.select(every).order_by(every.c.at.desc()).limit(limit)).all()
    return [Activity(*row) for row in rows]


def _parts(actor: Actor, now: Published, layout: Layout, record_id: int, limit: int, before: datetime) -> Iterator[Any]:
    """One select per related list that takes part."""
    for number, related in enumerate(layout.related):
        timeline = related.get("timeline")
        module = now.module(related["module"])
        if not timeline or not policy.may(actor, "read", module):
            continue
        quote = timeline.get("quote")
        needed = (related["field"], timeline["at"], module.name_field)
        if not all(may_read(now, actor, module, path) for path in needed):
            continue
        scope, rows = where(actor, Query(module.name, criteria={"field": related["field"], "operator": "is", "operand": record_id}))
        at = scope.column((timeline["at"],))
        if not isinstance(at.type, sa.DateTime):
            at = sa.cast(at, sa.DateTime(timezone=True))        # a day begins at midnight
        words = scope.column((quote,)) if quote and may_read(now, actor, module, quote) else sa.null()
        name = scope.label(("owner",)) if may_read(now, actor, module, "owner") else None
        found = (sa.select(sa.literal(number).label("number"), scope.table.c.id, at.label("at"),
                           sa.cast(scope.column((module.name_field,)), sa.Text).label("title"),
                           sa.cast(sa.null() if name is None else name, sa.Text).label("who"),
                           sa.func.left(sa.cast(words, sa.Text), LONGEST_QUOTE).label("quote"))
                 .select_from(scope.source()).where(*rows, at < before).order_by(at.desc()).limit(limit))
        yield sa.select(found.subquery())
