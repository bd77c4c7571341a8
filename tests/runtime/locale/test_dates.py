"""Spans people speak of."""
from datetime import UTC, date, datetime

from runtime.locale import dates


def test_spans_are_half_open_and_cross_years():
    day = date(2026, 11, 28)

    assert dates.week(day) == (date(2026, 11, 23), date(2026, 11, 30))
    assert dates.month(day) == (date(2026, 11, 1), date(2026, 12, 1))
    assert dates.month(day, 2) == (date(2027, 1, 1), date(2027, 2, 1))
    assert dates.quarter(day) == (date(2026, 10, 1), date(2027, 1, 1))
    assert dates.quarter(day, -4) == (date(2025, 10, 1), date(2026, 1, 1))
    assert dates.year(day, first_month=4) == (date(2026, 4, 1), date(2027, 4, 1))
    assert dates.quarter(date(2026, 1, 15), first_month=2) == (date(2025, 11, 1), date(2026, 2, 1))


def test_a_day_begins_when_its_zone_says():
    assert dates.start_of_day(date(2026, 11, 28), "Asia/Ho_Chi_Minh") == datetime(2026, 11, 27, 17, tzinfo=UTC)
