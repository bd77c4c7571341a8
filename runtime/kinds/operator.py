"""Operators: one question about a value, asked in SQL and in Python so that both always agree.

A blank is never above, below, equal to or part of anything. The negative questions ("is not", "is none of", "does not
contain", "includes none of") are also true of blanks, as people expect of a filter. Days are those of the asking
person's time zone; asked of a date with time, a day becomes the span between two moments, so an index can serve.
No question but the text searches puts a function around the column.
"""
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from metadata.expression.functions.letters import Small, small
from runtime.locale import dates
from runtime.locale.reader import zone
from runtime.locale.text import Lazy, lazy
from runtime.values import Moment

Sql = sa.ColumnElement[Any]
Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Day:
    """A day counted from today, as an operand: Day(-30) is thirty days ago."""
    ahead: int


@dataclass(frozen=True)
class Operator:
    """sql: (column, operand, moment) -> condition, true for the rows wanted (false or NULL for the others).
    test: (value, operand, moment) -> bool; the same question about one value.
    takes: "none"; "one" value of the field's type; "many"; "range" (two values, both included); "text" to look for;
    "number" of days.
    words: how a sentence goes on behind the field's label where it is not "label operand".
    """
    name: str
    label: Lazy
    sql: Callable[[Sql, Any, Moment], Sql]
    test: Callable[[Any, Any, Moment], bool]
    takes: str = "one"
    words: Lazy | None = None

    def said(self, shown: str = "") -> str:
        """The question in the reader's language: "is above 1,000"."""
        if self.takes == "none":
            return str(self.label)
        return self.words % {"operand": shown} if self.words else f"{self.label} {shown}"

    def sentence(self, label: str, shown: str = "") -> str:
        """For a filter chip: "Amount is above 1,000"."""
        return f"{label} {self.said(shown)}"

    def operands(self, examples: Sequence[Any]) -> list[Any]:
        """Operands to try with values like these; the contract tests ask them all."""
        if self.takes == "none":
            return [None]
        if self.takes == "number":
            return [0, 1, 30, 3650]
        if self.takes == "text":
            texts = [value for value in examples if isinstance(value, str)]
            return [piece for text in texts for piece in (text, text.upper(), text[:2], text[-2:], text[1:3] or text)]
        if self.takes == "many":
            flat = [one for value in examples for one in (value if isinstance(value, list) else [value])]
            return [flat, *([one] for one in flat)]
        if self.takes == "range":
            return [list(pair) for pair in pairwise([*examples, *examples[:1]])]
        return list(examples)


# Days and moments

@lru_cache(maxsize=4096)
def _start(day: date, zone_name: str) -> datetime:
    return dates.start_of_day(day, zone_name)


def _day(operand: Any, moment: Moment) -> Any:
    """A Day as a date; everything else as it is."""
    return moment.today + timedelta(days=operand.ahead) if isinstance(operand, Day) else operand


def _edges(operand: Any, moment: Moment, timed: bool) -> tuple[Any, Any]:
    """(first value that fits, first value behind it or None where it is a single value)."""
    operand = _day(operand, moment)
    if isinstance(operand, datetime):
        return (operand, None) if timed else (operand.astimezone(zone(moment.zone)).date(), None)
    if timed and isinstance(operand, date):
        return _start(operand, moment.zone), _start(operand + timedelta(days=1), moment.zone)
    return operand, None


def _timed(column: Sql) -> bool:
    return isinstance(column.type, sa.DateTime)


# Equality

def _is_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    first, behind = _edges(operand, moment, _timed(column))
    return column == first if behind is None else sa.and_(column >= first, column < behind)


def _is(value: Any, operand: Any, moment: Moment) -> bool:
    if value is None:
        return False
    first, behind = _edges(operand, moment, isinstance(value, datetime))
    return value == first if behind is None else first <= value < behind  # type: ignore[no-any-return]


def _is_not_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    first, behind = _edges(operand, moment, _timed(column))
    if behind is None:
        return column.is_distinct_from(first)
    return sa.or_(column.is_(None), column < first, column >= behind)


