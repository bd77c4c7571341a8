"""Layout rules: fields and sections come and go with the values, and what is required or locked holds on every channel."""
import re

import pytest

from metadata.model.layout_rule import LayoutRule
from runtime.errors import Invalid
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.counting import counted
from tests.runtime.web.conftest import signed_in

HX = {"HX-Request": "true"}
LOST = {"field": "stage", "operator": "is", "operand": "Closed Lost"}
WON = {"field": "stage", "operator": "is", "operand": "Closed Won"}
BIG = {"field": "size", "operator": "is", "operand": "Big"}
SIZES = {"choices": [{"value": "Big", "label": "Big"}, {"value": "Small", "label": "Small"}]}


def a_rule(name, when, **does):
    return LayoutRule(id=f"lrule_{name}", name=name, module="deals", label=name.replace("_", " ").capitalize(), when=when, **does)


@pytest.fixture(scope="module")
def crm(app):
    builders.publish_all(
        builders.accounts(),
        builders.deals(a_field("reason", of="deals"), a_field("paid_on", "date", of="deals"), a_field("hidden", of="deals"),
                       a_field("size", "picklist", of="deals", settings=SIZES), a_field("site", of="deals"),
                       a_field("note", of="deals")),
        builders.a_layout("deals", highlights=("reason",), sections=(
            {"name": "main", "label": "Main", "fields": ["name", "stage", "amount", "reason", "size"]},
            {"name": "payment", "label": "Payment", "fields": ["paid_on"]},
            {"name": "notes", "label": "Notes", "fields": ["note"], "show_if": BIG})),
        builders.a_layout("deals", id="lay_deals_big", name="big", label="Big", condition=BIG, sections=(
            {"name": "site", "label": "The site", "fields": ["name", "stage", "size", "site"]},)),
        a_rule("lost_deals_say_why", LOST, show=("reason",), require=("reason",)),
        a_rule("won_deals_are_paid", WON, show_sections=("payment",), require=("paid_on", "note")),
        a_rule("won_amounts_stay", WON, read_only=("amount",)),
        a_rule("secret", {"field": "hidden", "operator": "not_empty"}, hide=("size",), require=("site",)),
        a_rule("only_big", LOST, layout="lay_deals_big", require=("site",)),
        builders.a_role("rep", deals={"read": "all", "create": True, "edit": "all", "fields": {"fld_deals_hidden": "hidden"}}),
        builders.a_role("reader", deals={"read": "all", "create": True, "edit": "all", "fields": {"fld_deals_reason": "read"}}))
    users.sync_roles()
    for name in ("rep", "reader"):
        users.create(f"one_{name}", roles=(name,), password=f"one {name} password")
    return published.current()


@pytest.fixture
def rep(app, crm):
    return signed_in(app, "one_rep")


def actor(name="rep"):
    return users.actor_for(users.get(f"one_{name}").id, "api")


def a_deal(**values):
    return service.create(HOUSE, "deals", {"name": "Deal"} | values).id


def form_of(page):
    """{field: (hidden, locked, required)} of the ruled fields drawn."""
    found = {}
    for tag in re.finditer(r'<div class="b-field[^>]*data-ruled="(\w+)"([^>]*)>(.*?)</label>', page, re.S):
        found[tag[1]] = ("hidden" in tag[2], "inert" in tag[2], "b-req" in tag[3])
    return found


def changed(deal, given, who="rep"):
    version = service.read(HOUSE, "deals", deal).version
    return service.update(actor(who), "deals", deal, given, seen_version=version)


# What stands there

def test_a_page_shows_what_the_rules_in_force_show(rep):
    lost = rep.get(f"/m/deals/{a_deal(stage='Closed Lost', reason='Too dear')}").text
    still_open = rep.get(f"/m/deals/{a_deal(stage='Proposal', reason='Kept but hidden')}").text

    assert "Too dear" in lost and "Payment" not in lost
    assert "Kept but hidden" not in still_open


def test_the_page_takes_no_more_statements(rep):
    deal = a_deal(stage="Closed Won")
    rep.get(f"/m/deals/{deal}")
    with counted() as said:
        assert rep.get(f"/m/deals/{deal}").status_code == 200

    assert len(said) <= 3, said


def test_a_form_draws_hidden_fields_hidden_and_marks_what_is_required_now(rep):
    still_open = form_of(rep.get(f"/m/deals/{a_deal(stage='Proposal')}/edit").text)
    lost = form_of(rep.get(f"/m/deals/{a_deal(stage='Closed Lost')}/edit").text)

    assert still_open["reason"] == (True, False, False)
    assert lost["reason"] == (False, False, True)


def test_a_form_locks_what_nobody_changes_now(rep):
    assert form_of(rep.get(f"/m/deals/{a_deal(stage='Closed Won')}/edit").text)["amount"] == (False, True, False)
    assert form_of(rep.get(f"/m/deals/{a_deal(stage='Proposal')}/edit").text)["amount"] == (False, False, False)


