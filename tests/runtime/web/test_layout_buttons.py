"""Buttons on a record's page: those its layout names, in its order; the first in the header, the others in its menu."""
import re

import pytest

from metadata.model.button import Button
from runtime.records import buttons, service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import signed_in

BIG = {"field": "size", "operator": "is", "operand": "Big"}
NOTE = {"action": "update_field", "settings": {"field": "note", "value": "pressed"}}
NAMES = ("call", "bill", "ship", "thank", "close")


def a_button(name, **properties):
    return Button(**{"id": f"btn_{name}", "name": name, "module": "accounts", "label": name.capitalize(), "actions": (NOTE,)}
                  | properties)


@pytest.fixture(scope="module")
def crm(app):
    sizes = {"choices": [{"value": each, "label": each} for each in ("Big", "Small", "None")]}
    sections = ({"name": "main", "label": "Main", "fields": ["name", "size", "note"]},)
    builders.publish_all(
        builders.a_module("accounts", builders.a_field("size", "picklist", of="accounts", settings=sizes),
                          builders.a_field("note", of="accounts")),
        *(a_button(name) for name in NAMES), a_button("theirs", roles=("role_other",)), a_button("big", show_if=BIG),
        builders.a_layout("accounts", sections=sections),
        builders.a_layout("accounts", id="lay_small", name="small", sections=sections, buttons=("thank", "big", "call", "theirs"),
                          default=False, condition={"field": "size", "operator": "is", "operand": "Small"}),
        builders.a_layout("accounts", id="lay_none", name="none", sections=sections, buttons=(), default=False,
                          condition={"field": "size", "operator": "is", "operand": "None"}),
        builders.a_role("rep"), builders.a_role("other"))
    users.sync_roles()
    users.create("one_rep", roles=("rep",), password="one rep password")
    return published.current()


@pytest.fixture
def rep(app, crm):
    return signed_in(app, "one_rep")


def shown(client, size):
    """(in the header, in the menu) of the page of a new record."""
    page = client.get(f"/m/accounts/{an_account(size)}").text
    head, menu = page[:page.index('id="record_more"')], page[page.index('id="record_more"'):]
    return tuple(re.findall(r'formaction="/m/accounts/\d+/button/(\w+)"', part) for part in (head, menu))


def an_account(size):
    return service.create(HOUSE, "accounts", {"name": "Lan's", "size": size}).id


def test_a_layout_that_names_none_shows_all_and_folds_those_behind_the_third(rep):
    assert shown(rep, "Big") == (["big", "bill", "call"], ["close", "ship", "thank"])


def test_a_layout_shows_those_it_names_in_its_order_where_role_and_condition_let_them(rep):
    assert shown(rep, "Small") == (["thank", "call"], [])


def test_a_layout_may_show_none(rep):
    assert shown(rep, "None") == ([], [])


def test_a_button_off_the_layout_is_arranged_away_and_not_forbidden(rep):
    account = an_account("None")

    answer = rep.post(f"/m/accounts/{account}/button/ship", data={"csrf_token": rep.csrf})

    assert answer.status_code == 303 and service.read(HOUSE, "accounts", account).values["note"] == "pressed"
    assert rep.post(f"/m/accounts/{account}/button/theirs", data={"csrf_token": rep.csrf}).status_code == 403


def test_a_name_the_layout_holds_and_the_person_has_not_is_passed_over():
    layout = builders.a_layout("accounts", buttons=("ship", "gone", "call"))

    stand = buttons.arranged(layout, [a_button("call"), a_button("bill"), a_button("ship")])

    assert [each.name for each in stand] == ["ship", "call"]
