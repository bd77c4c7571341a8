"""An amount, the currency it is in and what it is worth at home."""
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from runtime.db.transaction import transaction
from runtime.errors import Invalid
from runtime.locale import money
from runtime.locale.reader import reader
from runtime.values import Actor, Change, Moment
from tests.field_samples import CATALOGUE, field_of

CURRENCY = CATALOGUE.get("field_types", "currency")
FIELD = field_of(CURRENCY)


@pytest.fixture
def tx(database):
    money.forget()
    with transaction() as open_one:
        money.set_home_currency(open_one.connection, "USD")
        money.set_rate(open_one.connection, "EUR", date(2026, 1, 1), Decimal("1.10"))
        yield open_one
    money.forget()


def saved(tx, after, before=None, day=1):
    change = Change(Actor(1, "Lan"), SimpleNamespace(id="mod_deal"), "update" if before else "create", None, before or {},
                    (before or {}) | after, moment=Moment(datetime(2026, 6, day, tzinfo=UTC)))
    CURRENCY.derive(tx, FIELD, change)
    return change.after


def test_an_amount_without_a_currency_is_in_the_home_currency(tx):
    assert saved(tx, {"thing": Decimal("12.345")}) == {
        "thing": Decimal("12.345"), "thing.currency": "USD", "thing.home": Decimal("12.345")}


def test_a_foreign_amount_is_valued_when_it_changes_and_not_when_others_do(tx):
    first = saved(tx, {"thing": Decimal("100"), "thing.currency": "EUR"})
    assert first["thing.home"] == Decimal("110.00")

    money.set_rate(tx.connection, "EUR", date(2026, 6, 1), Decimal("1.20"))

    assert saved(tx, {"name": "x"}, first)["thing.home"] == Decimal("110.00")
    assert saved(tx, {"thing": Decimal("200")}, first)["thing.home"] == Decimal("240.00")


def test_a_removed_amount_leaves_no_currency_behind(tx):
    first = saved(tx, {"thing": Decimal("100"), "thing.currency": "EUR"})
    assert set(saved(tx, {"thing": None}, first).values()) == {None}
    assert set(saved(tx, {"thing": None, "thing.currency": "USD"}).values()) == {None}


def test_a_currency_without_a_rate_is_refused_by_name(tx):
    with pytest.raises(Invalid, match="There is no exchange rate for CHF"):
        saved(tx, {"thing": Decimal("1"), "thing.currency": "CHF"})


def test_it_shows_its_own_currency():
    value = {"": Decimal("2450000000"), "currency": "VND", "home": Decimal("96400")}

    assert CURRENCY.show(FIELD, value, reader("en")) == "2,450,000,000\u00a0₫"
    assert CURRENCY.show(FIELD, Decimal("5"), reader("en", "UTC", "USD")) == "$5"
    assert CURRENCY.pick(FIELD, {"thing": None, "thing.currency": None}) is None
