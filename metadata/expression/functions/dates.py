"""Date functions. Dates are calendar days; dates with time are UTC and read in the asking person's time zone.

What would fall outside the years 1 to 9999 is NULL.
"""
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from metadata.expression.functions.exact import whole_sql, within, within_sql
from metadata.expression.functions.function import Function, Like, OneOf, Term
from metadata.expression.types import Type

DATE, DATETIME, NUMBER = Type.DATE, Type.DATETIME, Type.NUMBER
MILLION = 1_000_000
WHEN = Like("date", frozenset({DATE, DATETIME}))
_POSSIBLE = ("'0001-12-31 23:59:59.999999 BC'::timestamp", "'10000-01-01'::timestamp")


def _extract(part: str, value: str) -> str:
    return f"extract({part} FROM {value})"


def _plain(day: str) -> str:
    """A date as timestamp without zone, so that nothing depends on the session's time zone."""
    return f"{day}::timestamp"


def _trunc(unit: str, day: str) -> str:
    return f"date_trunc('{unit}', {_plain(day)})"


def _day(timestamp: str) -> str:
    return f"({timestamp})::date"


def _possible(timestamp: str) -> str:
    """A timestamp without zone, or NULL outside the years 1 to 9999."""
    return within_sql(timestamp, *_POSSIBLE)


def _utc(when: str) -> str:
    """timestamptz <-> timestamp in UTC."""
    return f"timezone('UTC', {when})"


# Adding

def _after_days(day: Any, count: int) -> Any:
    try:
        return day + timedelta(days=count)
    except OverflowError:
        return None


def _after_months(day: Any, count: int) -> Any:
    """The same day so many months later, or the month's last day where it has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not 1 <= years <= 9999:
        return None
    return day.replace(year=years, month=month + 1, day=min(day.day, monthrange(years, month + 1)[1]))


def _after_seconds(when: datetime, seconds: int) -> Any:
    try:
        return when + timedelta(seconds=seconds)
    except OverflowError:
        return None


_ADD = {
    "year": lambda when, count: _after_months(when, 12 * count),
    "quarter": lambda when, count: _after_months(when, 3 * count),
    "month": _after_months,
    "week": lambda when, count: _after_days(when, 7 * count),
    "day": _after_days,
    "hour": lambda when, count: _after_seconds(when, 3600 * count),
    "minute": lambda when, count: _after_seconds(when, 60 * count),
}
_MOST = {"year": 4_000, "quarter": 16_000, "month": 48_000, "week": 200_000, "day": MILLION, "hour": 10 * MILLION,
         "minute": 100 * MILLION}
"""So much can be added: less than what PostgreSQL's timestamps reach back (4713 BC), so that it never fails."""
_SPANS: dict[str, tuple[str, int]] = {
    "year": ("years", 1), "quarter": ("months", 3), "month": ("months", 1), "week": ("weeks", 1), "day": ("days", 1),
    "hour": ("hours", 1), "minute": ("mins", 1),
}
_A_DAY_HAS = {"day": 1, "hour": 24, "minute": 1440}
UNITS = tuple(_ADD)
CLOCK = OneOf(UNITS)


def _add(when: Any, count: Any, unit: str) -> Any:
    whole = within(int(count), -_MOST[unit], _MOST[unit])
    if whole is None:
        return None
    if not isinstance(when, datetime) and unit in ("hour", "minute"):
        whole, unit = int(whole / (24 if unit == "hour" else 1440)), "day"
    return _ADD[unit](when, whole)


def _add_sql(when: Term, count: str, unit: str) -> str:
    argument, factor = _SPANS[unit]
    whole = f"{whole_sql(count, -_MOST[unit], _MOST[unit])} * {factor}"
    if when.kind is DATETIME:
        return _utc(_possible(f"{_utc(when)} + make_interval({argument} => {whole})"))
    if unit in ("hour", "minute"):
        argument, whole = "days", f"{whole} / {24 if unit == 'hour' else 1440}"
    return _day(_possible(f"{_plain(when)} + make_interval({argument} => {whole})"))


def add_days(day: date, count: Any) -> date | None:
    return _add(day, count, "day")  # type: ignore[no-any-return]


def add_days_sql(day: str, count: str) -> str:
    return _add_sql(Term(day, DATE), count, "day")


# Counting

def _months(first: Any, last: Any) -> int:
    """Complete months; negative where last comes first."""
    if last < first:
        return -_months_back(first, last)
    rest = (last.day, *_clock(last)) < (first.day, *_clock(first))
    return (last.year - first.year) * 12 + last.month - first.month - rest


def _months_back(later: Any, earlier: Any) -> int:
    rest = (earlier.day, *_clock(earlier)) > (later.day, *_clock(later))
    return (later.year - earlier.year) * 12 + later.month - earlier.month - rest


def _clock(when: Any) -> tuple[int, ...]:
    return (when.hour, when.minute, when.second, when.microsecond) if isinstance(when, datetime) else ()


