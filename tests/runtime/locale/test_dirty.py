"""Cells as other programs export them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runtime.locale import dirty
from runtime.locale.reader import reader

AMOUNTS = some.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=3)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("$342.09K", "342090"),
        ("$1,117.10K", "1117100"),
        ("$22,700.00", "22700"),
        ("$1,009.784", "1009.784"),
        ("(1,200)", "-1200"),
        ("$0", "0"),
        ("1.250,50 €", "1250.5"),
        ("12%", "12"),
        ("2,45 tỷ ₫", "2450000000"),
        ("2.45 bn", "2450000000"),
        ("100-", "-100"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("€ 1'000.50", "1000.5"),
        ("USD 1,000", "1000"),
        ("1 234,50", "1234.5"),
        ("R$ 12", "12"),
        ("48.500,5\u00a0US$", "48500.5"),
        ("₫2.450.000", "2450000"),
        ("9,326.84", "9326.84"),
        ("7,982", "7982"),
    ],
)
def test_numbers_are_read_out_of_their_dress(cell, value):
    assert dirty.number(cell, {}) == Decimal(value)


@pytest.mark.parametrize(
    "cell", ["abc", "2019 to 2020", "12 abc", "1e5", "12-5", "-(5)", "Above 40K", "(5", "1,2,3", "--5", "5 5", ""]
)
def test_what_is_no_number_is_not_guessed(cell):
    with pytest.raises(ValueError):
        dirty.number(cell, {})


def test_the_column_decides_what_a_comma_means():
    assert dirty.number("1,250", {"decimal": ","}) == Decimal("1.25")
    assert dirty.number("1,250", {"decimal": "."}) == Decimal("1250")
    assert dirty.number("1.250", {"decimal": ","}) == Decimal("1250")


@given(AMOUNTS)
def test_our_own_money_is_read_again(value):
    assert dirty.number(reader("en").money(value, "USD"), {"decimal": "."}) == value
    assert dirty.number(reader("vi").money(value, "USD"), {"decimal": ","}) == value
    assert dirty.number(reader("de").money(value, "EUR"), {"decimal": ","}) == value


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("15 Apr, 2021 00:03:00", datetime(2021, 4, 15, 0, 3)),
        ("2021-04-15 23:03:00", datetime(2021, 4, 15, 23, 3)),
        ("2021-04-25", datetime(2021, 4, 25)),
        ("Apr 15, 2021 3:05 PM", datetime(2021, 4, 15, 15, 5)),
        ("15/04/21", datetime(2021, 4, 15)),
        ("20210415", datetime(2021, 4, 15)),
        ("Thu, 15 Apr 2021 10:00:00 +0700", datetime(2021, 4, 15, 3)),
        ("2021-04-15T10:00:00Z", datetime(2021, 4, 15, 10)),
        ("15.04.2021", datetime(2021, 4, 15)),
        ("15-Apr-21", datetime(2021, 4, 15)),
        ("4/15/2021 12:00 AM", datetime(2021, 4, 15)),
        ("15 tháng 4, 2021", datetime(2021, 4, 15)),
    ],
)
def test_dates_are_read_out_of_their_dress(cell, moment):
    assert dirty.datetime(cell, {}) == moment.replace(tzinfo=UTC)


@pytest.mark.parametrize("cell", ["32/01/2021", "Apr", "12:30", "yesterday", "2021-13-01", "0", "1/2/3/4", "31 Feb 2021"])
def test_what_is_no_date_is_not_guessed(cell):
    with pytest.raises(ValueError):
        dirty.datetime(cell, {})


def test_the_column_decides_whether_the_day_comes_first():
    hints = dirty.guess_hints(["03-07-2021 01:09", "21-07-2021 02:00", ""])

    assert hints == {"day_first": True}
    assert dirty.date("03-07-2021 01:09", hints) == date(2021, 7, 3)
    assert dirty.date("03-07-2021 01:09", dirty.guess_hints(["03-07-2021", "07/27/2021"])) == date(2021, 3, 7)
    with pytest.raises(ValueError):
        dirty.date("07/27/2021", {"day_first": True})


@pytest.mark.parametrize(
    ("cells", "hints"),
    [
        (["1,250", "$1,250.50"], {"decimal": "."}),
        (["1.250", "1.250,50"], {"decimal": ","}),
        (["7,982", "987"], {}),
        (["12.5", "3"], {"decimal": "."}),
        (["0,5"], {"decimal": ","}),
        (["2021-04-25"], {}),
        (["Sông Hàn, Đà Nẵng"], {}),
        ([], {}),
    ],
)
def test_hints_are_only_what_the_cells_tell(cells, hints):
    assert dirty.guess_hints(cells) == hints


def test_a_cell_without_an_offset_is_on_the_files_clock():
    assert dirty.datetime("2021-04-15 23:03:00", {"zone": "Asia/Ho_Chi_Minh"}) == datetime(2021, 4, 15, 16, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "answer"), [("Yes", True), ("TRUE", True), ("1", True), ("có", True), ("No", False), ("false", False), ("0", False)]
)
def test_answers_are_read(cell, answer):
    assert dirty.boolean(cell) is answer
