"""The record pipeline: what may be saved is saved whole, what may not leaves nothing behind."""
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from runtime.db.transaction import reading, transaction
from runtime.errors import Conflict, Invalid, NotFound, Refused, Stale
from runtime.records import service
from runtime.values import HOUSE
from tests.builders import a_rep

LAN = a_rep(7)
MINH = a_rep(8, "junior")
HOA = a_rep(9, "junior")
BLIND = a_rep(10, "blind")

pytestmark = pytest.mark.usefixtures("crm")


def events():
    with reading() as connection:
        return connection.execute(sa.text("SELECT name, record_id FROM house.event WHERE module IS NOT NULL ORDER BY id")).all()


def a_deal(actor=LAN, **values):
    return service.create(actor, "deals", {"name": "Trays", "stage": "Qualification"} | values)


def test_a_created_record_has_its_values_its_history_and_its_event():
    deal = a_deal(amount="48500.50", close_date="2026-11-28")

    read = service.read(LAN, "deals", deal.id)
    assert read["amount"] == Decimal("48500.50") and read["close_date"] == date(2026, 11, 28)
    assert read["owner"] == LAN.user_id and read.version == 1
    entry, = service.history_of(LAN, "deals", deal.id)
    assert entry.verb == "create" and entry.changed["amount"] == (None, Decimal("48500.50"))
    assert ("record.created", deal.id) in events()


def test_a_formula_is_worked_out_when_it_is_read():
    deal = a_deal(amount="1000")

    assert service.read(LAN, "deals", deal.id, ["weighted"])["weighted"] == Decimal(500)


def test_an_update_touches_only_what_was_given_and_raises_the_version():
    deal = a_deal(amount="10")

    changed = service.update(LAN, "deals", deal.id, {"stage": "Proposal"}, seen_version=1)

    assert changed.version == 2 and changed["amount"] == Decimal(10) and changed["stage"] == "Proposal"
    assert service.history_of(LAN, "deals", deal.id)[0].changed == {"stage": ("Qualification", "Proposal")}


def test_an_update_that_changes_nothing_leaves_no_trace():
    deal = a_deal()
    before = events()

    same = service.update(LAN, "deals", deal.id, {"name": "Trays"}, seen_version=1)

    assert same.version == 1 and events() == before


def test_the_slower_of_two_people_learns_who_came_first_and_what_changed():
    deal = a_deal()
    service.update(LAN, "deals", deal.id, {"stage": "Proposal"}, seen_version=1)

    with pytest.raises(Stale) as caught:
        service.update(LAN, "deals", deal.id, {"stage": "Closed Won"}, seen_version=1)

    assert caught.value.current["stage"] == "Proposal" and caught.value.base == {"stage": "Qualification"}
    assert service.read(LAN, "deals", deal.id).version == 2


@pytest.mark.parametrize(("given", "field"), [
    ({"stage": "Dreaming"}, "stage"), ({"amount": "much"}, "amount"), ({"name": ""}, "name"), ({"nonsense": 1}, "nonsense"),
    ({"id": 5}, "id"), ({"version": 9}, "version"), ({"weighted": 3}, "weighted"), ({"created_by": 3}, "created_by"),
    ({"account": 999999}, "account"), ({"name": "a\x00b"}, "name")])
def test_a_value_that_does_not_fit_is_refused_by_name_and_nothing_changes(given, field):
    deal = a_deal()
    before = events()

    with pytest.raises(Invalid) as caught:
        service.update(LAN, "deals", deal.id, given, seen_version=1)

    assert field in caught.value.errors
    assert service.read(LAN, "deals", deal.id).version == 1 and events() == before


def test_an_error_while_the_event_is_written_undoes_the_record(monkeypatch):
    deal = a_deal()

    with pytest.raises(RuntimeError), transaction():
        service.update(LAN, "deals", deal.id, {"stage": "Proposal"}, seen_version=1)
        raise RuntimeError

    assert service.read(LAN, "deals", deal.id)["stage"] == "Qualification"


def test_people_who_see_only_their_own_get_the_same_answer_for_others_and_for_nothing():
    deal = a_deal(MINH)

    with pytest.raises(NotFound) as others:
        service.read(HOA, "deals", deal.id)
    with pytest.raises(NotFound) as nothing:
        service.read(HOA, "deals", 99_999_999)
    assert others.value.message == nothing.value.message
    for verb in (lambda: service.update(HOA, "deals", deal.id, {"name": "Mine"}, seen_version=1),
                 lambda: service.delete(HOA, "deals", deal.id)):
        with pytest.raises(NotFound):
            verb()


def test_nobody_gives_a_record_away_who_may_not():
    deal = a_deal(MINH)

    with pytest.raises((Invalid, Refused)):
        service.update(MINH, "deals", deal.id, {"owner": 7}, seen_version=1)

    assert service.read(HOUSE, "deals", deal.id)["owner"] == MINH.user_id


def test_a_hidden_field_cannot_be_read_or_set_and_answers_like_an_unknown_one():
    deal = a_deal(amount="77")

    assert "amount" not in service.read(BLIND, "deals", deal.id).values
    assert "weighted" not in service.read(BLIND, "deals", deal.id).values
    said = {}
    for name in ("amount", "amounx"):
        with pytest.raises(Invalid) as caught:
            service.update(BLIND, "deals", deal.id, {name: "5"}, seen_version=1)
        said[name] = str(caught.value.errors).replace(name, "?")
    assert said["amount"] == said["amounx"]
    assert all("amount" not in entry.changed for entry in service.history_of(BLIND, "deals", deal.id))


def test_a_deleted_record_waits_in_the_recycle_bin_and_comes_back_as_it_was():
    deal = a_deal(amount="5")
    service.delete(LAN, "deals", deal.id)

    with pytest.raises(NotFound):
        service.read(LAN, "deals", deal.id)
    service.restore(LAN, "deals", deal.id)

    assert service.read(LAN, "deals", deal.id)["amount"] == Decimal(5)
    assert [entry.verb for entry in service.history_of(LAN, "deals", deal.id)] == ["restore", "delete", "create"]


def test_restoring_what_was_not_deleted_is_not_found():
    with pytest.raises((NotFound, Conflict)):
        service.restore(LAN, "deals", a_deal().id)
