"""Validation rules are written in the builder, told in plain words, tried against the records there are, and published."""
import re

import pytest

from metadata import store
from runtime.app import create_app
from runtime.db.transaction import reading
from runtime.errors import Invalid
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

ROW = {"refuse_if:part": ["=group", "0=row"], "refuse_if::match": "all", "refuse_if:0:field": "amount", "refuse_if:0:was": "amount",
       "refuse_if:0:operator": "above", "refuse_if:0:operand": "1000"}


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.accounts(), builders.deals(), builders.a_role("rep"), builders.a_role("designer", deals={
        "read": "all", "fields": {"fld_deals_amount": "hidden"}}, ))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    for amount in (None, 5, 2000, 3000):
        service.create(HOUSE, "deals", {"name": f"Deal {amount}", "amount": amount})
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    made = signed_in(app, "boss")
    yield made
    post(made, "/builder/review/drop")


def post(client, address, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf})


def test_a_rule_is_written_seen_published_and_refuses(boss):
    made = post(boss, "/builder/m/deals/rules", **ROW, message="The amount is too large.", **{"message:vi": "Số tiền quá lớn."},
                field="amount", on=["create", "update"], active="1")
    assert made.status_code == 303
    told = boss.get("/builder/m/deals/rules").text
    assert "The amount is too large." in told and "Refused when Amount is above" in told

    page = boss.get("/builder/m/deals/rules/the_amount_is_too_large").text
    assert "Số tiền quá lớn." in page and re.search(r'name="refuse_if:0:operand" value="1,?000"', page)
    post(boss, "/builder/review", note="Rule")
    published.refresh()
    with pytest.raises(Invalid, match="too large"):
        service.create(HOUSE, "deals", {"name": "Big", "amount": "1001"})

    assert post(boss, "/builder/m/deals/rules/the_amount_is_too_large/switch").status_code == 303
    assert 'aria-checked="false"' in boss.get("/builder/m/deals/rules").text
    post(boss, "/builder/m/deals/rules/the_amount_is_too_large/remove")
    assert "No rules yet" in boss.get("/builder/m/deals/rules").text
    post(boss, "/builder/review", note="Gone")
    published.refresh()
    with reading() as connection:
        _number, live = store.published(connection)
    assert "validation_rules.deals.the_amount_is_too_large.message" not in live.translations["vi"].labels


def test_a_rule_says_whom_it_would_touch_before_it_is_kept(boss):
    told = post(boss, "/builder/m/deals/rules/what-if", **ROW).text
    assert "2 of 4 records could not be saved" in told and "Deal 2000" in told and "Deal 5" not in told
    assert "Add a condition" in post(boss, "/builder/m/deals/rules/what-if").text or "Build a condition first" in post(
        boss, "/builder/m/deals/rules/what-if").text
    assert "No rules yet" in boss.get("/builder/m/deals/rules").text


def test_what_is_missing_is_said_and_what_was_typed_stays(boss):
    answer = post(boss, "/builder/m/deals/rules", **ROW, message="")
    assert answer.status_code == 422 and "Write the sentence people read" in answer.text and "Choose when the rule" in answer.text
    wrong = post(boss, "/builder/m/deals/rules", **ROW | {"refuse_if:0:operand": "many"}, message="No.", on="create")
    assert wrong.status_code == 422 and 'value="many"' in wrong.text
    assert post(boss, "/builder/m/deals/rules", message="No.", on="create").status_code == 422
    added = post(boss, "/builder/m/deals/rules", **ROW, message="Kept", on="create", **{"refuse_if:do": "row@"})
    assert added.status_code == 200 and 'value="Kept"' in added.text and added.text.count("refuse_if:part") == 3


def test_a_copy_begins_switched_off(boss):
    post(boss, "/builder/m/deals/rules", **ROW, message="One", on="create", active="1")
    copied = post(boss, "/builder/m/deals/rules/one/copy")
    assert copied.location == "/builder/m/deals/rules/one_copy"
    assert "The rule is on" in boss.get(copied.location).text
    assert boss.get("/builder/m/deals/rules").text.count('aria-checked="false"') == 1


def test_only_those_who_may_build_come_in(app):
    lan = signed_in(app, "lan")
    for address in ("/builder/m/deals/rules", "/builder/m/deals/rules/new"):
        assert lan.get(address).status_code == 403
    for address in ("/builder/m/deals/rules", "/builder/m/deals/rules/what-if", "/builder/criteria?module=deals&name=c"):
        assert post(lan, address).status_code == 403


def test_the_api_says_what_a_rule_or_the_draft_would_touch(app, boss):
    key = users.token("boss", "script")
    client = app.test_client()

    def ask(content, key=key):
        return client.post("/api/v1/metadata/what-if", json=content, headers={"Authorization": f"Bearer {key}"})

    found, = ask({"module": "deals", "refuse_if": {"field": "amount", "operator": "above", "operand": 2500}}).get_json()["findings"]
    assert found["count"] == 1 and found["examples"][0]["title"] == "Deal 3000" and found["refuses"]
    assert ask({"module": "deals", "refuse_if": {"field": "none", "operator": "above", "operand": 1}}).status_code == 422
    assert ask({"module": "nowhere", "refuse_if": {}}).status_code == 422 and ask([]).status_code == 400
    assert ask({}).get_json()["findings"] == []
    post(boss, "/builder/m/deals/rules", **ROW, message="Two of them", on="update", active="1")
    assert [each["count"] for each in ask({}).get_json()["findings"]] == [2]
    assert ask({}, users.token("lan", "script")).status_code == 403
