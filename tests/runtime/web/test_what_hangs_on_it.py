"""What hangs on a field somebody may not read (views, sections, buttons, moments) does not tell them about it either."""
import re

import pytest

from metadata.model.button import Button
from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.runtime.web.conftest import signed_in

HOME = {"home": 1}


@pytest.fixture(scope="module")
def deal(app):
    everything = {"read": "all", "create": True, "edit": "all", "delete": "all", "import": True, "export": True, "give": True}
    won = {"field": "stage", "operator": "is", "operand": "Closed Won"}
    wealthy = {"field": "account.secret", "operator": "is", "operand": "wealthy"}
    sections = ({"name": "main", "label": "Main", "columns": 2, "fields": ["name", "stage"]},
                {"name": "after", "label": "After the sale", "columns": 2, "fields": ["note"], "show_if": won},
                {"name": "before", "label": "Before the sale", "columns": 2, "fields": ["plan"], "show_if": {"not": won}},
                {"name": "wealthy", "label": "Of a wealthy account", "columns": 2, "fields": ["gift"], "show_if": wealthy})
    builders.publish_all(
        builders.accounts(),
        builders.deals(a_field("note", of="deals"), a_field("plan", of="deals"), a_field("gift", of="deals"),
                       a_field("stage_since", "since", of="deals", settings={"field": "stage"})),
        builders.a_view("deals", ("name", "stage"), criteria={"all": [won]}, settings=HOME),
        builders.a_view("deals", ("name", "stage"), "plain", sort=({"field": "stage"},), position=2, settings={"home": 2}),
        builders.a_layout("deals", sections=sections),
        Button(id="btn_thank", name="thank", module="deals", label="Thank them", show_if=won,
               actions=({"action": "update_field", "settings": {"field": "note", "value": "thanked"}},)),
        builders.a_role("rep"),
        builders.a_role("blind", deals=everything | {"fields": {"fld_deals_stage": "hidden"}},
                        accounts=everything | {"read": "own", "fields": {"fld_accounts_secret": "hidden"}}))
    users.sync_roles()
    users.create("blind", roles=("blind",), password="blind password", full_name="Blind")
    account = service.create(HOUSE, "accounts", {"name": "Bến Nghé Foods", "secret": "wealthy"}).id
    return service.create(HOUSE, "deals", {"name": "Trays", "stage": "Closed Won", "account": account, "note": "sent roses",
                                           "plan": "call first", "gift": "wine"}).id


@pytest.fixture
def blind(app, deal):
    return signed_in(app, "blind")


def test_who_may_read_everything_sees_what_hangs_on_the_stage(boss, deal):
    page = boss.get(f"/m/deals/{deal}").text

    assert "After the sale" in page and "Of a wealthy account" in page and "Thank them" in page and "Before the sale" not in page
    assert "Trays" in boss.get("/").text


@pytest.mark.parametrize("path", ["/m/deals/{}", "/m/deals/{}/edit", "/m/deals/new"])
def test_sections_and_buttons_that_hang_on_a_hidden_field_are_not_there(blind, deal, path):
    page = blind.get(path.format(deal))

    assert page.status_code == 200
    assert not re.search(r"the sale|wealthy|Thank them|stage|secret|Closed Won", page.text, re.IGNORECASE)


def test_a_button_that_hangs_on_a_hidden_field_is_refused_whatever_the_field_holds(blind, deal):
    won = blind.post(f"/m/deals/{deal}/button/thank", data={"csrf_token": blind.csrf})
    open_one = service.create(HOUSE, "deals", {"name": "Cups", "stage": "Proposal"}).id
    proposed = blind.post(f"/m/deals/{open_one}/button/thank", data={"csrf_token": blind.csrf})

    assert won.status_code == proposed.status_code == 403
    assert service.read(HOUSE, "deals", deal).values["note"] == "sent roses"


def test_the_home_page_leaves_out_the_views_one_may_not_ask(blind):
    page = blind.get("/")

    assert page.status_code == 200
    assert "view=plain" in page.text and "view=all" not in page.text


def test_a_list_whose_standard_view_asks_a_hidden_field_opens_with_another(blind):
    page = blind.get("/m/deals")

    assert page.status_code == 200 and "Trays" in page.text
    assert blind.get("/m/deals?view=all").text.replace("all", "?").count("There is no view") == 1


def test_a_client_is_told_of_the_views_it_can_open(app, bearer, deal):
    told = app.test_client().get("/api/v1/metadata", headers=bearer("blind")).get_json()

    assert [view["name"] for module in told["modules"] if module["name"] == "deals" for view in module["views"]] == ["plain"]


def test_when_a_hidden_field_changed_is_hidden_too(app, bearer, deal):
    shown = app.test_client().get(f"/api/v1/records/deals/{deal}", headers=bearer("blind")).get_json()
    asked = app.test_client().get("/api/v1/records/deals?sort=stage_since", headers=bearer("blind"))

    assert "stage_since" not in shown and asked.get_json()["code"] == "unknown_field"


@pytest.mark.parametrize("path", ["/m/users", "/m/users/1", "/m/users/count", "/m/users/columns", "/m/users/filter",
                                  "/m/users/sums", "/m/users/new", "/m/users/1/panel/timeline", "/m/users/1/delete",
                                  "/api/v1/records/users", "/api/v1/records/users/1", "/api/v1/records/users/1/history",
                                  "/api/v1/aggregate/users"])
def test_people_are_no_records(boss, bearer, deal, path):
    answer = boss.get(path, headers=bearer("boss") if path.startswith("/api") else {})

    assert answer.status_code == 404
