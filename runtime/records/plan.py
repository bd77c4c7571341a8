"""A plan: a query compiled for one actor, kept for as long as it would be compiled the same.

Its key is all it follows from: the published version, the actor's powers, id and zone, and the query. A plan that looks at
the day is good for that day, one that looks at the minute is used once. Searched words, the id of a single record, that of
the record a list points to, and the place in a list are parameters.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.db.statement import Statement
from runtime.errors import BadQuery, Invalid
from runtime.locale.text import _
from runtime.records.scope import Scope
from runtime.security import policy
from runtime.tables import criteria as conditions
from runtime.tables import published
from runtime.tables.kept import Kept
from runtime.values import Actor, Moment, Record

MOST_COLUMNS = 120
MOST_SORTS = 4
KEPT = 300
"""How many plans a process keeps of one published version; the least used is forgotten first."""


@dataclass(frozen=True)
class Query:
    """columns: paths; sort: ((path, descending), …), the id is always the last key.

    after/before: a cursor of an earlier page. text: words to find in the search fields. deleted: the recycle bin.
    labels: bring the names of referenced records under "<path>:label". pointing: (path, id): only what points there.
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
    pointing: tuple[str, int] | None = None


def typed(text: str) -> str:
    """Words as somebody typed them, without what PostgreSQL cannot hold; at most 200 characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:200]).strip()


def where(actor: Actor, query: Query) -> tuple[Scope, list[sa.ColumnElement]]:
    """The rows of a query, as conditions to be joined with AND, and the scope they were found in."""
    return _where(actor, query, actor.moment(clock.now()), typed(query.text))


def _where(actor: Actor, query: Query, moment: Any, words: Any) -> tuple[Scope, list[sa.ColumnElement]]:
    now = published.current()
    module = now.module(query.module)
    policy.require(actor, "read", module)
    scope = Scope(now, actor, module, moment)
    found = scope.rows(deleted=query.deleted)
    if query.ids is not None:
        found.append(scope.table.c.id == sa.bindparam("record_id") if _single(query) else scope.table.c.id.in_(query.ids))
    if query.pointing:
        path, record_id = query.pointing
        found.append(scope.column(tuple(path.split("."))) == sa.bindparam("pointed", record_id, type_=sa.BigInteger))
    if query.criteria:
        found.append(_condition(query.criteria, scope))
    if typed(query.text):
        found.append(_matches(scope, words))
    return scope, found


def _single(query: Query) -> bool:
    return query.ids is not None and len(query.ids) == 1


def _condition(criteria: Mapping[str, Any], scope: Scope) -> sa.ColumnElement:
    """A condition that cannot be asked is a bad question, not a bad value."""
    try:
        return conditions.as_sql(criteria, scope)
    except Invalid as problem:
        raise BadQuery(problem.message) from None


def _matches(scope: Scope, words: Any) -> sa.ColumnElement:
    """Word prefixes in the search column; only readable fields may match (safety T5)."""
    asked = sa.func.house.prefixes(words)
    found = scope.table.c.search.op("@@")(asked)
    readable = policy.readable(scope.actor, scope.module)
    if all(name in readable for name in scope.module.search_fields):
        return found
    shown = [scope.column((name,)) for name in scope.module.search_fields if name in readable]
    if not shown:
        return sa.false()
    kept = sa.func.to_tsvector(sa.text("'simple'::regconfig"), sa.func.house.words(sa.func.concat_ws(" ", *shown)))
    return found & kept.op("@@")(asked)


# Keeping plans

class Watched:
    """A moment that notices what is asked of it: `day` where it was asked for the day, `brief` where for the time."""

    def __init__(self, moment: Moment):
        self._moment = moment
        self.zone, self.user_id = moment.zone, moment.user_id
        self.day: date | None = None
        self.brief = False

    @property
    def now(self) -> datetime:
        self.brief = True
        return self._moment.now

    @property
    def today(self) -> date:
        self.day = self._moment.today
        return self.day


def plan(actor: Actor, query: Query) -> "Plan":
    """The query's plan, kept or made. Raises NotFound (module), Refused, BadQuery (unknown or unreadable paths, limits)."""
    kept = published.current().once("plans", partial(Kept, KEPT))
    moment = actor.moment(clock.now())
    key = (actor.everything, actor.roles, actor.user_id, actor.time_zone, query.module, query.columns, repr(query.criteria),
           query.sort, query.deleted, query.labels, bool(typed(query.text)), "one" if _single(query) else query.ids,
           query.pointing and query.pointing[0])
    found = kept.get(key)
    if found is None or found.moment.day not in (None, moment.today):
        found = Plan(actor, query, Watched(moment))
        if not found.moment.brief:
            kept.keep(key, found)
    return found


class Plan:
    """A compiled query: its select, its sort keys, how a row becomes a Record. Shared by threads; nothing of one request stays."""

    def __init__(self, actor: Actor, query: Query, moment: Watched):
        if len(query.columns) > MOST_COLUMNS or len(query.sort) > MOST_SORTS:
            raise BadQuery(_("A list shows at most %(columns)s columns and sorts by at most %(sorts)s.", columns=MOST_COLUMNS,
                             sorts=MOST_SORTS))
        self.moment = moment
        self.scope, self.where = _where(actor, query, moment, sa.bindparam("words", type_=sa.Text))
        scope = self.scope
        self.module = scope.module
        self._rows = sa.select(sa.literal_column("1")).select_from(scope.source()).where(*self.where)
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
        self.shape = f"{query.module}|{query.sort}"
        base = sa.select(*columns).select_from(scope.source()).where(*self.where)
        limit = sa.bindparam("most", type_=sa.Integer)
        self._ordered = {turned: base.order_by(*self._order(turned)).limit(limit) for turned in (False, True)}
        self._first = {turned: Statement(ordered) for turned, ordered in self._ordered.items()}
        self._counted = {True: Statement(sa.select(sa.func.count()).select_from(self._rows.limit(limit).subquery())),
                         False: Statement(self._rows.with_only_columns(sa.func.count()))}

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

    def _order(self, turned: bool) -> Iterator[sa.ColumnElement]:
        """Empties last, as the indexes have it."""
        for column, descending, nullable in self.sort:
            direction = column.desc() if descending != turned else column.asc()
            yield (direction.nulls_first() if turned else direction.nulls_last()) if nullable else direction

    def parameters(self, query: Query, **more: Any) -> dict[str, Any]:
        """What is not in the plan itself."""
        if words := typed(query.text):
            more["words"] = words
        if _single(query):
            more["record_id"] = query.ids[0]
        if query.pointing:
            more["pointed"] = query.pointing[1]
        return more

    def count(self, connection: Any, query: Query, cap: int | None) -> int:
        """How many rows; at most cap + 1 of them are looked at."""
        given = self.parameters(query) if cap is None else self.parameters(query, most=cap + 1)
        return self._counted[cap is not None].rows(connection, given)[0][0]

    def fetch(self, connection: Any, query: Query, limit: int, values: list[Any] | None = None, turned: bool = False) -> list[Any]:
        """Rows in (turned) order after `values`."""
        if values is None:
            return self._first[turned].rows(connection, self.parameters(query, most=limit))
        if len(values) != len(self.sort):
            raise BadQuery(_("This page link no longer fits the list; start again from the first page."))
        statement = self._ordered[turned]
        rows: list[Any] = []
        for condition in self._beyond(values, turned):
            rows += connection.execute(statement.where(condition), self.parameters(query, most=limit - len(rows))).all()
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
        return Record(self.module.name, row[0], row[1], values)
