"""find(): which records, which columns, in which order, as one actor may see them. The one way to read.

A Query is plain; compiling it needs an Actor, and every clause goes through the same Scope (safety D1).
Paging is by key, never by offset: the hundredth page costs what the first one costs.
"""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.db.transaction import reading
from runtime.errors import BadQuery, Invalid, NotFound
from runtime.locale.text import _
from runtime.records import cursor
from runtime.records.scope import Scope
from runtime.security import policy
from runtime.tables import criteria as conditions
from runtime.tables import labels, published
from runtime.values import Actor, Record

MOST_ROWS = 200
MOST_COLUMNS = 120
MOST_SORTS = 4
CAP = 1_000
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Query:
    """columns: paths; sort: ((path, descending), …), the id is always the last key.

    after/before: a cursor of an earlier page. text: words to find in the search fields. deleted: the recycle bin.
    labels: bring the names of referenced records under "<path>:label".
    """
    module: str
    columns: tuple[str, ...] = ()
    criteria: Mapping[str, Any] | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int = 50
    after: str | None = None
    before: str | None = None
    text: str = ""
    deleted: bool = False
    labels: bool = False
    ids: tuple[int, ...] | None = None


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
    plan = _Plan(actor, query)
    turned = query.before is not None
    at = query.before if turned else query.after
    values = cursor.read(plan.shape, at) if at else None
    with reading() as connection:
        found = plan.fetch(connection, query.limit + 1, values, turned)
    more, found = len(found) > query.limit, found[:query.limit]
    if turned:
        found.reverse()
    rows = [plan.record(row) for row in found]
    has_next = bool(found) and (turned or more)
    has_previous = bool(found) and ((turned and more) or (not turned and at is not None))
    return Page(rows,
                cursor.write(plan.shape, plan.keys(found[-1])) if has_next else None,
                cursor.write(plan.shape, plan.keys(found[0])) if has_previous else None)


def count(actor: Actor, query: Query, cap: int | None = CAP) -> tuple[int, bool]:
    """(how many, whether the count stopped at the cap). cap=None counts to the end."""
    scope, where = _where(actor, query)
    inner = sa.select(sa.literal(1)).select_from(scope.source()).where(*where)
    if cap is not None:
        inner = inner.limit(cap + 1)
    with reading() as connection:
        counted = connection.scalar(sa.select(sa.func.count()).select_from(inner.subquery()))
    return (cap, True) if cap is not None and counted > cap else (counted, False)


def sums(actor: Actor, query: Query, paths: Sequence[str]) -> dict[str, Any]:
    """{path: total over everything the query matches}. Raises BadQuery where a path cannot be totalled."""
    scope, where = _where(actor, query)
    columns = [sa.func.sum(measured(scope, path, "sum")).label(path) for path in paths]
    with reading() as connection:
        row = connection.execute(sa.select(*columns).select_from(scope.source()).where(*where)).one()
    return dict(zip(paths, row, strict=True))


def stream(actor: Actor, query: Query, batch: int = 1_000) -> Iterator[Record]:
    """Every match, page by page, so that memory stays flat."""
    query = replace(query, limit=min(batch, MOST_ROWS), after=None, before=None)
    plan = _Plan(actor, query)
    values = None
    while True:
        with reading() as connection:
            found = plan.fetch(connection, batch, values, False)
        yield from (plan.record(row) for row in found)
        if len(found) < batch:
            return
        values = plan.keys(found[-1])


def one(actor: Actor, module: str, record_id: int, paths: Sequence[str], *, labels: bool = False,
        deleted: bool = False) -> Record:
    """Raises NotFound, with the same words for a record that is not there and one that is not for this actor."""
    query = Query(module, tuple(paths), ids=(record_id,), labels=labels, deleted=deleted, limit=1)
    plan = _Plan(actor, query)
    if record_id > LARGEST_ID:
        raise missing(plan.scope.module)
    with reading() as connection:
        found = plan.fetch(connection, 1, None, False)
    if not found:
        raise missing(plan.scope.module)
    return plan.record(found[0])


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


def _where(actor: Actor, query: Query) -> tuple[Scope, list[sa.ColumnElement]]:
    now = published.current()
    module = now.module(query.module)
    policy.require(actor, "read", module)
    scope = Scope(now, actor, module, actor.moment(clock.now()))
    where = scope.rows(deleted=query.deleted)
    if query.ids is not None:
        where.append(scope.table.c.id == query.ids[0] if len(query.ids) == 1 else scope.table.c.id.in_(query.ids))
    if query.criteria:
        where.append(_condition(query.criteria, scope))
    if words := typed(query.text):
        where.append(_matches(scope, words))
    return scope, where


def _condition(criteria: Mapping[str, Any], scope: Scope) -> sa.ColumnElement:
    """A condition that cannot be asked is a bad question, not a bad value."""
    try:
        return conditions.as_sql(criteria, scope)
    except Invalid as problem:
        raise BadQuery(problem.message) from None


