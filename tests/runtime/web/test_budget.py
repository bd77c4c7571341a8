"""What a request may cost: SQL statements counted exactly, pages measured in bytes. Speed itself is judged by the benchmark."""
import gzip

import pytest

from runtime.db.transaction import transaction
from runtime.records import bulk, service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.counting import counted
from tests.runtime.web.conftest import signed_in

KB = 1024


@pytest.fixture(scope="module")
def crm(app):
    columns = ("name", "account", "stage", "amount", "close_date", "type", "owner", "updated_at")
    view = builders.a_view("deals", columns, sort=({"field": "close_date", "descending": True},), sums=("amount",))
    builders.publish_all(builders.accounts(), builders.deals(builders.a_field("type", of="deals")), view,
                         builders.a_layout("accounts", related=(
                             {"module": "deals", "field": "account", "columns": ["name", "stage"]},)),
                         builders.a_role("rep"))
    account = service.create(HOUSE, "accounts", {"name": "Bến Nghé Foods"}).id
    rows = [{"name": f"Frame contract {number} – corrugated boxes", "account": account, "stage": "Proposal",
             "amount": number * 1000 + 500, "amount.currency": "USD", "amount.home": number * 1000 + 500, "type": "New business",
             "owner": users.get("lan").id} for number in range(120)]
    with transaction() as tx:
        bulk.create_many(tx, HOUSE, "deals", rows)
    return account


@pytest.fixture
def rep(app, crm):
    client = signed_in(app, "lan")
    client.get("/m/deals")
    client.get("/m/accounts/1")
    return client


def test_a_list_takes_three_statements(rep):
    with counted() as said:
        assert rep.get("/m/deals").status_code == 200

    assert len(said) <= 3, said


def test_a_further_page_takes_two(rep):
    after = rep.get("/m/deals").text.split("after=")[1].split('"')[0]
    with counted() as said:
        assert rep.get(f"/m/deals?after={after}").status_code == 200

    assert len(said) <= 2, said


def test_a_record_takes_three_with_its_first_list_and_each_lazy_panel_one_more(rep, crm):
    with counted() as said:
        page = rep.get(f"/m/accounts/{crm}")
    assert len(said) <= 3, said
    assert "Frame contract 119" in page.text

    with counted() as said:
        assert rep.get(f"/m/accounts/{crm}/panel/related_0", headers={"HX-Request": "true"}).status_code == 200
    assert len(said) <= 3, said


def test_a_create_takes_five_with_history_and_event(rep, crm, bearer):
    headers = bearer("lan")
    rep.post("/api/v1/records/deals", json={"name": "First"}, headers=headers)
    with counted() as said:
        made = rep.post("/api/v1/records/deals", json={"name": "Trays", "stage": "Proposal", "amount": 5, "account": crm},
                        headers=headers)

    assert made.status_code == 201
    assert len(said) <= 5, said


def test_a_list_of_fifty_rows_stays_light(rep):
    page, swap = rep.get("/m/deals").data, rep.get("/m/deals", headers={"HX-Request": "true"}).data

    assert swap.count(b"<tr ") >= 51 and b"b-side" not in swap
    assert len(swap) <= 45 * KB and len(gzip.compress(swap)) <= 8 * KB
    assert len(page) <= 65 * KB and len(gzip.compress(page)) <= 14 * KB


def test_no_lookup_is_drawn_as_a_select_of_its_whole_module(rep):
    form = rep.get("/m/deals/new").text

    assert 'data-lookup="/lookup/accounts?' in form
    assert "Bến Nghé Foods" not in form


def test_the_published_version_is_asked_for_with_the_session_alone(rep):
    with counted() as said:
        rep.get("/m/deals/count")

    assert len(said) <= 2 and published.current().number
