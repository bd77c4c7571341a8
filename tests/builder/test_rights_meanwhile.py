"""Rights taken away while somebody looks, records or drafts: what is live counts, not what was when they began."""
from dataclasses import replace

import pytest

from metadata.model.validation_rule import ValidationRule
from runtime import publish
from runtime.app import create_app
from runtime.records import service, what_if
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

OWN = {"read": "own", "create": True, "edit": "own"}
SHUT = OWN | {"fields": {"fld_deals_amount": "hidden"}}
DESIGNS = ("layouts", "views", "validation_rules")


def designer(grants, accounts="all"):
    return replace(builders.a_role("designer", any={"read": "no"}, deals=grants, accounts={"read": accounts}), designs=DESIGNS)


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(
        builders.accounts(), builders.deals(), builders.a_role("manager"), designer(OWN),
        replace(builders.a_role("constructor", any={"read": "no"}), builder=True),
        builders.a_layout("deals", sections=({"name": "main", "label": "Main", "fields": ["name", "stage", "amount"]},)),
        builders.a_view("deals", ("name", "amount")))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    for name, roles in (("dao", ("designer",)), ("con", ("constructor", "manager"))):
        users.create(name, roles=roles, password=f"{name} password", full_name=name)
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def con(app):
    users.set_roles(users.get("con").id, ("constructor", "manager"))
    return signed_in(app, "con")


def test_who_looks_as_a_role_that_is_taken_from_them_looks_as_themselves(app, con):
    assert con.post("/builder/preview", data={"csrf_token": con.csrf, "role": "manager", "place": "/m/deals"}).status_code == 303
    assert con.get("/m/deals").status_code == 200

    users.set_roles(users.get("con").id, ("constructor",))

    assert con.get("/m/deals").status_code in (403, 404)


def test_who_records_as_a_role_that_is_taken_from_them_saves_nothing_as_it(app, con):
    begun = con.post("/builder/scenarios/record", data={"csrf_token": con.csrf, "role": "manager", "place": "/m/deals"})
    assert begun.status_code == 303
    assert con.post("/m/deals", data={"csrf_token": con.csrf, "name": "Theirs"}).status_code == 303

    users.set_roles(users.get("con").id, ("constructor",))

    assert con.post("/m/deals", data={"csrf_token": con.csrf, "name": "Not theirs"}).status_code in (403, 404)
    con.post("/builder/scenarios/record/drop", data={"csrf_token": con.csrf})


def test_a_draft_keeps_no_right_that_was_taken_away_since(app):
    dao, actor = signed_in(app, "dao"), users.actor_for("dao", "page")
    record = service.create(actor, "deals", {"name": "Mine", "amount": "4711"})
    form = {"csrf_token": dao.csrf, "c": '{"field": "amount", "operator": "above", "operand": 1}', "c:try": str(record.id)}

    def tried():
        return dao.post("/builder/criteria/try?module=deals&name=c", data=form).text

    assert dao.post("/builder/m/deals/views/all", data={"csrf_token": dao.csrf, "label": "Everything"}).status_code < 400
    assert "4,711" in tried() and "4,711" in dao.get("/builder/frame/m/deals").text

    publish.publish(HOUSE, published.refresh().definitions.with_document(designer(SHUT)))
    published.refresh()

    for shown in (tried(), dao.get("/builder/m/deals/views/all").text, dao.get("/builder/frame/m/deals").text,
                  dao.get(f"/builder/frame/m/deals/{record.id}").text):
        assert "4,711" not in shown and "4711" not in shown
    publish.publish(HOUSE, published.refresh().definitions.with_document(designer(OWN)))
    published.refresh()


def test_who_designs_rules_learns_nothing_of_what_stands_behind_a_link(app):
    publish.publish(HOUSE, published.refresh().definitions.with_document(designer(OWN, accounts="own")))
    published.refresh()
    actor = users.actor_for("dao", "page")
    theirs = service.create(HOUSE, "accounts", {"name": "Acme", "industry": "Arms"})
    service.create(actor, "deals", {"name": "Linked"})
    linked = service.create(HOUSE, "deals", {"name": "Given", "account": theirs.id, "owner": actor.user_id})
    rule = {"field": "account.industry", "operator": "is", "operand": "Arms"}

    def counted(who):
        made = ValidationRule(id="rule_x", name="x", module="deals", refuse_if=rule, message="-")
        finding, = what_if.what_if(published.current().definitions.with_document(made), actor=who, only=("rule_x",))
        return finding.count, [each.id for each in finding.examples]

    assert counted(users.actor_for("boss", "page")) == (1, [linked.id])
    assert counted(actor) == (0, [])