def typed(text: str) -> str:
    """Words as somebody typed them, without what PostgreSQL cannot hold; at most 200 characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:200]).strip()


def _matches(scope: Scope, text: str) -> sa.ColumnElement:
    """Word prefixes in the search column; only readable fields may match (safety T5)."""
    asked = sa.func.house.prefixes(text)
    found = scope.table.c.search.op("@@")(asked)
    readable = policy.readable(scope.actor, scope.module)
    if all(name in readable for name in scope.module.search_fields):
        return found
    shown = [scope.column((name,)) for name in scope.module.search_fields if name in readable]
    if not shown:
        return sa.false()
    words = sa.func.to_tsvector(sa.text("'simple'::regconfig"), sa.func.house.words(sa.func.concat_ws(" ", *shown)))
    return found & words.op("@@")(asked)


class _Plan:
    """A query compiled for one actor: its select, its sort keys, how a row becomes a Record."""

    def __init__(self, actor: Actor, query: Query):
        if len(query.columns) > MOST_COLUMNS or len(query.sort) > MOST_SORTS:
            raise BadQuery(_("A list shows at most %(columns)s columns and sorts by at most %(sorts)s.", columns=MOST_COLUMNS,
                             sorts=MOST_SORTS))
        self.scope, self.where = _where(actor, query)
        scope = self.scope
        self.names: list[str] = []
        columns: list[sa.ColumnElement] = [scope.table.c.id, scope.table.c.version]
        for path in dict.fromkeys(query.columns):
            for name, column in self._columns(path, query.labels):
                self.names.append(name)
                columns.append(column)
        self.sort: list[tuple[sa.ColumnElement, bool, bool]] = []
        for path, descending in query.sort:
            steps = tuple(path.split("."))
            if not scope.published.type(scope.field(steps)).sortable:
                raise BadQuery(_("A list cannot be sorted by '%(path)s'.", path=path))
            if path != "id":
                column = scope.column(steps)
                label = scope.label(steps)
                self.sort.append((column if label is None else label, descending, True))
        last = query.sort[-1][1] if query.sort else True
        self.sort.append((scope.table.c.id, last, False))
        self._first_key = 2 + len(self.names)
        columns += [column for column, _, _ in self.sort[:-1]]
        self.columns = columns
        self.shape = f"{query.module}|{query.sort}"
        self.module_name = query.module

    def _columns(self, path: str, labels: bool) -> Iterator[tuple[str, sa.ColumnElement]]:
        """The columns one asked-for path brings: its parts, and the name behind a reference."""
        scope, steps = self.scope, tuple(path.split("."))
        field, part = scope.field(steps), scope.part(steps)
        kind = scope.published.type(field)
        parts = [part] if part or not kind.stored else list(kind.columns(field))
        for name in parts:
            if name and not part:
                yield f"{path}.{name}", scope.column((*steps, name))
            else:
                yield path, scope.column(steps)
        if labels and not part:
            label = scope.label(steps)
            if label is not None:
                yield f"{path}:label", label

    def fetch(self, connection: Any, limit: int, values: list[Any] | None, turned: bool) -> list[Any]:
        """Rows in (turned) order after `values`, empties last."""
        order = []
        for column, descending, nullable in self.sort:
            down = descending != turned
            direction = column.desc() if down else column.asc()
            order.append((direction.nulls_first() if turned else direction.nulls_last()) if nullable else direction)
        base = sa.select(*self.columns).select_from(self.scope.source()).where(*self.where).order_by(*order)
        if values is None:
            return list(connection.execute(base.limit(limit)))
        if len(values) != len(self.sort):
            raise BadQuery(_("This page link no longer fits the list; start again from the first page."))
        rows: list[Any] = []
        for condition in self._beyond(values, turned):
            rows += connection.execute(base.where(condition).limit(limit - len(rows)))
            if len(rows) >= limit:
                break
        return rows

    def _beyond(self, values: list[Any], turned: bool) -> Iterator[sa.ColumnElement]:
        """Conditions for the rows after a key, in order: each can be answered by walking an index."""
        if len(self.sort) == 1:
            column, descending, _ = self.sort[0]
            yield column < values[0] if descending != turned else column > values[0]
        elif len(self.sort) == 2:
            yield from self._beyond_pair(values, turned)
        else:
            yield sa.or_(*self._beyond_many(values, turned))

    def _beyond_pair(self, values: list[Any], turned: bool) -> Iterator[sa.ColumnElement]:
        (column, descending, _), (key, key_descending, _) = self.sort
        value, record_id = values
        later_id = key < record_id if key_descending != turned else key > record_id
        if value is None:
            yield column.is_(None) & later_id
            if turned:
                yield column.is_not(None)
            return
        pair = sa.tuple_(column, key)
        at = sa.tuple_(sa.bindparam(None, value, type_=column.type), sa.bindparam(None, record_id, type_=key.type))
        yield pair < at if descending != turned else pair > at
        if not turned:
            yield column.is_(None)

    def _beyond_many(self, values: list[Any], turned: bool) -> Iterator[sa.ColumnElement]:
        same: list[sa.ColumnElement] = []
        for (column, descending, nullable), value in zip(self.sort, values, strict=True):
            if value is None:
                later = column.is_not(None) if turned else sa.false()
                equal = column.is_(None)
            else:
                later = column < value if descending != turned else column > value
                if nullable and not turned:
                    later |= column.is_(None)
                equal = column == value
            yield sa.and_(*same, later)
            same.append(equal)

    def keys(self, row: Any) -> list[Any]:
        return [*row[self._first_key:], row[0]]

    def record(self, row: Any) -> Record:
        values = dict(zip(self.names, row[2:], strict=False))
        return Record(self.module_name, row[0], row[1], values)
