"""find(): which records, which columns, in which order, as one actor may see them. The one way to read.

A Query is plain; its plan (plan.py) needs an Actor, and every clause goes through the same Scope (safety D1).
Paging is by key, never by offset: the hundredth page costs what the first one costs.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from runtime.db.transaction import reading
from runtime.errors import BadQuery, NotFound
from runtime.locale.text import _
from runtime.records import cursor
from runtime.records.plan import Query, plan, where
from runtime.records.scope import Scope
from runtime.tables import labels
from runtime.values import Actor, Record

__all__ = ["CAP", "MOST_ROWS", "Page", "Query", "count", "find", "measured", "missing", "one", "stream", "sums"]

MOST_ROWS = 200
CAP = 1_000
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Page:
    """rows in order; next/previous: cursors, or None at the ends."""
    rows: list[Record]
    next: str | None
    previous: str | None


def find(actor: Actor, query: Query) -> Page:
    """One page. Raises NotFound (module), Refused, BadQuery (unknown or unreadable paths, limits)."""
    if not 1 <= query.limit <= MOST_ROWS:
        raise BadQuery(_("A page holds 1 to %(most)s records.", most=MOST_ROWS))
    asked = plan(actor, query)
    turned = query.before is not None
    at = query.before if turned else query.after
    values = cursor.read(asked.shape, at) if at else None
    with reading() as connection:
        found = asked.fetch(connection, query, query.limit + 1, values, turned)
    more, found = len(found) > query.limit, found[:query.limit]
    if turned:
        found.reverse()
    rows = [asked.record(row) for row in found]
    has_next = bool(found) and (turned or more)
    has_previous = bool(found) and ((turned and more) or (not turned and at is not None))
    return Page(rows,
                cursor.write(asked.shape, asked.keys(found[-1])) if has_next else None,
                cursor.write(asked.shape, asked.keys(found[0])) if has_previous else None)


def count(actor: Actor, query: Query, cap: int | None = CAP) -> tuple[int, bool]:
    """(how many, whether the count stopped at the cap). cap=None counts to the end."""
    asked = plan(actor, query)
    with reading(planned=cap is None) as connection:
        counted = asked.count(connection, query, cap)
    return (cap, True) if cap is not None and counted > cap else (counted, False)


def sums(actor: Actor, query: Query, paths: Sequence[str]) -> dict[str, Any]:
    """{path: total over everything the query matches}. Raises BadQuery where a path cannot be totalled."""
    scope, rows = where(actor, query)
    columns = [sa.func.sum(measured(scope, path, "sum")).label(path) for path in paths]
    with reading(planned=True) as connection:
        row = connection.execute(sa.select(*columns).select_from(scope.source()).where(*rows)).one()
    return dict(zip(paths, row, strict=True))


def stream(actor: Actor, query: Query, batch: int = 1_000) -> Iterator[Record]:
    """Every match, page by page, so that memory stays flat."""
    query = replace(query, limit=min(batch, MOST_ROWS), after=None, before=None)
    asked = plan(actor, query)
    values = None
    while True:
        with reading() as connection:
            found = asked.fetch(connection, query, batch, values)
        yield from (asked.record(row) for row in found)
        if len(found) < batch:
            return
        values = asked.keys(found[-1])


def one(actor: Actor, module: str, record_id: int, paths: Sequence[str], *, labels: bool = False,
        deleted: bool = False) -> Record:
    """Raises NotFound, with the same words for a record that is not there and one that is not for this actor."""
    query = Query(module, tuple(paths), ids=(record_id,), labels=labels, deleted=deleted, limit=1)
    asked = plan(actor, query)
    if record_id > LARGEST_ID:
        raise missing(asked.module)
    with reading() as connection:
        found = asked.fetch(connection, query, 1)
    if not found:
        raise missing(asked.module)
    return asked.record(found[0])


def missing(module: Any) -> NotFound:
    return NotFound(_("There is no %(label)s with this number, or it is not shared with you.", label=labels.of_module(module)))


def measured(scope: Scope, path: str, measure: str) -> sa.ColumnElement:
    """The column an aggregate reads. Raises BadQuery naming the measures the field offers."""
    steps = tuple(path.split("."))
    field, part = scope.field(steps), scope.part(steps)
    kind = scope.published.type(field)
    if measure not in kind.measures:
        offered = ", ".join(("count", *kind.measures))
        raise BadQuery(_("'%(path)s' cannot be used for %(measure)s. It offers: %(offered)s.", path=path, measure=measure,
                         offered=offered))
    if part == "" and kind.measured_part:
        return scope.column((*steps, kind.measured_part))
    return scope.column(steps)