def _toward_zero(number: int, divisor: int) -> int:
    return -(-number // divisor) if number < 0 else number // divisor


def _between(first: Any, last: Any, unit: str = "day") -> int:
    if unit in ("year", "quarter", "month"):
        return _toward_zero(_months(first, last), {"year": 12, "quarter": 3, "month": 1}[unit])
    span = last - first
    if unit in ("day", "week"):
        return _toward_zero(span // timedelta(microseconds=1), (7 if unit == "week" else 1) * 86_400_000_000)
    return _toward_zero(span // timedelta(microseconds=1), (3600 if unit == "hour" else 60) * 1_000_000)


def _between_sql(first: Term, last: Term, unit: str = "day") -> str:
    with_time = first.kind is DATETIME or last.kind is DATETIME
    if unit in ("year", "quarter", "month"):
        age = f"age({_utc(last)}, {_utc(first)})" if with_time else f"age({_plain(last)}, {_plain(first)})"
        if unit == "year":
            return _extract("year", age)
        # The sub-select lets the interval stand once; OFFSET 0 keeps the planner from undoing that.
        months = (f"(SELECT extract(year FROM span.value) * 12 + extract(month FROM span.value) "
                  f"FROM (SELECT {age} AS value OFFSET 0) AS span)")
        return months if unit == "month" else f"div({months}, 3)"
    if with_time:
        seconds = {"week": 604_800, "day": 86_400, "hour": 3600, "minute": 60}[unit]
        return f"div(extract(epoch FROM {last} - {first}), {seconds})"
    days = days_between_sql(last, first)
    return f"div({days}, 7)" if unit == "week" else f"{days} * {_A_DAY_HAS[unit]}"


def days_between(last: date, first: date) -> int:
    return (last - first).days


def days_between_sql(last: str, first: str) -> str:
    return f"({last} - {first})::numeric"


# Making and cutting

def _date(year: Any, month: Any, day: Any) -> date | None:
    years, months = within(int(year), 0, 10_000), within(int(month), -_MOST["month"], _MOST["month"])
    days = within(int(day), -MILLION, MILLION)
    if years is None or months is None or days is None:
        return None
    first = _after_months(date(years, 1, 1), months - 1)
    return None if first is None else _after_days(first, days - 1)  # type: ignore[no-any-return]


def _date_sql(year: str, month: str, day: str) -> str:
    first = f"make_date({whole_sql(year, 0, 10_000)}, 1, 1)::timestamp"
    monthly = _possible(f"{first} + make_interval(months => {whole_sql(month, -_MOST['month'], _MOST['month'])} - 1)")
    return _day(_possible(f"{monthly} + make_interval(days => {whole_sql(day, -MILLION, MILLION)} - 1)"))


def _local(moment: Any, when: datetime) -> datetime | None:
    try:
        return when.astimezone(ZoneInfo(moment.zone))
    except OverflowError:
        return None


def _local_sql(moment: Any, when: str) -> str:
    return _possible(f"timezone({moment.zone}, {when})")


def _local_part(name: str) -> Any:
    def part(moment: Any, when: datetime) -> Any:
        local = _local(moment, when)
        return None if local is None else getattr(local, name)
    return part


def _local_day(moment: Any, when: datetime) -> date | None:
    local = _local(moment, when)
    return None if local is None else local.date()


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


def _end(months: int) -> Any:
    """The last day of the span of `months` that holds the day."""
    def end(day: date) -> date:
        month = (day.month - 1) // months * months + months
        return date(day.year, month, monthrange(day.year, month)[1])
    return end


def _end_sql(unit: str, months: int) -> Any:
    return lambda day: _day(f"{_trunc(unit, day)} + make_interval(months => {months}, days => -1)")


def _start_of_week(day: date) -> date | None:
    return _after_days(day, -day.weekday())  # type: ignore[no-any-return]


FUNCTIONS = (
    Function("TODAY()", (), DATE, "This day in the time zone of whoever asks.", ("TODAY() - TODAY()", "0"),
             lambda moment: moment.today, lambda moment: moment.today, moment=True),
    Function("NOW()", (), DATETIME, "This moment.", ('DATEDIFF(NOW(), NOW(), "minute")', "0"),
             lambda moment: moment.now, lambda moment: moment.now, moment=True),
    Function("DATE(year, month, day)", (NUMBER, NUMBER, NUMBER), DATE,
             "A date; months and days beyond the end run on into the next ones.", ("DATE(2024, 14, 1)", "2025-02-01"),
             _date, _date_sql),
    Function("DATEVALUE(when)", (DATETIME,), DATE, "The day of a date with time, in the time zone of whoever asks.",
             ("DATEVALUE(NOW()) = TODAY()", "TRUE"), _local_day,
             lambda moment, when: _day(_local_sql(moment, when)), moment=True),
    Function("YEAR(date)", (DATE,), NUMBER, "Its year.", ("YEAR(DATE(2024, 5, 31))", "2024"),
             lambda day: day.year, lambda day: _extract("year", day)),
    Function("QUARTER(date)", (DATE,), NUMBER, "Its quarter, 1 to 4.", ("QUARTER(DATE(2024, 5, 31))", "2"),
             _quarter, lambda day: _extract("quarter", day)),
    Function("MONTH(date)", (DATE,), NUMBER, "Its month, 1 to 12.", ("MONTH(DATE(2024, 5, 31))", "5"),
             lambda day: day.month, lambda day: _extract("month", day)),
    Function("WEEK(date)", (DATE,), NUMBER, "Its ISO week, 1 to 53.", ("WEEK(DATE(2024, 5, 31))", "22"),
             lambda day: day.isocalendar().week, lambda day: _extract("week", day)),
    Function("DAY(date)", (DATE,), NUMBER, "Its day of the month.", ("DAY(DATE(2024, 5, 31))", "31"),
             lambda day: day.day, lambda day: _extract("day", day)),
    Function("WEEKDAY(date)", (DATE,), NUMBER, "1 for Monday to 7 for Sunday.", ("WEEKDAY(DATE(2024, 5, 31))", "5"),
             lambda day: day.isoweekday(), lambda day: _extract("isodow", day)),
    Function("HOUR(when)", (DATETIME,), NUMBER, "Its hour in the time zone of whoever asks.",
             ("HOUR(NOW()) = HOUR(NOW())", "TRUE"), _local_part("hour"),
             lambda moment, when: _extract("hour", _local_sql(moment, when)), moment=True),
    Function("MINUTE(when)", (DATETIME,), NUMBER, "Its minute in the time zone of whoever asks.",
             ("MINUTE(NOW()) < 60", "TRUE"), _local_part("minute"),
             lambda moment, when: _extract("minute", _local_sql(moment, when)), moment=True),
    Function("DATEADD(when, count, unit)", (WHEN, NUMBER, CLOCK), WHEN,
             "So many whole units later: year, quarter, month, week, day, hour, minute. A date with time is counted in UTC; "
             "a date counts only full days of hours and minutes.",
             ('DATEADD(DATE(2024, 1, 31), 1, "month")', "2024-02-29"), _add, _add_sql),
    Function("DATEDIFF(from, to, unit)", (WHEN, WHEN, CLOCK), NUMBER,
             "How many complete units (days if left out) lie between; negative where `to` comes first.",
             ('DATEDIFF(DATE(2024, 1, 31), DATE(2024, 3, 1), "month")', "1"), _between, _between_sql, optional=1),
    Function("DAYS(to, from)", (DATE, DATE), NUMBER, "Days from one date to the other. The same as to - from.",
             ("DAYS(DATE(2024, 3, 1), DATE(2024, 2, 1))", "29"), days_between, days_between_sql),
    Function("ADDDAYS(date, count)", (DATE, NUMBER), DATE, "So many days later. The same as date + count.",
             ("ADDDAYS(DATE(2024, 2, 28), 2)", "2024-03-01"), add_days, add_days_sql),
    Function("ADDMONTHS(date, count)", (DATE, NUMBER), DATE, "So many months later, at most the month's last day.",
             ("ADDMONTHS(DATE(2024, 1, 31), 1)", "2024-02-29"), lambda day, count: _add(day, count, "month"),
             lambda day, count: _add_sql(day, count, "month")),
    Function("ADDYEARS(date, count)", (DATE, NUMBER), DATE, "So many years later; 29 February becomes the 28th.",
             ("ADDYEARS(DATE(2024, 2, 29), 1)", "2025-02-28"), lambda day, count: _add(day, count, "year"),
             lambda day, count: _add_sql(day, count, "year")),
    Function("STARTOFWEEK(date)", (DATE,), DATE, "The Monday of its week.", ("STARTOFWEEK(DATE(2024, 5, 31))", "2024-05-27"),
             _start_of_week, lambda day: _day(_possible(_trunc("week", day)))),
    Function("STARTOFMONTH(date)", (DATE,), DATE, "The first day of its month.", ("STARTOFMONTH(DATE(2024, 5, 31))", "2024-05-01"),
             lambda day: day.replace(day=1), lambda day: _day(_trunc("month", day))),
    Function("STARTOFQUARTER(date)", (DATE,), DATE, "The first day of its quarter.",
             ("STARTOFQUARTER(DATE(2024, 5, 31))", "2024-04-01"),
             lambda day: day.replace(month=3 * _quarter(day) - 2, day=1), lambda day: _day(_trunc("quarter", day))),
    Function("STARTOFYEAR(date)", (DATE,), DATE, "The first day of its year.", ("STARTOFYEAR(DATE(2024, 5, 31))", "2024-01-01"),
             lambda day: day.replace(month=1, day=1), lambda day: _day(_trunc("year", day))),
    Function("ENDOFMONTH(date)", (DATE,), DATE, "The last day of its month.", ("ENDOFMONTH(DATE(2024, 2, 1))", "2024-02-29"),
             _end(1), _end_sql("month", 1)),
    Function("ENDOFQUARTER(date)", (DATE,), DATE, "The last day of its quarter.",
             ("ENDOFQUARTER(DATE(2024, 5, 31))", "2024-06-30"), _end(3), _end_sql("quarter", 3)),
    Function("ENDOFYEAR(date)", (DATE,), DATE, "The last day of its year.", ("ENDOFYEAR(DATE(2024, 5, 31))", "2024-12-31"),
             _end(12), _end_sql("year", 12)),
)
