"""Rows: what one process read arrives in another as it was, and a row says what its columns say."""
from datetime import UTC, date, datetime
from decimal import Decimal

from runtime.exchange.rows import UNSAID, Columns, packed, unpacked


def some_columns():
    columns = Columns([7, 8, 9])
    columns.put("name", ["A", "B", "C"], alone=True)
    columns.put("amount", [Decimal("1.50"), Decimal("0"), Decimal("1E+3")], alone=True)
    columns.put("opened", [datetime(2026, 11, 23, 8, tzinfo=UTC), None, None], alone=True)
    columns.put("score", [None, Decimal("2"), None], alone=True)
    columns.put("owner", [4, UNSAID, 5], alone=True)
    columns.of(1).problems += (("Amount", "x", "Enter a number."),)
    columns.of(2).later += (("parent", "Parent", "Z"),)
    return columns


def test_columns_become_rows():
    first, second, third = some_columns().rows()

    assert first.values == {"name": "A", "amount": Decimal("1.50"), "opened": datetime(2026, 11, 23, 8, tzinfo=UTC), "owner": 4}
    assert (first.blank, second.blank, third.blank) == (("score",), ("opened",), ("opened", "score"))
    assert "owner" not in second.values and third.values["owner"] == 5
    assert (second.row_no, second.problems, third.later) == (8, (("Amount", "x", "Enter a number."),), (("parent", "Parent", "Z"),))


def test_what_is_packed_arrives_as_it_was():
    arrived = unpacked(packed(some_columns()))

    assert arrived == some_columns() and arrived.rows() == some_columns().rows()
    assert str(arrived.full["amount"][2]) == "1E+3"


def test_of_two_columns_for_one_field_the_second_wins_where_it_says_something():
    columns = Columns([2, 3])
    columns.put("day", [date(2026, 1, 1), date(2026, 1, 2)], alone=False)
    columns.put("day", [None, date(2026, 2, 2)], alone=False)

    assert [row.values["day"] for row in columns.rows()] == [date(2026, 1, 1), date(2026, 2, 2)]


def test_no_rows_are_no_rows():
    assert Columns([]).rows() == [] and unpacked(packed(Columns([]))).numbers == []
