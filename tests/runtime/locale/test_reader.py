"""How readers see numbers, money and dates, and how what they type is read."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runtime.locale.reader import current, reader, reading_as

EN, VI = reader("en", "Asia/Ho_Chi_Minh", "USD"), reader("vi", "Asia/Ho_Chi_Minh", "VND")
AMOUNTS = some.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=4)


@pytest.mark.parametrize(
    ("who", "amount", "currency", "written"),
    [
        (EN, 48500, "USD", "$48,500"),
        (EN, "22700.00", "USD", "$22,700"),
        (EN, "0.5", "USD", "$0.50"),
        (EN, "1009.784", "USD", "$1,009.784"),
        (EN, 2450000000, "VND", "2,450,000,000\u00a0₫"),
        (EN, -12, None, "-$12"),
        (EN, 5, "CHF", "CHF\u00a05"),
        (VI, 48500, "USD", "48.500\u00a0US$"),
        (VI, 2450000000, None, "2.450.000.000\u00a0₫"),
        (VI, "-12.5", "USD", "-12,50\u00a0US$"),
    ],
)
def test_money_is_written_as_its_reader_writes_it(who, amount, currency, written):
    assert who.money(Decimal(str(amount)), currency) == written


@pytest.mark.parametrize(
    ("who", "amount", "currency", "written"),
    [
        (EN, 2450000000, "VND", "2.45\u00a0bn\u00a0₫"),
        (VI, 2450000000, "VND", "2,45\u00a0tỷ\u00a0₫"),
        (EN, 20660000000, "VND", "20.66\u00a0bn\u00a0₫"),
        (EN, 48500, "USD", "$48.5k"),
        (EN, 9600, "USD", "$9,600"),
        (EN, -1200000, "USD", "-$1.2\u00a0m"),
        (VI, 1200000, None, "1,2\u00a0tr"),
    ],
)
def test_sums_are_written_short(who, amount, currency, written):
    assert who.compact(Decimal(amount), currency) == written


def test_dates_are_written_as_their_reader_writes_them():
    moment = datetime(2026, 11, 28, 14, 30, tzinfo=UTC)

    assert (EN.date(date(2026, 11, 28)), VI.date(date(2026, 11, 28))) == ("28 Nov 2026", "28/11/2026")
    assert (EN.datetime(moment), VI.datetime(moment)) == ("28 Nov 2026, 21:30", "28/11/2026 21:30")
    assert (EN.day(moment, moment), EN.day(date(2025, 1, 2), moment)) == ("28 Nov", "2 Jan 2025")


def test_languages_we_did_not_write_by_hand_follow_cldr():
    german = reader("de", "Europe/Berlin", "EUR")

    assert german.money(Decimal("1250.5")) == "1.250,50\u00a0€"
    assert german.date(date(2026, 11, 28)) == "28.11.2026"


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(minutes=-5), "5 minutes ago"),
        (timedelta(hours=-1), "1 hour ago"),
        (timedelta(days=3), "in 3 days"),
        (timedelta(days=-90), "30 Aug 2026"),
    ],
)
def test_near_moments_are_told_by_their_distance(gap, said):
    now = datetime(2026, 11, 28, 14, 30, tzinfo=UTC)
    assert EN.relative(now + gap, now) == said


@given(AMOUNTS)
def test_a_number_in_a_form_comes_back_as_it_was(value):
    for who in (EN, VI, reader("de"), reader("fr")):
        assert who.read_number(who.typed_number(value)) == value


@pytest.mark.parametrize(
    ("who", "typed", "value"),
    [
        (VI, "48.500", "48500"),
        (VI, "48,5", "48.5"),
        (VI, "48.5", "48.5"),
        (VI, "0.125", "0.125"),
        (VI, "2.450.000.000", "2450000000"),
        (EN, "48,500", "48500"),
        (EN, "1250.5", "1250.5"),
        (EN, " 1 250 ", "1250"),
        (EN, "−3", "-3"),
        (EN, ".5", "0.5"),
    ],
)
def test_typed_numbers_are_read_the_readers_way(who, typed, value):
    assert who.read_number(typed) == Decimal(value)


@pytest.mark.parametrize("typed", ["1,5", "1,2345", "abc", "", "1e5", "--1", "1.2.3", "٣", "NaN", "Infinity", "1_000"])
def test_what_is_no_number_in_english_is_refused(typed):
    with pytest.raises(ValueError):
        EN.read_number(typed)


@given(some.dates())
def test_a_shown_date_can_be_typed_again(day):
    for who in (EN, VI):
        assert who.read_date(who.date(day)) == day
        assert who.read_date(day.isoformat()) == day


@given(some.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1), timezones=some.just(UTC)))
def test_a_moment_in_a_form_comes_back_as_it_was(moment):
    moment = moment.replace(microsecond=0)
    for who in (EN, VI):
        assert who.read_datetime(who.typed_datetime(moment)) == moment


def test_typed_input_is_neutral_until_a_page_says_who_types():
    assert current().language == "en" and current().zone == "UTC"
    with reading_as(VI):
        assert current() is VI
    assert current().language == "en"


def test_an_unknown_zone_is_utc():
    assert reader("en", "Mars/Olympus").datetime(datetime(2026, 1, 1, tzinfo=UTC)) == "1 Jan 2026, 00:00"
