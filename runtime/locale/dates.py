"""Dates: spans people speak of (this week, last quarter) and the fiscal year, as plain dates."""
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import available_timezones

from runtime.locale.reader import zone


def start_of_day(day: date, zone_name: str) -> datetime:
    """The first moment of a day in a zone, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone(zone_name)).astimezone(UTC)


def week(day: date) -> tuple[date, date]:
    """Monday, and the Monday after: a half-open span, as all here."""
    first = day - timedelta(days=day.weekday())
    return first, first + timedelta(days=7)


def month(day: date, ahead: int = 0) -> tuple[date, date]:
    first = _shifted(day.replace(day=1), ahead)
    return first, _shifted(first, 1)


def quarter(day: date, ahead: int = 0, *, first_month: int = 1) -> tuple[date, date]:
    """first_month: where the fiscal year begins."""
    begun = (day.month - first_month) % 3
    first = _shifted(day.replace(day=1), ahead * 3 - begun)
    return first, _shifted(first, 3)


def year(day: date, ahead: int = 0, *, first_month: int = 1) -> tuple[date, date]:
    begun = (day.month - first_month) % 12
    first = _shifted(day.replace(day=1), ahead * 12 - begun)
    return first, _shifted(first, 12)


def _shifted(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Every IANA zone a person may choose."""
    named = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return (*named, "UTC")
