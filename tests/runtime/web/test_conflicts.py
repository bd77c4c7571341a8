"""Two browsers on one record: the second learns who was first, keeps what does not collide, and chooses the rest per field."""
import re

import pytest

from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.runtime.web.conftest import signed_in

HX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def crm(app):
    blind = {"read": "all", "create": True, "edit": "all", "delete": "all", "fields": {"fld_deals_amount": "hidden"}}
    builders.publish_all(builders.accounts(), builders.deals(a_field("note", of="deals"), a_field("site", "address", of="deals")),
                         builders.a_layout("deals", sections=({"name": "main", "label": "Main", "columns": 2, "fields": [
                             "name", "stage", "amount", "account", "note", "site"]},)),
                         builders.a_role("rep"), builders.a_role("blind", deals=blind))
    users.sync_roles()
    users.create("blind", roles=("blind",), password="blind password")
    return {name: service.create(HOUSE, "accounts", {"name": name}).id for name in ("North", "South")}


@pytest.fixture
def deal(crm):
    return service.create(HOUSE, "deals", {"name": "Trays", "stage": "Proposal", "amount": 100, "note": "as it was",
                                           "account": crm["North"], "site": {"city": "Huế"}}).id


@pytest.fixture
def save(app, crm, deal):
    """save("lan", version, name=…): what her browser sends when she saves the form she opened at that version."""
    def send(person, version, **given):
        client = signed_in(app, person)
        form = {"name": "Trays", "stage": "Proposal", "amount": "100", "amount.currency": "USD", "account": str(crm["North"]),
                "note": "as it was", "site.city": "Huế", "site.street": ""} | given
        return client.open(f"/m/deals/{deal}", method="PUT", headers=HX,
                           data=form | {"version": str(version), "csrf_token": client.csrf})
    return send


def held(number):
    return service.read(HOUSE, "deals", number)


def choices(page):
    return dict(re.findall(r'name="(keep:[a-z._]+)" value="(mine|theirs)" checked', page.text) or re.findall(
        r'name="(keep:[a-z._]+)"[^>]*value="(mine|theirs)"[^>]*checked', page.text))


def test_the_second_sees_whose_change_came_first_and_chooses_per_field(save, deal):
    assert save("boss", 1, stage="Closed Won", note="from the boss").status_code == 200

    page = save("lan", 1, stage="Closed Lost", amount="250")

    assert page.status_code == 409 and "Bo Boss" in page.text
    assert 'name="version" value="2"' in page.text and "keep:stage" in page.text
    assert held(deal)["stage"] == "Closed Won" and held(deal).version == 2

    kept = save("lan", 2, stage="Closed Lost", amount="250", note="from the boss", **{"keep:stage": "theirs"})
    assert kept.status_code == 200
    now = held(deal)
    assert (now["stage"], now["amount"], now["note"], now.version) == ("Closed Won", 250, "from the boss", 3)


def test_mine_may_win_too(save, deal):
    save("boss", 1, stage="Closed Won")
    save("lan", 1, stage="Closed Lost")

    assert save("lan", 2, stage="Closed Lost", **{"keep:stage": "mine"}).status_code == 200
    assert held(deal)["stage"] == "Closed Lost"


def test_what_only_the_first_changed_is_in_the_second_s_form(save, deal, crm):
    save("boss", 1, note="from the boss", account=str(crm["South"]), **{"site.city": "Vinh"})

    page = save("lan", 1, amount="250")

    assert page.status_code == 409
    assert 'value="from the boss"' in page.text and "South" in page.text and "Vinh" in page.text and 'value="250"' in page.text


def test_a_third_change_meanwhile_is_asked_about_again(save, deal):
    save("boss", 1, stage="Closed Won")
    assert save("lan", 1, stage="Closed Lost").status_code == 409
    save("boss", 2, stage="Qualification", note="third")

    page = save("lan", 2, stage="Closed Lost", **{"keep:stage": "mine"})
    assert page.status_code == 409 and 'name="version" value="3"' in page.text
    assert held(deal)["stage"] == "Qualification"


def test_a_form_without_its_version_saves_nothing(save, deal):
    assert save("lan", "").status_code == 422
    assert save("lan", "x").status_code == 422
    assert held(deal).version == 1


def test_a_hidden_change_of_another_is_not_told(save, deal, app):
    service.update(HOUSE, "deals", deal, {"amount": 31337, "stage": "Closed Won"}, seen_version=1)
    client = signed_in(app, "blind")

    page = client.open(f"/m/deals/{deal}", method="PUT", headers=HX,
                       data={"csrf_token": client.csrf, "version": "1", "name": "Trays", "stage": "Closed Lost"})
    assert page.status_code == 409 and "31337" not in page.text and "31,337" not in page.text and "Amount" not in page.text