def test_a_rule_about_what_one_may_not_read_is_not_seen(rep, boss):
    deal = a_deal(hidden="x")

    assert form_of(rep.get(f"/m/deals/{deal}/edit").text)["size"][0] is False
    assert form_of(boss.get(f"/m/deals/{deal}/edit").text)["size"][0] is True


# While one types

def test_the_form_answers_to_what_is_typed(rep):
    typed = {"name": "New", "stage": "Closed Lost", "_layout": "standard", "csrf_token": rep.csrf}
    said = rep.post("/m/deals/form", data=typed, headers=HX).json

    assert said["fields"]["reason"] == {"hidden": False, "locked": False, "required": True}
    assert said["sections"] == {"payment": True}


def test_what_is_typed_leads_to_another_layout_and_nothing_of_it_is_lost(rep):
    typed = {"name": "New", "size": "Big", "reason": "typed before", "amount": "12.5", "amount.currency": "USD",
             "_layout": "standard", "csrf_token": rep.csrf}
    page = rep.post("/m/deals/form", data=typed, headers=HX).text

    assert "The site" in page and 'value="New"' in page and 'name="_layout" value="big"' in page
    assert 'name="reason" value="typed before"' in page
    assert '<input type="hidden" name="amount" value="12.5"' in page


def test_asking_for_somebody_elses_form_is_refused(rep):
    assert rep.post("/m/deals/form", data={"_record": "999999", "csrf_token": rep.csrf}, headers=HX).status_code == 404


# What must be filled in

def test_what_a_rule_requires_is_refused_at_its_field_on_the_form(rep):
    page = rep.post("/m/deals", data={"name": "New", "stage": "Closed Lost", "reason": "", "csrf_token": rep.csrf})

    assert page.status_code == 422
    assert "Reason is required now: “Lost deals say why”." in page.text
    assert form_of(page.text)["reason"] == (False, False, True)


def test_it_is_refused_by_the_api_too(rep, bearer):
    made = rep.post("/api/v1/records/deals", json={"name": "New", "stage": "Closed Lost"}, headers=bearer("one_rep"))

    assert made.status_code == 422
    assert "reason" in made.json["errors"]


def test_a_change_that_brings_a_rule_into_force_has_to_obey_it():
    deal = a_deal(stage="Proposal")
    with pytest.raises(Invalid) as refused:
        changed(deal, {"stage": "Closed Lost"})

    assert set(refused.value.errors) == {"reason"}
    assert changed(deal, {"stage": "Closed Lost", "reason": "Too dear"}).values["reason"] == "Too dear"


def test_what_was_empty_before_a_rule_was_made_does_not_stop_other_changes():
    deal = a_deal(stage="Closed Lost")

    assert changed(deal, {"name": "Called otherwise"}).values["name"] == "Called otherwise"
    with pytest.raises(Invalid):
        changed(deal, {"reason": ""})


def test_what_a_section_hides_is_not_required():
    """note stands in a section for big deals only."""
    assert service.create(actor(), "deals", {"name": "Small", "stage": "Closed Won", "paid_on": "2026-01-02"}).id


def test_nobody_is_asked_for_what_they_may_not_fill_in():
    assert service.create(actor("reader"), "deals", {"name": "New", "stage": "Closed Lost"}).id


def test_a_rule_of_one_layout_is_in_force_in_that_layout_only():
    service.create(actor(), "deals", {"name": "New", "stage": "Closed Lost", "reason": "x"})
    with pytest.raises(Invalid) as refused:
        service.create(actor(), "deals", {"name": "New", "stage": "Closed Lost", "reason": "x", "size": "Big"})

    assert set(refused.value.errors) == {"site"}


def test_hidden_values_are_kept():
    deal = a_deal(stage="Closed Lost", reason="Too dear")
    changed(deal, {"stage": "Proposal"})

    assert service.read(HOUSE, "deals", deal).values["reason"] == "Too dear"


# What is locked

def test_a_locked_value_is_refused_at_its_field_and_let_go_with_the_rule():
    deal = a_deal(stage="Closed Won", amount=5, paid_on="2026-01-02")
    with pytest.raises(Invalid) as refused:
        changed(deal, {"amount": 6})

    assert refused.value.errors == {"amount": ["Amount cannot be changed now: “Won amounts stay”."]}
    assert changed(deal, {"amount": 6, "stage": "Proposal"}).values["amount"] == 6


def test_a_form_that_sends_a_locked_value_as_it_was_is_saved():
    deal = a_deal(stage="Closed Won", amount=5, paid_on="2026-01-02")

    assert changed(deal, {"amount": "5", "name": "Paid"}).values["name"] == "Paid"


def test_a_new_record_begins_with_what_is_locked_as_it_is():
    with pytest.raises(Invalid) as refused:
        service.create(actor(), "deals", {"name": "New", "stage": "Closed Won", "amount": 7, "paid_on": "2026-01-02"})

    assert set(refused.value.errors) == {"amount"}
