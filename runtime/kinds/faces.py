"""The two faces of the operators, side by side: what a question is in SQL, and what it is in Python.

A face is (column, operand, moment) -> SQL, or (value, operand, moment) -> bool. Days are those of the asking person's
time zone; asked of a date with time, a day becomes the span between two moments.
"""
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from metadata.expression.functions.letters import Small, small
from runtime.locale import dates
from runtime.locale.reader import zone
from runtime.values import Moment

Sql = sa.ColumnElement[Any]
Span = tuple[date, date]
_ENDS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Day:
    """A day counted from today, as an operand: Day(-30) is thirty days ago."""
    ahead: int


# Days and moments

@lru_cache(maxsize=4096)
def start(day: date, zone_name: str) -> datetime:
    """The first moment of a day; the ends of the calendar stay where they are."""
    try:
        return dates.start_of_day(day, zone_name)
    except OverflowError:
        return _ENDS[day.year > 1]


def day(operand: Any, moment: Moment) -> Any:
    """A Day as a date; everything else as it is."""
    return _today(moment) + timedelta(days=operand.ahead) if isinstance(operand, Day) else operand


@lru_cache(maxsize=64)
def _today(moment: Moment) -> date:
    return moment.today


def edges(operand: Any, moment: Moment, timed: bool) -> tuple[Any, Any]:
    """(first value that fits, first value behind it or None where it is a single value)."""
    operand = day(operand, moment)
    if isinstance(operand, datetime):
        return (operand, None) if timed else (operand.astimezone(zone(moment.zone)).date(), None)
    if timed and isinstance(operand, date):
        behind = start(operand + timedelta(days=1), moment.zone) if operand < date.max else _ENDS[1]
        return start(operand, moment.zone), behind
    return operand, None


def is_timed(column: Sql) -> bool:
    return isinstance(column.type, sa.DateTime)


# Equality

def equals_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    first, behind = edges(operand, moment, is_timed(column))
    return column == first if behind is None else sa.and_(column >= first, column < behind)


def equals(value: Any, operand: Any, moment: Moment) -> bool:
    if value is None:
        return False
    first, behind = edges(operand, moment, isinstance(value, datetime))
    return value == first if behind is None else first <= value < behind  # type: ignore[no-any-return]


def differs_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    first, behind = edges(operand, moment, is_timed(column))
    if behind is None:
        return column.is_distinct_from(first)
    return sa.or_(column.is_(None), column < first, column >= behind)


def none_of_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return sa.or_(column.is_(None), column.not_in(operand))


# Order

def above_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    first, behind = edges(operand, moment, is_timed(column))
    return column > first if behind is None else column >= behind


def above(value: Any, operand: Any, moment: Moment) -> bool:
    if value is None:
        return False
    first, behind = edges(operand, moment, isinstance(value, datetime))
    return value > first if behind is None else value >= behind  # type: ignore[no-any-return]


def at_least_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return column >= edges(operand, moment, is_timed(column))[0]


def at_least(value: Any, operand: Any, moment: Moment) -> bool:
    return value is not None and value >= edges(operand, moment, isinstance(value, datetime))[0]


def below_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return column < edges(operand, moment, is_timed(column))[0]


def below(value: Any, operand: Any, moment: Moment) -> bool:
    return value is not None and value < edges(operand, moment, isinstance(value, datetime))[0]


def at_most_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    first, behind = edges(operand, moment, is_timed(column))
    return column <= first if behind is None else column < behind


def at_most(value: Any, operand: Any, moment: Moment) -> bool:
    if value is None:
        return False
    first, behind = edges(operand, moment, isinstance(value, datetime))
    return value <= first if behind is None else value < behind  # type: ignore[no-any-return]


def between_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return sa.and_(at_least_sql(column, operand[0], moment), at_most_sql(column, operand[1], moment))


def between(value: Any, operand: Any, moment: Moment) -> bool:
    return at_least(value, operand[0], moment) and at_most(value, operand[1], moment)


# Text, without regard to capital letters

def pattern(text: str, before: str = "", after: str = "") -> str:
    plain = small(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{before}{plain}{after}"


def contains_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return Small(column).like(pattern(operand, "%", "%"))


def contains(value: Any, operand: Any, moment: Moment) -> bool:
    return value is not None and small(operand) in small(value)


def lacks_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return sa.or_(column.is_(None), Small(column).not_like(pattern(operand, "%", "%")))


# Lists

def same_list(column: Sql, operand: Iterable[Any]) -> Sql:
    return sa.literal(list(operand), column.type)


def includes_any_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return column.op("&&", is_comparison=True)(same_list(column, operand))


def includes_any(value: Any, operand: Any, moment: Moment) -> bool:
    return value is not None and not set(operand).isdisjoint(value)


def includes_all_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return column.op("@>", is_comparison=True)(same_list(column, operand))


def includes_all(value: Any, operand: Any, moment: Moment) -> bool:
    return value is not None and set(operand).issubset(value)


def includes_none_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return sa.or_(column.is_(None), sa.not_(includes_any_sql(column, operand, moment)))


# Spans of days around the moment

SpanOf = Callable[[date, Any], Span]
"""(today, operand) -> the first day, and the day behind the last."""


@lru_cache(maxsize=1024)
def bounds(span: SpanOf, operand: Any, moment: Moment) -> tuple[date, date, datetime, datetime]:
    """The span as days and as moments; a rule asks it for thousands of records at one moment."""
    first, behind = span(moment.today, operand)
    return first, behind, start(first, moment.zone), start(behind, moment.zone)


def within_sql(span: SpanOf) -> Callable[[Sql, Any, Moment], Sql]:
    def sql(column: Sql, operand: Any, moment: Moment) -> Sql:
        first, behind = bounds(span, operand, moment)[2 * is_timed(column):][:2]
        return sa.and_(column >= first, column < behind)
    return sql


def within(span: SpanOf) -> Callable[[Any, Any, Moment], bool]:
    def test(value: Any, operand: Any, moment: Moment) -> bool:
        if value is None:
            return False
        first, behind, begun, over = bounds(span, operand, moment)
        return begun <= value < over if isinstance(value, datetime) else first <= value < behind
    return test


def days(first: int, behind: int) -> SpanOf:
    return lambda today, _operand: (today + timedelta(days=first), today + timedelta(days=behind))


def week(ahead: int) -> SpanOf:
    return lambda today, _operand: dates.week(today + timedelta(weeks=ahead))


def month(ahead: int) -> SpanOf:
    return lambda today, _operand: dates.month(today, ahead)


def quarter(ahead: int) -> SpanOf:
    return lambda today, _operand: dates.quarter(today, ahead)


def year(ahead: int) -> SpanOf:
    return lambda today, _operand: dates.year(today, ahead)


def past(today: date, count: int) -> Span:
    return today - timedelta(days=count), today + timedelta(days=1)


def coming(today: date, count: int) -> Span:
    return today, today + timedelta(days=count + 1)


# People

def is_me_sql(column: Sql, _operand: Any, moment: Moment) -> Sql:
    return sa.false() if moment.user_id is None else column == moment.user_id


def is_me(value: Any, _operand: Any, moment: Moment) -> bool:
    return value is not None and value == moment.user_id


def is_not_me_sql(column: Sql, _operand: Any, moment: Moment) -> Sql:
    return sa.true() if moment.user_id is None else column.is_distinct_from(moment.user_id)
