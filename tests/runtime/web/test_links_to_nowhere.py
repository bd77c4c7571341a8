"""A link to a record that is deleted, or not for whoever asks, is empty on every channel; saving the rest leaves it as it is."""
import json
from urllib.parse import urlencode

import pytest

from runtime import publish, worker
from runtime.db.transaction import transaction
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.runtime.web.conftest import signed_in

NUMBER = 918_273_645
"""The id of the account nobody but administrators may see: no other figure of these pages looks like it."""


@pytest.fixture(scope="module")
def crm(app):
    everything = {"read": "all", "create": True, "edit": "all", "delete": "all", "import": True, "export": True, "give": True}
    builders.publish_all(
        builders.accounts(), builders.deals(a_field("note", of="deals"), a_field("code", of="deals")),
        builders.a_view("deals", ("name", "account", "note")),
        builders.a_layout("deals", sections=({"name": "main", "label": "Main", "columns": 2,
                                              "fields": ["name", "account", "note"]},)),
        builders.a_role("junior", accounts=everything | {"read": "own", "edit": "own", "delete": "own"}))
    users.sync_roles()
    users.create("junior", roles=("junior",), password="junior password", full_name="Junior")
    with transaction() as tx:
        tx.execute(published.current().table("accounts").insert().values(id=NUMBER, name="Bến Nghé Foods"))
    return NUMBER


@pytest.fixture
def deal(crm):
    first = service.create(HOUSE, "deals", {"name": "Trays"})
    service.update(HOUSE, "deals", first.id, {"account": crm}, seen_version=1)
    return first.id


class Client:
    def __init__(self, app, headers):
        self.app, self.headers = app.test_client(), headers

    def ask(self, method, path, body=None, headers=None, **query):
        query = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
        return self.app.open(f"/api/v1{path}?{urlencode(query)}", method=method, json=body, headers=self.headers | (headers or {}))


@pytest.fixture
def junior(app, crm, bearer):
    return Client(app, bearer("junior"))


def test_a_client_is_shown_no_number_of_what_it_may_not_see(junior, deal, crm):
    one = junior.ask("GET", f"/records/deals/{deal}")
    every = junior.ask("GET", "/records/deals", filter={"field": "id", "operator": "is", "operand": deal})
    past = junior.ask("GET", f"/records/deals/{deal}/history")
    grouped = junior.ask("GET", "/aggregate/deals", group="account")
    changed = junior.ask("PATCH", f"/records/deals/{deal}", {"note": "called"}, {"If-Match": '"2"'})

    assert one.json["account"] is None and every.json["records"][0]["account"] is None
    assert past.json["history"][0]["changed"] == {"account": [None, None]}
    assert changed.status_code == 200 and changed.json["account"] is None
    for answer in (one, every, past, grouped, changed):
        assert answer.status_code == 200 and str(crm) not in answer.text


@pytest.mark.parametrize("criteria", [
    {"field": "account", "operator": "is", "operand": NUMBER}, {"field": "account", "operator": "one_of", "operand": [NUMBER]},
    {"field": "account.id", "operator": "is", "operand": NUMBER}, {"expression": f"account = {NUMBER}"},
    {"not": {"expression": f"account <> {NUMBER}"}}, {"field": "account.name", "operator": "contains", "operand": "Foods"}])
def test_no_question_finds_out_where_a_link_leads(junior, deal, criteria):
    found = junior.ask("GET", "/records/deals", filter={"all": [{"field": "id", "operator": "is", "operand": deal}, criteria]})
    blank = junior.ask("GET", "/records/deals", filter={"all": [
        {"field": "id", "operator": "is", "operand": deal}, json.loads(json.dumps(criteria).replace(str(NUMBER), "4"))]})

    assert found.status_code == 200
    assert found.json["count"] == (1 if "not" in criteria else 0)
    assert "name" in str(criteria) or blank.json["count"] == found.json["count"]


@pytest.mark.parametrize("path", ["/m/deals", "/m/deals/{}", "/m/deals/{}/edit", "/m/deals/{}/panel/timeline", "/m/deals/export",
                                  "/m/deals/new?copy={}"])
def test_a_page_shows_no_number_of_what_one_may_not_see(app, deal, crm, path):
    page = signed_in(app, "junior").get(path.format(deal))

    assert page.status_code == 200 and str(crm) not in page.text and "Bến Nghé" not in page.text


def test_an_export_names_nothing_one_may_not_see(app, deal, crm):
    browser = signed_in(app, "junior")
    sent = browser.post("/m/deals/export", data={"csrf_token": browser.csrf})
    assert sent.status_code == 200 and "Bến Nghé" not in sent.text


def test_what_one_may_not_see_is_kept_when_it_comes_back_empty(app, junior, deal, crm):
    page = signed_in(app, "junior")
    page.put(f"/m/deals/{deal}", data={"version": "2", "name": "Renamed", "account": ""}, headers={"X-CSRFToken": page.csrf})
    sent = junior.ask("PATCH", f"/records/deals/{deal}", {"account": None, "note": "x"}, {"If-Match": '"3"'})

    assert sent.status_code == 200 and sent.json["name"] == "Renamed"
    assert service.read(HOUSE, "deals", deal).values["account"] == crm


def test_a_link_one_sees_can_be_emptied_and_one_that_one_does_not_be_replaced(junior, deal):
    mine = junior.ask("POST", "/records/accounts", {"name": "Mine"}).json["id"]

    taken = junior.ask("PATCH", f"/records/deals/{deal}", {"account": mine}, {"If-Match": '"2"'})
    emptied = junior.ask("PATCH", f"/records/deals/{deal}", {"account": None}, {"If-Match": '"3"'})

    assert (taken.json["account"], emptied.json["account"]) == (mine, None)
    assert service.read(HOUSE, "deals", deal).values["account"] is None


def test_a_link_to_a_deleted_record_is_empty_until_that_comes_back(app, crm, bearer):
    boss = Client(app, bearer("boss"))
    gone = boss.ask("POST", "/records/accounts", {"name": "Gone"}).json["id"]
    deal = boss.ask("POST", "/records/deals", {"name": "Cups", "account": gone}).json
    boss.ask("DELETE", f"/records/accounts/{gone}", headers={"If-Match": '"1"'})

    assert deal["account"] == gone
    assert boss.ask("GET", f"/records/deals/{deal['id']}").json["account"] is None
    assert boss.ask("PATCH", f"/records/deals/{deal['id']}", {"account": None, "note": "x"}, {"If-Match": '"1"'}).status_code == 200

    boss.ask("POST", f"/records/accounts/{gone}/restore", {})
    assert boss.ask("GET", f"/records/deals/{deal['id']}").json["account"] == gone


def test_a_module_may_have_more_links_than_a_question_may_hop(app, crm):
    links = [a_field(f"link{number}", "lookup", of="knots", settings={"module": "accounts"}) for number in range(30)]
    known = published.current().definitions
    publish.publish(HOUSE, known.with_document(builders.a_module("knots", *links)))
    worker.drain_all()
    knot = service.create(HOUSE, "knots", {"name": "Knot"} | {f"link{number}": crm for number in range(30)})

    assert signed_in(app, "boss").get(f"/m/knots/{knot.id}").status_code == 200
