"""Tabs on the canvas: added, named in every language, ordered, removed; sections and lists put on them."""
import pytest

from builder import draft as drafts
from builder import layout_edits, layout_tabs
from metadata.definitions import Definitions
from metadata.model.layout import Layout
from runtime.app import create_app
from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.runtime.web.conftest import KEY, signed_in

CANVAS = "/builder/m/deals/layouts/standard"
A, B, C = ({"name": name, "label": name.upper()} for name in "abc")


def a_section(name, tab="", *fields):
    return {"name": name, "label": name.capitalize(), "fields": list(fields)} | ({"tab": tab} if tab else {})


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    standard = Layout(id="lay_deals_standard", name="standard", module="deals", label="Standard", sections=(
        a_section("main", "", "name", "stage"), a_section("more", "", "amount"), a_section("dates", "", "close_date")),
        related=({"module": "calls", "field": "deal", "columns": ["name"]},))
    builders.publish_all(builders.accounts(), builders.deals(), standard, *(builders.a_module(
        name, a_field("deal", "lookup", of=name, settings={"module": "deals"})) for name in ("calls", "visits")))
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    service.create(HOUSE, "deals", {"name": "Large one", "amount": "5000", "stage": "Proposal"})
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    yield client
    post(client, "/builder/review/drop")


def post(client, address, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf})


def put(client, move, **state):
    answer = post(client, CANVAS, put=move, **state)
    assert answer.status_code == 303, answer.text
    return answer.location


def draft():
    return drafts.current(users.actor_for(users.get("boss").id, "web"))


def drafted() -> Layout:
    return draft().definitions.documents["layouts/deals.standard"]


def tabs():
    return [tab["name"] for tab in drafted().tabs]


def placed():
    """{tab: the sections on it}"""
    layout = drafted()
    return {tab["name"]: [each["name"] for each in layout.sections if layout.tab_of(each) == tab["name"]] for tab in layout.tabs}


def two(boss):
    put(boss, "tab new")
    put(boss, "section dates tab new_tab", tab="overview")


def test_the_first_tab_comes_with_one_before_it_that_has_all_there_is(boss):
    assert 'data-tabstrip' not in boss.get(CANVAS).text

    where = put(boss, "tab new")

    assert where == f"{CANVAS}?tab=new_tab&settings=tab" and placed() == {"overview": ["main", "more", "dates"], "new_tab": []}
    page = boss.get(where).text
    assert "Settings of tab" in page and "Nothing stands on this tab yet" in page and 'name="label:vi"' in page
    assert draft().done[-1] == "Add a tab to layout 'Standard'."


def test_a_tab_is_named_in_every_language_and_its_name_goes_with_it(boss):
    put(boss, "tab new")
    kept = post(boss, f"{CANVAS}/settings", settings="tab", tab="new_tab", label="Money", **{"label:vi": "Tiền"})
    labels = draft().definitions.translations["vi"].labels

    assert kept.status_code == 303 and drafted().tabs[1] == {"name": "new_tab", "label": "Money"}
    assert labels["layouts.deals.standard.tabs.new_tab"] == "Tiền"
    assert draft().done[-1] == "Change tab 'New tab' of layout 'Standard'."
    put(boss, "tab new_tab remove")
    assert "layouts.deals.standard.tabs.new_tab" not in draft().definitions.translations["vi"].labels
    post(boss, "/builder/undo")
    assert draft().definitions.translations["vi"].labels["layouts.deals.standard.tabs.new_tab"] == "Tiền"


def test_a_tab_without_a_name_is_refused(boss):
    put(boss, "tab new")

    refused = post(boss, f"{CANVAS}/settings", settings="tab", tab="new_tab", label=" ")

    assert refused.status_code == 422 and "Fill this in." in refused.text and drafted().tabs[1]["label"] == "New tab"


@pytest.mark.parametrize(("move", "after"), [
    ("tab b left", ["b", "a", "c"]), ("tab b up", ["b", "a", "c"]), ("tab b right", ["a", "c", "b"]), ("tab c 0", ["c", "a", "b"]),
    ("tab a left", ["a", "b", "c"]), ("tab c right", ["a", "b", "c"])])
def test_tabs_are_ordered_and_nothing_changes_its_tab(move, after):
    layout = builders.a_layout("deals", tabs=(A, B, C), sections=(a_section("main"), a_section("deed", "b")))
    _said, edit, _opened = layout_tabs.move_tab(Definitions.of_documents([layout]), layout, *move.split()[1:])

    moved = edit(layout)

    assert [tab["name"] for tab in moved.tabs] == after
    assert [moved.tab_of(section) for section in moved.sections] == ["a", "b"]


def test_a_section_goes_to_a_tab_and_the_canvas_shows_one_tab_at_a_time(boss):
    two(boss)

    first, second = boss.get(CANVAS).text, boss.get(f"{CANVAS}?tab=new_tab").text

    assert placed() == {"overview": ["main", "more"], "new_tab": ["dates"]}
    assert draft().done[-1] == "Move section 'Dates' to tab 'New tab' of layout 'Standard'."
    assert 'data-section="main"' in first and 'data-section="dates"' not in first and 'value="section main tab new_tab"' in first
    assert 'data-section="dates"' in second and 'data-section="main"' not in second
    assert "field close_date @more" in second and "Overview › More" in second          # a field may go to any section


