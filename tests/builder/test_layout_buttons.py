"""Buttons are put on a layout, ordered and taken off on its canvas, each move one step; one that goes leaves no layout behind."""
import pytest
from werkzeug.datastructures import MultiDict

from builder import draft as drafts
from builder import schema_form
from metadata import shape
from metadata.model.button import Button
from metadata.model.layout import Layout
from runtime.app import create_app
from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.builder.test_buttons import CHAIN, post
from tests.runtime.web.conftest import KEY, signed_in

CANVAS = "/builder/m/deals/layouts/standard"


def a_button(name, module="deals", **properties):
    step = {"action": "update_field", "settings": {"field": "name", "value": "x"}}
    return Button(**{"id": f"btn_{module}_{name}", "name": name, "module": module, "label": name.capitalize(), "actions": (step,)}
                  | properties)


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    sections = ({"name": "main", "label": "Deal", "columns": 2, "fields": ["name", "stage"]},)
    builders.publish_all(
        builders.accounts(), builders.deals(), builders.a_role("rep"),
        *(a_button(name) for name in ("ask", "bill", "call", "drop")), a_button("tick", place="bulk"),
        builders.a_layout("deals", sections=sections),
        builders.a_layout("deals", id="lay_few", name="few", label="Few", sections=sections, default=False, roles=("role_rep",),
                          buttons=("drop", "ask")))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    service.create(HOUSE, "deals", {"name": "Large one"})
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    yield client
    post(client, "/builder/review/drop", {})


def draft():
    return drafts.current(users.actor_for(users.get("boss").id, "web"))


def layout(name="standard") -> Layout:
    return next(each for each in draft().definitions.layouts_of("deals") if each.name == name)


@pytest.mark.parametrize(("moves", "after"), [
    (["button call off"], ("ask", "bill", "drop")),
    (["button call @ 0"], ("call", "ask", "bill", "drop")),
    (["button ask right"], ("bill", "ask", "call", "drop")),
    (["button drop up"], ("ask", "bill", "drop", "call")),
    (["button ask left"], ("ask", "bill", "call", "drop")),
    (["button ask off", "button bill off", "button call off", "button drop off"], ()),
    (["button ask off", "button ask @"], ("bill", "call", "drop", "ask")),
    (["button ask off", "button ask @ 1"], ("bill", "ask", "call", "drop")),
    (["button ask off", "button all"], None),
])
def test_each_move_of_a_button_is_one_step_that_is_taken_back(boss, moves, after):
    for move in moves:
        answer = post(boss, CANVAS, {"put": move})
        assert answer.status_code == 303 and answer.location == f"{CANVAS}?page=record", answer.text
    assert layout().buttons == after
    for _each in range(len(draft().done)):
        post(boss, "/builder/undo", {})
    assert layout().buttons is None


@pytest.mark.parametrize("move", ["button nobody left", "button tick @", "button", "button nobody off"])
def test_a_move_of_what_cannot_stand_there_is_refused(boss, move):
    assert post(boss, CANVAS, {"put": move}).status_code == 404
    assert layout().buttons is None


def test_what_undo_says_names_the_button_and_the_layout(boss):
    for move in ("button call off", "button call @", "button call left", "button all"):
        post(boss, CANVAS, {"put": move})

    assert list(draft().done) == [
        "Take button 'Call' off layout 'Standard'.", "Put button 'Call' on layout 'Standard'.",
        "Move button 'Call' on layout 'Standard'.", "Show all buttons on layout 'Standard'."]


def test_the_canvas_shows_the_buttons_in_their_order_and_those_left(boss):
    page = boss.get("/builder/m/deals/layouts/few").text
    off, on = page.index('data-bar="off"'), page.index('data-bar="on"')
    assert off < page.index('id="add_bar_bill"') < page.index('id="add_bar_call"') < on
    assert on < page.index('id="bar_drop"') < page.index('id="bar_ask"') and "tick" not in page
    assert 'value="button all"' in page and 'href="/builder/m/deals/buttons/new?layout=few"' in page

    every = boss.get(CANVAS).text
    assert "Every button is on it." in every and "all of them" in every and 'value="button all"' not in every
    assert "The first 3 that fit a record" in every and every.count("data-folded") == 1


def test_the_preview_follows_the_order(boss):
    post(boss, CANVAS, {"put": "button drop @ 0"})
    post(boss, CANVAS, {"put": "button ask off"})

    framed = boss.get("/builder/frame/m/deals/1?layout=deals.standard").text
    assert framed.index("button/drop") < framed.index("button/bill") < framed.index("button/call") and "button/ask" not in framed


def test_a_button_made_from_the_canvas_stands_on_that_layout(boss):
    page = boss.get("/builder/m/deals/buttons/new?layout=few").text
    assert 'name="layout" value="few"' in page and 'href="/builder/m/deals/layouts/few"' in page

    chain = {name: value for name, value in CHAIN.items() if not name.startswith("show_if")} | {
        "actions.0.settings.field": "name", "layout": "few"}
    made = post(boss, "/builder/m/deals/buttons", chain)

    assert made.location == "/builder/m/deals/layouts/few?page=record"
    assert layout("few").buttons == ("drop", "ask", "follow_up") and layout().buttons is None
    assert len(draft().done) == 1


def test_a_button_that_goes_or_moves_into_the_rows_leaves_the_layouts_in_the_same_step(boss):
    post(boss, "/builder/m/deals/buttons/drop/remove", {})
    assert layout("few").buttons == ("ask",)

    row = {"label": "Ask", "place": "row", "icon": "bolt", "actions:rows": ["", "0"], "actions.0.action": "update_field",
           "actions.0.settings.field": "name", "actions.0.settings.value": "x"}
    assert post(boss, "/builder/m/deals/buttons/ask", row).status_code == 303
    assert layout("few").buttons == () and draft().problems == () and len(draft().done) == 2

    post(boss, "/builder/undo", {})
    post(boss, "/builder/undo", {})
    assert layout("few").buttons == ("drop", "ask")


def test_where_a_button_stands_and_is_used_is_told(boss):
    listed = boss.get("/builder/m/deals/buttons").text
    assert listed.count("on layout Standard only") == 2
    assert "/builder/d/layouts/deals.few" in boss.get("/builder/m/deals/buttons/ask").text
    assert "Used in" not in boss.get("/builder/m/deals/buttons/bill").text

    for name in ("ask", "bill", "call", "drop"):
        post(boss, CANVAS, {"put": f"button {name} off"})
    listed = boss.get("/builder/m/deals/buttons").text
    assert listed.count("on layout Few only") == 2 and listed.count("on no layout") == 2


def test_the_review_says_what_becomes_of_the_buttons(boss):
    post(boss, CANVAS, {"put": "button ask off"})
    post(boss, "/builder/m/deals/layouts/few", {"put": "button all"})

    review = boss.get("/builder/review").text
    assert "Buttons (only Bill, Call, Drop)" in review and "Buttons (all of them)" in review


def test_a_form_drawn_from_the_schema_offers_the_buttons(boss):
    known = draft()
    schema = {"properties": {"button": shape.schemas()["layout"]["properties"]["buttons"]["items"]}}
    drawn = schema_form.inputs(schema, {"button": "call"}, draft=known, module=known.definitions.modules["deals"], errors={})[0]

    assert ("call", "Call") in drawn.options[0][1]
    assert schema_form.read(schema, MultiDict({"button": "ask"}), before={}, draft=known,
                            module=known.definitions.modules["deals"]) == {"button": "ask"}
