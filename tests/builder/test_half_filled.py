"""A condition without a field or an answer is not kept, on whatever page it was asked, and told at its row."""
import re

import pytest
from werkzeug.datastructures import MultiDict

from builder import draft as drafts
from metadata.model.convert_map import ConvertMap
from metadata.model.scenario import Scenario
from runtime.app import create_app
from runtime.security import users
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

NO_FIELD = "Choose a field for this condition, or remove it."
MISSING = "A value to compare with is missing."
LARGE = {"field": "amount", "was": "amount", "operator": "above", "operand": "1000"}
OPEN = {"field": "amount", "was": "amount", "operator": "below", "operand": ""}
OTHER = {"field": "name", "was": "amount", "operator": "is", "operand": "1000"}      # another field, and nothing drawn for it yet
ELM = {"field": "name", "operator": "is", "operand": "Elm"}
BLANK = {"field": "", "was": "", "operator": "is"}

ACT = {"actions:rows": ["", "0"], "actions.0.action": "update_field", "actions.0.settings.field": "name",
       "actions.0.settings.value": "x"}
PAGES = {
    "section": ("/builder/m/deals/layouts/standard/settings", "show_if", {"section": "main", "label": "Main", "columns": "2"}),
    "layout": ("/builder/m/deals/layouts/standard/settings", "condition", {"settings": "1", "label": "Standard"}),
    "rule": ("/builder/m/deals/rules", "refuse_if", {"message": "No.", "active": "1", "on": ["create", "update"]}),
    "layout rule": ("/builder/m/deals/layout_rules", "when", {"label": "R", "what": "hide", "target": "stage"}),
    "button": ("/builder/m/deals/buttons", "show_if", {"label": "B", "place": "record", "icon": "bolt"} | ACT),
    "view": ("/builder/m/deals/views/all", "criteria", {"label": "All", "columns": ["name"]}),
    "roll-up": ("/builder/m/accounts/fields/won", "settings.criteria", {
        "label": "Won", "name": "won", "type": "rollup", "settings.module": "deals", "settings.field": "account",
        "settings.measure": "sum", "settings.of": "amount"}),
    "convert map": ("/builder/d/convert_maps/deals.win", "when", {"module": "deals", "label": "Win"}),
    "test": ("/builder/d/scenarios/large", "then.0.settings.criteria", {
        "label": "Large", "then:rows": ["", "0"], "then.0.expect": "exists", "then.0.settings.module": "deals"}),
}


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(
        builders.accounts(), builders.deals(), builders.a_role("rep"), builders.a_layout("deals"),
        builders.a_view("deals", ("name",)),
        ConvertMap(id="cmap_win", name="win", module="deals", label="Win", targets=(
            {"module": "accounts", "fields": [{"field": "name", "from": "name"}]},)),
        Scenario(id="scn_large", name="large", label="Large",
                 given=({"name": "elm", "module": "deals", "values": {"name": "Elm"}},),
                 when=({"step": "update", "settings": {"module": "deals", "record": "elm", "values": {"amount": 1}}},),
                 then=({"expect": "exists", "settings": {"module": "deals", "criteria": ELM}},)))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    yield client
    client.post("/builder/review/drop", data={"csrf_token": client.csrf})


def sent(client, page, *rows):
    address, name, rest = PAGES[page]
    data = MultiDict([("csrf_token", client.csrf), (f"{name}:part", "=group"), (f"{name}::match", "all")])
    for number, row in enumerate(rows):
        data.add(f"{name}:part", f"{number}=row")
        for what, value in row.items():
            data.add(f"{name}:{number}:{what}", value)
    for what, value in rest.items():
        for each in value if isinstance(value, list) else [value]:
            data.add(what, each)
    return client.post(address, data=data)


def done():
    return len(drafts.current(users.actor_for(users.get("boss").id, "web")).done)


def marked(text, said=MISSING):
    """The numbers of the rows that say what is wrong with them."""
    rows = re.split(r'<div class="b-crit-row"', text)[1:]
    return [number for number, row in enumerate(rows) if 'aria-describedby' in row[:80] and said in row.partition("</li>")[0]]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("rows", "at"), [((OPEN,), [0]), ((LARGE, OPEN), [1]), ((OTHER, LARGE), [0])],
                         ids=("alone", "second", "other"))
def test_a_question_without_an_answer_is_told_at_its_row_and_nothing_is_kept(boss, page, rows, at):
    answer = sent(boss, page, *rows)

    assert answer.status_code == 422 and done() == 0
    assert marked(answer.text) == at and answer.text.count(MISSING) == (2 if page == "view" else 1)      # its preview says it too
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_a_row_without_a_field_is_told_and_nothing_is_kept(boss, page):
    answer = sent(boss, page, LARGE, BLANK)

    assert answer.status_code == 422 and done() == 0
    assert marked(answer.text, NO_FIELD) == [1] and answer.text.count(NO_FIELD) == (2 if page == "view" else 1)
    assert 'aria-invalid="true"' in answer.text


def test_a_text_takes_the_place_of_the_row_that_waits(boss):
    asked = {"csrf_token": boss.csrf, "c:part": ["=group", "0=row"], "c:0:field": "", "c:0:was": "", "c:do": "text@"}
    editor = boss.post("/builder/criteria?module=deals&name=c", data=asked).text
    strange = boss.post("/builder/criteria?module=deals&name=c", data=asked | {"c:part": ["=other", "0=row"]})

    assert 'value="0=text"' in editor and "=row" not in editor
    assert strange.status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_row_with_its_answer_is_kept(boss, page):
    answer = sent(boss, page, LARGE)

    if page == "layout":      # the only one of its module must be for the rest
        assert answer.status_code == 422 and MISSING not in answer.text
    else:
        assert answer.status_code in (200, 303) and done() == 1, answer.text


def test_a_row_that_is_only_being_filled_in_is_not_blamed(boss):
    drawn = boss.post("/builder/criteria?module=deals&name=show_if", data={
        "csrf_token": boss.csrf, "show_if:part": ["=group", "0=row"], "show_if::match": "all", "show_if:0:field": "amount",
        "show_if:0:was": "", "show_if:do": "row@"}, headers={"HX-Request": "true"}).text

    assert drawn.count('class="b-crit-row"') == 2 and MISSING not in drawn