def _none_of_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return sa.or_(column.is_(None), column.not_in(operand))


# Order

def _above_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    first, behind = _edges(operand, moment, _timed(column))
    return column > first if behind is None else column >= behind


def _above(value: Any, operand: Any, moment: Moment) -> bool:
    if value is None:
        return False
    first, behind = _edges(operand, moment, isinstance(value, datetime))
    return value > first if behind is None else value >= behind  # type: ignore[no-any-return]


def _at_least_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return column >= _edges(operand, moment, _timed(column))[0]


def _at_least(value: Any, operand: Any, moment: Moment) -> bool:
    return value is not None and value >= _edges(operand, moment, isinstance(value, datetime))[0]


def _below_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return column < _edges(operand, moment, _timed(column))[0]


def _below(value: Any, operand: Any, moment: Moment) -> bool:
    return value is not None and value < _edges(operand, moment, isinstance(value, datetime))[0]


def _at_most_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    first, behind = _edges(operand, moment, _timed(column))
    return column <= first if behind is None else column < behind


def _at_most(value: Any, operand: Any, moment: Moment) -> bool:
    if value is None:
        return False
    first, behind = _edges(operand, moment, isinstance(value, datetime))
    return value <= first if behind is None else value < behind  # type: ignore[no-any-return]


def _between_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return sa.and_(_at_least_sql(column, operand[0], moment), _at_most_sql(column, operand[1], moment))


def _between(value: Any, operand: Any, moment: Moment) -> bool:
    return _at_least(value, operand[0], moment) and _at_most(value, operand[1], moment)


# Text, without regard to capital letters

