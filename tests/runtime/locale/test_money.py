"""The home currency, dated rates and what an amount is worth at home."""
from datetime import date
from decimal import Decimal

import pytest

from runtime.db import setting
from runtime.db.transaction import transaction
from runtime.locale import money


@pytest.fixture(autouse=True)
def fresh(database):
    money.forget()
    yield
    money.forget()


def test_an_amount_is_worth_what_the_rate_of_its_day_says():
    with transaction() as tx:
        money.set_home_currency(tx.connection, "USD")
        money.set_rate(tx.connection, "EUR", date(2026, 1, 1), Decimal("1.10"))
        money.set_rate(tx.connection, "EUR", date(2026, 6, 1), Decimal("1.20"))

        known = money.rates(tx.connection)

    assert known.home_value(Decimal("100"), "EUR", date(2026, 3, 1)) == Decimal("110.00")
    assert known.home_value(Decimal("100"), "EUR", date(2026, 6, 1)) == Decimal("120.00")
    assert known.home_value(Decimal("100"), "EUR", date(2020, 1, 1)) == Decimal("110.00")
    assert known.home_value(Decimal("0.005"), "EUR", date(2026, 6, 1)) == Decimal("0.01")
    assert known.home_value(Decimal("1.23456"), "USD", date(2026, 6, 1)) == Decimal("1.23456")
    assert known.home_value(Decimal("1"), "CHF", date(2026, 6, 1)) is None
    assert known.known() == ("USD", "EUR")


def test_the_home_currency_can_be_set_and_falls_back_to_the_environment(monkeypatch):
    with transaction() as tx:
        setting.remove(tx, money.HOME)
    monkeypatch.setenv("HOME_CURRENCY", "vnd")
    assert money.home_currency() == "VND"

    with transaction() as tx:
        money.set_home_currency(tx.connection, "EUR")
        assert money.rates(tx.connection).home == "EUR"
    assert money.home_currency() == "EUR"


def test_unknown_currencies_are_refused():
    with transaction() as tx, pytest.raises(ValueError, match="'ABC' is not a currency code"):
        money.set_home_currency(tx.connection, "ABC")
