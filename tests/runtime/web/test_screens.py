"""What the screens say and hide: phone rows, folded sections, minutes, short sentences, headings of pages opened by link."""
import re

import pytest

from runtime.records import shown
from runtime.security import users
from runtime.tables import published
from tests import builders
from tests.builders import a_field
from tests.runtime.web.conftest import signed_in

LETTERS = tuple({"value": letter, "label": f"Letter {letter}"} for letter in "abcdefg")


@pytest.fixture(scope="module")
def crm(app):
    builders.publish_all(
        builders.accounts(a_field("founded", "integer", of="accounts", settings={"ungrouped": True})),
        builders.deals(a_field("seen", "datetime", of="deals", default="now"),
                       a_field("letter", "picklist", of="deals", settings={"choices": list(LETTERS)}),
                       a_field("key", of="deals", help="The key in another system.")),
        builders.a_layout("deals", sections=(
            {"name": "main", "label": "Main", "fields": ["name", "account", "stage", "amount", "seen", "letter"]},
            {"name": "system", "label": "Record", "fields": ["key"], "collapsed": True})),
        builders.a_role("rep"))
    users.sync_roles()
    return published.current()


@pytest.fixture
def rep(app, crm):
    return signed_in(app, "boss")


def test_a_phones_row_shows_what_is_summed_else_a_day_and_words_before_a_coloured_choice(rep, crm):
    actor, deals = users.actor_for(users.get("boss").id, "page"), crm.module("deals")
    paths = ("name", "letter", "stage", "weighted", "amount", "close_date", "key")
    columns = [shown.field(crm, actor, deals, path) for path in paths]

    assert shown.roles_of_columns(columns, deals, ["amount"]) == ["title", "hide", "state", "hide", "value", "meta", "hide"]
    assert shown.roles_of_columns(columns[:4], deals) == ["title", "meta", "state", "value"]
    assert shown.roles_of_columns([columns[0], columns[5]], deals) == ["title", "value"]


def test_a_folded_section_is_folded_in_the_form_and_opens_for_an_error(rep):
    form = rep.get("/m/deals/new").text
    refused = rep.post("/m/deals", data={"name": "Long key", "key": "k" * 5000}, headers={"X-CSRFToken": rep.csrf}).text

    assert re.search(r"<details [^>]*b-fold\"><summary>Record</summary>", form)
    assert re.search(r"<details [^>]*b-fold\" open><summary>Record</summary>", refused)


def test_a_moment_filled_in_beforehand_has_no_seconds(rep):
    form = rep.get("/m/deals/new").text

    assert re.search(r'name="seen"[^>]*value="\d{4}-\d\d-\d\dT\d\d:\d\d"|value="\d{4}-\d\d-\d\dT\d\d:\d\d"[^>]*name="seen"', form)


def test_a_year_is_written_without_a_thousands_separator(rep):
    made = rep.post("/m/accounts", data={"name": "Old mill", "founded": "1998"}, headers={"X-CSRFToken": rep.csrf})

    assert "1998" in rep.get(made.location).text and "1,998" not in rep.get(made.location).text
    assert 'value="1998"' in rep.get(f"{made.location}/edit").text


def test_a_filter_of_many_values_names_three_and_counts_the_rest(rep):
    criteria = '[{"field": "letter", "operator": "one_of", "operand": ["a", "b", "c", "d", "e"]}]'

    assert "is one of Letter a, Letter b, Letter c and 2 more" in rep.get("/m/deals", query_string={"filter": criteria}).text


@pytest.mark.parametrize("part", ["filter?filter_field=stage", "columns", "bulk/edit?id={}", "{}/delete"])
def test_what_opens_as_a_dialog_has_a_heading_of_its_own_as_a_page(rep, part):
    made = rep.post("/m/deals", data={"name": "One", "stage": "Proposal"}, headers={"X-CSRFToken": rep.csrf})

    page = rep.get("/m/deals/" + part.format(made.location.split("/")[-1]))

    assert page.status_code == 200 and len(re.findall("<h1", page.text)) == 1


def test_without_scripts_a_lookup_takes_the_name_as_typed(rep, crm):
    for name in ("Bến Nghé Foods", "Bến Nghé Frozen", "Kestrel"):
        rep.post("/m/accounts", data={"name": name}, headers={"X-CSRFToken": rep.csrf})

    def post(typed, at="/m/deals", **more):
        return rep.post(at, data={"_plain": "1", "name": "Plain", "account": "", "account:name": typed} | more,
                        headers={"X-CSRFToken": rep.csrf})

    assert "fits several: Bến Nghé Fr" in post("ben nghe").text
    assert "Nothing here is called “Nobody”" in post("Nobody").text
    made = post("bến nghé foods").location
    assert "Bến Nghé Foods" in rep.get(made).text
    form = rep.get(f"{made}/edit").text
    kept = {"account": re.search(r'name="account" value="(\d+)"', form)[1], "version": "1", "_method": "PUT"}
    assert post("Kestrel", made, **kept).status_code == 303 and "Kestrel" in rep.get(made).text
    assert post("", made, **kept | {"version": "2"}).status_code == 303 and "Kestrel" not in rep.get(made).text