def test_the_preview_follows_the_open_tab(boss):
    two(boss)

    record, form = boss.get(f"{CANVAS}?tab=new_tab&page=record").text, boss.get(f"{CANVAS}?tab=new_tab").text

    assert 'src="/builder/frame/m/deals/1?layout=deals.standard&amp;tab=new_tab"' in record
    assert 'src="/builder/frame/m/deals/1/edit?layout=deals.standard&amp;_tab=new_tab"' in form
    framed = boss.get("/builder/frame/m/deals/1?layout=deals.standard&tab=new_tab").text
    assert "<summary>Dates</summary>" in framed and "<summary>Main</summary>" not in framed


def test_what_is_added_stands_on_the_open_tab(boss):
    two(boss)
    put(boss, "section new", tab="new_tab")
    put(boss, "related new visits deal", tab="new_tab")
    put(boss, "field account @", tab="new_tab")

    assert placed()["new_tab"] == ["dates", "new_section"]
    assert [each.get("tab") for each in drafted().related] == [None, "new_tab"]
    assert "account" in layout_edits.section_of(drafted(), "dates")["fields"]


def test_a_field_dropped_on_a_tab_without_sections_begins_one_there(boss):
    put(boss, "tab new")
    put(boss, "field account @", tab="new_tab")

    assert placed()["new_tab"] == ["deal"] and layout_edits.section_of(drafted(), "deal")["fields"] == ["account"]


def test_a_field_goes_to_a_tab_into_the_first_section_there(boss):
    two(boss)
    put(boss, "field account tab new_tab")
    assert "account" in layout_edits.section_of(drafted(), "dates")["fields"]
    put(boss, "field account tab overview")
    assert "account" in layout_edits.section_of(drafted(), "main")["fields"]
    assert post(boss, CANVAS, put="field account tab nowhere").status_code == 404


def test_a_step_taken_back_leaves_open_what_was_open(boss):
    two(boss)
    put(boss, "field account tab new_tab", tab="new_tab")
    page = boss.get(f"{CANVAS}?tab=new_tab&section=dates").text
    assert f'name="from" value="{CANVAS}?tab=new_tab&amp;section=dates"' in page
    assert post(boss, "/builder/undo", **{"from": f"{CANVAS}?tab=new_tab"}).location == f"{CANVAS}?tab=new_tab"
    by_script = boss.post("/builder/redo", data={"csrf_token": boss.csrf}, headers={
        "HX-Request": "true", "HX-Current-URL": f"https://crm.example.com{CANVAS}?tab=new_tab"})
    assert by_script.headers["HX-Redirect"] == f"{CANVAS}?tab=new_tab"
    for elsewhere in ("https://evil.example/builder", "//evil.example/builder", "https://[", ""):
        asks = {"HX-Request": "true", "HX-Current-URL": elsewhere}
        away = boss.post("/builder/undo", data={"csrf_token": boss.csrf}, headers=asks)
        assert away.headers["HX-Redirect"] == "/builder"


def test_a_list_goes_to_a_tab_and_beside_the_record_again(boss):
    two(boss)
    put(boss, "related 0 tab new_tab")
    assert drafted().related[0]["tab"] == "new_tab" and "Lists on this tab" in boss.get(f"{CANVAS}?tab=new_tab").text
    put(boss, "related 0 tab beside")
    assert "tab" not in drafted().related[0] and "Lists beside the record, on every tab" in boss.get(CANVAS).text


def test_what_stood_on_a_removed_tab_is_said_to_be_on_the_first_and_one_step_brings_all_back(boss):
    two(boss)
    put(boss, "related 0 tab new_tab")
    before = drafted()
    put(boss, "tab new_tab remove", tab="new_tab")
    said = boss.get(CANVAS).text

    assert placed() == {"overview": ["main", "more", "dates"]} and "tab" not in drafted().related[0]
    assert "What stood on it is on &#39;Overview&#39; now." in said and "/builder/undo" in said
    assert "With one tab alone, people see no tabs." in said
    put(boss, "tab overview remove")
    assert tabs() == [] and all("tab" not in each for each in drafted().sections)
    post(boss, "/builder/undo")
    post(boss, "/builder/undo")
    assert drafted() == before and draft().undone[-1] == "Remove tab 'New tab' of layout 'Standard'."
    post(boss, "/builder/redo")
    assert tabs() == ["overview"]


def test_sections_and_fields_move_within_their_tab():
    layout = builders.a_layout("deals", tabs=(A, B), sections=(
        a_section("one", "", "name"), a_section("other", "b", "stage"), a_section("two", "a", "amount")))

    def order(made):
        return [section["name"] for section in made.sections]

    assert order(layout_edits.step_section(layout, "two", -1)) == order(layout_edits.move_section(layout, "two", 0)) == [
        "two", "other", "one"]
    assert layout_edits.step_section(layout, "other", 1) == layout
    stepped = layout_edits.step_field(layout, "name", 1)
    assert [section["fields"] for section in stepped.sections] == [[], ["stage"], ["name", "amount"]]
    assert layout_edits.step_field(layout, "stage", 1) == layout


@pytest.mark.parametrize("move", ["tab", "tab overview", "tab overview left and so on", "section main tab new_tab and so on"])
def test_words_too_few_or_too_many_break_nothing(boss, move):
    two(boss)

    assert post(boss, CANVAS, put=move).status_code in (303, 404)
    assert tabs() == ["overview", "new_tab"]


@pytest.mark.parametrize("move", ["tab nowhere up", "tab nowhere remove", "section main tab nowhere",
                                  "section nowhere tab overview", "related 0 tab nowhere", "related 7 tab beside"])
def test_a_tab_that_is_not_there_is_refused_and_changes_nothing(boss, move):
    two(boss)
    before = drafted()

    assert post(boss, CANVAS, put=move).status_code == 404
    assert drafted() == before
