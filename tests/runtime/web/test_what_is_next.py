"""Deadlines on lists and the home page, the next step of a record, and what happened around it: all said by metadata."""
import re
from datetime import timedelta

import pytest

from runtime.db import clock
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.runtime.web.conftest import signed_in

HX = {"HX-Request": "true"}
OPEN = {"field": "stage", "operator": "one_of", "operand": ["Qualification", "Proposal"]}


@pytest.fixture(scope="module")
def crm(app):
    own = {"read": "own", "create": True, "edit": "own", "delete": "own", "import": False, "export": False}
    visits = builders.a_module("visits", a_field("at", "datetime", of="visits"), a_field("said", "long_text", of="visits"),
                               a_field("deal", "lookup", of="visits", settings={"module": "deals"}))
    tasks = builders.a_module("tasks", a_field("due", "date", of="tasks"),
                              a_field("deal", "lookup", of="tasks", settings={"module": "deals"}))
    builders.publish_all(
        builders.accounts(), visits, tasks, builders.deals(a_field("step", of="deals"), a_field("step_on", "date", of="deals")),
        builders.a_view("deals", ("name", "stage", "close_date"), "open", criteria=OPEN, deadlines=("close_date",),
                        sort=({"field": "close_date"},), settings={"home": 1}),
        builders.a_layout("deals", next_step={"field": "step", "on": "step_on"}, sections=(
            {"name": "main", "label": "Main", "fields": ["name", "stage"]},
            {"name": "next", "label": "Next", "fields": ["step", "step_on"], "show_if": OPEN}),
            related=({"module": "visits", "field": "deal", "columns": ["name"], "timeline": {"at": "at", "quote": "said"}},
                     {"module": "tasks", "field": "deal", "columns": ["name"], "timeline": {"at": "due"}})),
        builders.a_role("rep"), builders.a_role("own_visits", visits=own),
        builders.a_role("no_words", visits=own | {"read": "all", "fields": {"fld_visits_said": "hidden"}}))
    users.sync_roles()
    for name in ("own_visits", "no_words"):
        users.create(name, roles=(name,), password=f"{name} password")
    return published.current()


@pytest.fixture
def people(app, crm):
    return lambda name: signed_in(app, name)


def today(days=0):
    return (clock.now() + timedelta(days=days)).date().isoformat()


def a_deal(**values):
    return service.create(HOUSE, "deals", {"stage": "Proposal", "owner": users.get("lan").id} | values).id


def words(text):
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", text))


def test_a_view_of_open_deals_says_which_are_late_and_which_are_for_today(people, crm):
    for name, days in (("Late one", -8), ("Due one", 0), ("Calm one", 9)):
        a_deal(name=name, close_date=today(days))
    page = people("lan").get("/m/deals?view=open").text

    late, due, calm = (page.split(f">{name}<")[1].split("<tr")[0] for name in ("Late one", "Due one", "Calm one"))
    assert "data-tone=red" in late and "8 days late" in words(late)
    assert "data-tone=amber" in due and "today" in words(due)
    assert "b-due" not in calm


def test_once_the_views_own_condition_is_taken_off_nothing_is_called_late(people, crm):
    a_deal(name="Long won", close_date=today(-30), stage="Closed Won")
    page = people("lan").get("/m/deals?view=open&filter=[]").text

    assert "Long won" in page and "b-due" not in page


def test_the_home_page_greets_counts_and_puts_what_is_late_first(people, crm):
    for number in range(8):
        a_deal(name=f"More {number}", close_date=today(20))
    a_deal(name="Latest of all", close_date=today(-40))
    page = people("lan").get("/").text

    assert re.search("Good (morning|afternoon|evening), Lan Nguyễn", page)
    assert page.index("Latest of all") < page.index("40 days late")
    assert re.search(r'class="b-count">\d+<', page)


def test_a_record_shows_its_next_step_as_long_as_its_form_asks_for_one(people, crm):
    lan = people("lan")
    planned = lan.get(f"/m/deals/{a_deal(name='Planned', step='Send the contract', step_on=today(-2))}").text
    nothing = lan.get(f"/m/deals/{a_deal(name='Nothing planned')}").text
    won = lan.get(f"/m/deals/{a_deal(name='Won', stage='Closed Won', step='Old step')}").text

    assert "Send the contract" in planned and "2 days late" in planned and "?focus=step" in planned
    assert "Nothing is planned" in nothing
    assert "record_next" not in won


def test_the_timeline_holds_what_happened_around_a_record_by_the_rules_of_who_looks(people, crm):
    deal = a_deal(name="Visited")
    for name, days, owner in (("Plant visit", -3, "lan"), ("Board visit", -2, "own_visits"), ("Visit to come", 5, "lan")):
        service.create(HOUSE, "visits", {"name": name, "at": (clock.now() + timedelta(days=days)).isoformat(), "deal": deal,
                                         "said": f"Words of {name}", "owner": users.get(owner).id})
    service.create(HOUSE, "visits", {"name": "Elsewhere", "at": (clock.now() - timedelta(days=1)).isoformat()})
    panel = f"/m/deals/{deal}/panel/timeline"
    seen, owned, wordless = (people(name).get(panel, headers=HX).text for name in ("lan", "own_visits", "no_words"))

    assert seen.index("Board visit") < seen.index("Plant visit") and "Words of Plant visit" in seen
    assert "Visit to come" not in seen and "Elsewhere" not in seen
    assert "Board visit" in owned and "Plant visit" not in owned
    assert "Plant visit" in wordless and "Words of" not in wordless


def test_a_long_timeline_goes_on_where_it_stopped(people, crm):
    deal = a_deal(name="Often visited")
    for number in range(30):
        service.create(HOUSE, "visits", {"name": f"Visit {number:02}", "deal": deal,
                                         "at": (clock.now() - timedelta(hours=number + 1)).isoformat()})
    lan, panel = people("lan"), f"/m/deals/{deal}/panel/timeline"
    first = lan.get(panel, headers=HX).text
    further = lan.get(re.search(r'href="([^"]+before=\d+)"', first)[1].replace("&amp;", "&"), headers=HX).text

    told = re.findall(r"Visit \d\d", first) + re.findall(r"Visit \d\d", further)
    assert told == sorted(set(told)) and len(told) == 30
    assert lan.get(f"{panel}?before=99999999999999999999999", headers=HX).status_code == 200


def test_where_nothing_matches_the_page_says_how_many_there_are_without_the_filters(people, crm):
    a_deal(name="Somebody")
    told = words(people("lan").get("/m/deals?view=open&q=zzzz").text)

    assert re.search(r"Without these filters there are \d+\.", told)


def test_what_has_a_day_but_no_time_stands_in_the_timeline_too(people, crm):
    deal = a_deal(name="With tasks")
    service.create(HOUSE, "tasks", {"name": "Send samples", "deal": deal, "due": today(-3)})

    page = people("lan").get(f"/m/deals/{deal}/panel/timeline")

    assert page.status_code == 200 and "Send samples" in page.text