def _pattern(text: str, before: str = "", after: str = "") -> str:
    plain = small(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{before}{plain}{after}"


def _contains_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return Small(column).like(_pattern(operand, "%", "%"))


def _contains(value: Any, operand: Any, moment: Moment) -> bool:
    return value is not None and small(operand) in small(value)


def _lacks_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return sa.or_(column.is_(None), Small(column).not_like(_pattern(operand, "%", "%")))


# Lists

def _same_list(column: Sql, operand: Iterable[Any]) -> Sql:
    return sa.literal(list(operand), column.type)


def _includes_any_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return column.op("&&", is_comparison=True)(_same_list(column, operand))


def _includes_any(value: Any, operand: Any, moment: Moment) -> bool:
    return value is not None and not set(operand).isdisjoint(value)


def _includes_all_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return column.op("@>", is_comparison=True)(_same_list(column, operand))


def _includes_all(value: Any, operand: Any, moment: Moment) -> bool:
    return value is not None and set(operand).issubset(value)


def _includes_none_sql(column: Sql, operand: Any, moment: Moment) -> Sql:
    return sa.or_(column.is_(None), sa.not_(_includes_any_sql(column, operand, moment)))


# Spans of days around the moment

def _within_sql(column: Sql, span: Span, moment: Moment) -> Sql:
    first, behind = span
    if _timed(column):
        return sa.and_(column >= _start(first, moment.zone), column < _start(behind, moment.zone))
    return sa.and_(column >= first, column < behind)


def _within(value: Any, span: Span, moment: Moment) -> bool:
    if value is None:
        return False
    first, behind = span
    if isinstance(value, datetime):
        return _start(first, moment.zone) <= value < _start(behind, moment.zone)
    return first <= value < behind


def _period(name: str, label: Lazy, span: Callable[[date], Span]) -> Operator:
    return Operator(name, label, lambda column, _operand, moment: _within_sql(column, span(moment.today), moment),
                    lambda value, _operand, moment: _within(value, span(moment.today), moment), takes="none")


def _days(first: int, behind: int) -> Callable[[date], Span]:
    return lambda today: (today + timedelta(days=first), today + timedelta(days=behind))


def _week(ahead: int) -> Callable[[date], Span]:
    return lambda today: dates.week(today + timedelta(weeks=ahead))


def _month(ahead: int) -> Callable[[date], Span]:
    return lambda today: dates.month(today, ahead)


def _quarter(ahead: int) -> Callable[[date], Span]:
    return lambda today: dates.quarter(today, ahead)


def _year(ahead: int) -> Callable[[date], Span]:
    return lambda today: dates.year(today, ahead)


def _last(today: date, days: int) -> Span:
    return today - timedelta(days=days), today + timedelta(days=1)


def _next(today: date, days: int) -> Span:
    return today, today + timedelta(days=days + 1)


# People

def _is_me_sql(column: Sql, _operand: Any, moment: Moment) -> Sql:
    return sa.false() if moment.user_id is None else column == moment.user_id


def _is_me(value: Any, _operand: Any, moment: Moment) -> bool:
    return value is not None and value == moment.user_id


def _is_not_me_sql(column: Sql, _operand: Any, moment: Moment) -> Sql:
    return sa.true() if moment.user_id is None else column.is_distinct_from(moment.user_id)


IS = Operator("is", lazy("is"), _is_sql, _is)
IS_NOT = Operator("is_not", lazy("is not"), _is_not_sql, lambda value, x, moment: not _is(value, x, moment))
ONE_OF = Operator("one_of", lazy("is one of"), lambda column, x, _: column.in_(x),
                  lambda value, x, _: value is not None and value in x, takes="many")
NONE_OF = Operator("none_of", lazy("is none of"), _none_of_sql, lambda value, x, _: value is None or value not in x,
                   takes="many")
ABOVE = Operator("above", lazy("is above"), _above_sql, _above)
AT_LEAST = Operator("at_least", lazy("is at least"), _at_least_sql, _at_least)
BELOW = Operator("below", lazy("is below"), _below_sql, _below)
AT_MOST = Operator("at_most", lazy("is at most"), _at_most_sql, _at_most)
BETWEEN = Operator("between", lazy("is between"), _between_sql, _between, takes="range")
CONTAINS = Operator("contains", lazy("contains"), _contains_sql, _contains, takes="text")
DOES_NOT_CONTAIN = Operator("does_not_contain", lazy("does not contain"), _lacks_sql,
                            lambda value, x, moment: not _contains(value, x, moment), takes="text")
STARTS_WITH = Operator("starts_with", lazy("starts with"),
                       lambda column, x, _: Small(column).like(_pattern(x, after="%")),
                       lambda value, x, _: value is not None and small(value).startswith(small(x)), takes="text")
ENDS_WITH = Operator("ends_with", lazy("ends with"),
                     lambda column, x, _: Small(column).like(_pattern(x, before="%")),
                     lambda value, x, _: value is not None and small(value).endswith(small(x)), takes="text")
EMPTY = Operator("empty", lazy("is empty"), lambda column, _x, _m: column.is_(None), lambda value, _x, _m: value is None,
                 takes="none")
NOT_EMPTY = Operator("not_empty", lazy("is not empty"), lambda column, _x, _m: column.is_not(None),
                     lambda value, _x, _m: value is not None, takes="none")
BEFORE = Operator("before", lazy("is before"), _below_sql, _below)
AFTER = Operator("after", lazy("is after"), _above_sql, _above)
ON_OR_BEFORE = Operator("on_or_before", lazy("is on or before"), _at_most_sql, _at_most)
ON_OR_AFTER = Operator("on_or_after", lazy("is on or after"), _at_least_sql, _at_least)
TODAY = _period("today", lazy("is today"), _days(0, 1))
YESTERDAY = _period("yesterday", lazy("is yesterday"), _days(-1, 0))
TOMORROW = _period("tomorrow", lazy("is tomorrow"), _days(1, 2))
THIS_WEEK = _period("this_week", lazy("is this week"), _week(0))
LAST_WEEK = _period("last_week", lazy("is last week"), _week(-1))
NEXT_WEEK = _period("next_week", lazy("is next week"), _week(1))
THIS_MONTH = _period("this_month", lazy("is this month"), _month(0))
LAST_MONTH = _period("last_month", lazy("is last month"), _month(-1))
NEXT_MONTH = _period("next_month", lazy("is next month"), _month(1))
THIS_QUARTER = _period("this_quarter", lazy("is this quarter"), _quarter(0))
LAST_QUARTER = _period("last_quarter", lazy("is last quarter"), _quarter(-1))
NEXT_QUARTER = _period("next_quarter", lazy("is next quarter"), _quarter(1))
THIS_YEAR = _period("this_year", lazy("is this year"), _year(0))
LAST_YEAR = _period("last_year", lazy("is last year"), _year(-1))
NEXT_YEAR = _period("next_year", lazy("is next year"), _year(1))
LAST_DAYS = Operator("last_days", lazy("is in the last … days"),
                     lambda column, x, moment: _within_sql(column, _last(moment.today, x), moment),
                     lambda value, x, moment: _within(value, _last(moment.today, x), moment), takes="number",
                     words=lazy("is in the last %(operand)s days"))
NEXT_DAYS = Operator("next_days", lazy("is in the next … days"),
                     lambda column, x, moment: _within_sql(column, _next(moment.today, x), moment),
                     lambda value, x, moment: _within(value, _next(moment.today, x), moment), takes="number",
                     words=lazy("is in the next %(operand)s days"))
OLDER_THAN = Operator("older_than", lazy("is more than … days ago"),
                      lambda column, x, moment: _below_sql(column, Day(-x), moment),
                      lambda value, x, moment: _below(value, Day(-x), moment), takes="number",
                      words=lazy("is more than %(operand)s days ago"))
IS_ME = Operator("is_me", lazy("is me"), _is_me_sql, _is_me, takes="none")
IS_NOT_ME = Operator("is_not_me", lazy("is not me"), _is_not_me_sql, lambda value, x, moment: not _is_me(value, x, moment),
                     takes="none")
IS_TRUE = Operator("is_true", lazy("is ticked"), lambda column, _x, _m: column.is_(True),
                   lambda value, _x, _m: value is True, takes="none")
IS_FALSE = Operator("is_false", lazy("is not ticked"), lambda column, _x, _m: column.is_not(True),
                    lambda value, _x, _m: value is not True, takes="none")
INCLUDES_ANY = Operator("includes_any", lazy("includes any of"), _includes_any_sql, _includes_any, takes="many")
INCLUDES_ALL = Operator("includes_all", lazy("includes all of"), _includes_all_sql, _includes_all, takes="many")
INCLUDES_NONE = Operator("includes_none", lazy("includes none of"), _includes_none_sql,
                         lambda value, x, moment: not _includes_any(value, x, moment), takes="many")

OPERATORS: dict[str, Operator] = {found.name: found for found in list(globals().values()) if isinstance(found, Operator)}
"""Every operator by name."""

ABOUT: dict[str, tuple[Operator, ...]] = {
    "text": (IS, IS_NOT, ONE_OF, NONE_OF, CONTAINS, DOES_NOT_CONTAIN, STARTS_WITH, ENDS_WITH, EMPTY, NOT_EMPTY),
    "number": (IS, IS_NOT, ONE_OF, NONE_OF, ABOVE, AT_LEAST, BELOW, AT_MOST, BETWEEN, EMPTY, NOT_EMPTY),
    "boolean": (IS_TRUE, IS_FALSE, EMPTY, NOT_EMPTY),
    "date": (IS, IS_NOT, BEFORE, AFTER, ON_OR_BEFORE, ON_OR_AFTER, BETWEEN, TODAY, YESTERDAY, TOMORROW,
             THIS_WEEK, LAST_WEEK, NEXT_WEEK, THIS_MONTH, LAST_MONTH, NEXT_MONTH,
             THIS_QUARTER, LAST_QUARTER, NEXT_QUARTER, THIS_YEAR, LAST_YEAR, NEXT_YEAR,
             LAST_DAYS, NEXT_DAYS, OLDER_THAN, EMPTY, NOT_EMPTY),
    "list": (INCLUDES_ANY, INCLUDES_ALL, INCLUDES_NONE, EMPTY, NOT_EMPTY),
}
ABOUT["datetime"] = ABOUT["date"]
"""What may be asked of a value, by its type in the expression language; for parts of a field and for formulas."""

