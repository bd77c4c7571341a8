"""aggregate(): counts and sums by groups, always in SQL, always through the same Scope as a list."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runtime.db.transaction import reading
from runtime.errors import BadQuery
from runtime.locale.text import _
from runtime.records.plan import Query
from runtime.records.plan import where as rows_of
from runtime.records.query import measured
from runtime.records.scope import Scope
from runtime.values import Actor

MOST_GROUPS = 4
MOST_MEASURES = 10
MOST_ROWS = 10_000
FUNCTIONS = {"sum": sa.func.sum, "avg": sa.func.avg, "min": sa.func.min, "max": sa.func.max}


@dataclass(frozen=True)
class Answer:
    """rows: [{group or measure as it was asked for: value}]; capped: there were more than MOST_ROWS groups."""
    rows: list[dict[str, Any]]
    capped: bool


def aggregate(actor: Actor, module: str, *, group: Sequence[str] = (), measures: Sequence[str] = ("count",),
              criteria: Mapping[str, Any] | None = None, text: str = "") -> Answer:
    """group: paths, dates with a bucket ("close_date:month"); measures: "count" or "sum:amount", also avg, min, max;
    text: words to find in the search fields.

    A date bucket answers with its first day. A reference answers with its id, and its name under "<path>:label".
    Raises NotFound, Refused, BadQuery.
    """
    if len(group) > MOST_GROUPS or not 1 <= len(measures) <= MOST_MEASURES:
        raise BadQuery(_("A report groups by at most %(groups)s fields and asks for 1 to %(measures)s measures.",
                         groups=MOST_GROUPS, measures=MOST_MEASURES))
    scope, where = rows_of(actor, Query(module, criteria=criteria, text=text))
    names: list[str] = []
    columns: list[sa.ColumnElement] = []
    groups: list[sa.ColumnElement] = []
    for asked in group:
        for name, column in _groups(scope, asked):
            names.append(name)
            columns.append(column)
            groups.append(column)
    for asked in measures:
        names.append(asked)
        columns.append(_measure(scope, asked))
    statement = sa.select(*columns).select_from(scope.source()).where(*where)
    if groups:
        positions = [sa.literal_column(str(at + 1)) for at in range(len(groups))]
        statement = statement.group_by(*positions).order_by(*positions).limit(MOST_ROWS + 1)
    with reading(planned=True) as connection:
        found = connection.execute(statement).all()
    cut = {name for name in group if ":" in name}
    rows = [{name: value.date() if name in cut and isinstance(value, datetime) else value
             for name, value in zip(names, row, strict=True)} for row in found[:MOST_ROWS]]
    return Answer(rows, len(found) > MOST_ROWS)


def _groups(scope: Scope, asked: str) -> list[tuple[str, sa.ColumnElement]]:
    path, _colon, bucket = asked.partition(":")
    steps = tuple(path.split("."))
    kind = scope.published.type(scope.field(steps))
    if not kind.groupable:
        raise BadQuery(_("A report cannot be grouped by '%(path)s'.", path=path))
    column = scope.column(steps)
    if bucket:
        if bucket not in kind.buckets:
            offered = ", ".join(kind.buckets) or "–"
            raise BadQuery(_("'%(path)s' cannot be cut by '%(bucket)s'. It offers: %(offered)s.", path=path, bucket=bucket,
                             offered=offered))
        if isinstance(column.type, sa.DateTime):
            column = sa.func.timezone(scope.moment.zone, column)
        return [(asked, sa.func.date_trunc(sa.literal_column(f"'{bucket}'"), column))]
    label = scope.label(steps)
    return [(path, column)] + ([] if label is None else [(f"{path}:label", label)])


def _measure(scope: Scope, asked: str) -> sa.ColumnElement:
    if asked == "count":
        return sa.func.count()
    measure, _colon, path = asked.partition(":")
    if measure not in FUNCTIONS or not path:
        raise BadQuery(_("'%(asked)s' is no measure. Write count, or one of sum, avg, min, max with a field: 'sum:amount'.",
                         asked=asked))
    return FUNCTIONS[measure](measured(scope, path, measure))
