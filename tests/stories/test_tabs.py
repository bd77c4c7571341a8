"""The tabs of a layout in a real browser: by mouse, by keyboard, without scripts, on a phone; drawn by dragging on the canvas."""
from functools import partial
from pathlib import Path

import pytest

from builder import draft as drafts
from metadata.model.layout_rule import LayoutRule
from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.stories.browsing import PASSWORD, browsing
from tests.stories.hands import SETTLED

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CANVAS = "/builder/m/homes/layouts/standard"
TABS = {"overview": "Overview", "papers": "Owner, papers and what the bank wants", "later": "What comes after the handover",
        "photos": "Photos and plans"}
BIG = {"field": "size", "operator": "is", "operand": "Big"}


@pytest.fixture(scope="module")
def crm(live):
    sizes = {"choices": [{"value": "Big", "label": "Big"}, {"value": "Small", "label": "Small"}]}
    names = ("deed", "bank", "garden", "photo_page", "rooms")
    stand = (("main", "overview", ["name", "size", "rooms"]), ("owner", "papers", ["deed", "bank"]), ("after", "later", ["garden"]),
             ("pictures", "photos", ["photo_page"]))
    builders.publish_all(
        builders.a_module("homes", a_field("size", "picklist", of="homes", settings=sizes),
                          *(a_field(name, "integer" if name == "bank" else "text", of="homes") for name in names)),
        builders.a_module("visits", a_field("home", "lookup", of="visits", settings={"module": "homes"})),
        builders.a_layout("homes", tabs=tuple({"name": name, "label": label} for name, label in TABS.items()), sections=tuple(
            {"name": name, "label": name.capitalize(), "columns": 2, "fields": fields, "tab": tab}
            | ({"show_if": BIG} if name == "after" else {}) for name, tab, fields in stand),
            related=({"module": "visits", "field": "home", "columns": ["name"], "tab": "papers"},)),
        LayoutRule(id="lrule_small", name="small", module="homes", label="Small homes have no photos", hide=("photo_page",),
                   when={"field": "size", "operator": "is", "operand": "Small"}),
        builders.a_role("any"))
    users.sync_roles()
    users.create("bo", roles=("Admin",), password=PASSWORD, full_name="Bo Boss")
    home = service.create(HOUSE, "homes", {"name": "River house", "size": "Big", "deed": "Book 4"}).id
    service.create(HOUSE, "visits", {"name": "With Mai", "home": home})
    return live


@pytest.fixture
def visit(chromium, crm):
    """visit(**options of the browser) -> a page of Bo's, signed in."""
    with browsing(chromium, but=r"inline style") as visit:
        yield partial(visit, crm, "bo")
    drafts.drop(users.actor_for(users.get("bo").id, "web"))


def settle(page):
    page.wait_for_load_state("networkidle")
    page.wait_for_function(SETTLED)


def seen(page):
    return page.locator("#record_facts summary").all_inner_texts()


def test_tabs_are_walked_by_arrow_keys_and_each_has_an_address_that_back_and_reload_know(visit, crm):
    page = visit()
    page.goto(f"{crm}/m/homes/1")
    page.focus("#tab_overview")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.id") == "tab_photos" and seen(page) == ["Main"]       # nothing opens by itself
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#tab_papers[aria-selected=true]")
    settle(page)

    assert page.url == f"{crm}/m/homes/1?tab=papers" and seen(page) == ["Owner"]
    assert page.evaluate("document.activeElement.id") == "tab_papers"
    assert page.locator("#record_panel[role=tabpanel][aria-labelledby=tab_papers]").count() == 1
    assert page.locator("[role=tab][tabindex='0']").count() == 1 and "With Mai" in page.locator("#record_panel").inner_text()
    page.reload()
    assert seen(page) == ["Owner"]
    page.click("#tab_later")
    page.wait_for_selector("#tab_later[aria-selected=true]")
    page.go_back()
    page.wait_for_selector("#tab_papers[aria-selected=true]")
    assert seen(page) == ["Owner"]


def test_a_form_hides_nothing_jumps_to_a_heading_and_comes_back_to_the_tab(visit, crm):
    page = visit()
    page.goto(f"{crm}/m/homes/1?tab=papers")
    page.click("a[data-key=e]")
    page.wait_for_url("**/edit")
    page.click("#form_tabs a[href='#part_later']")
    page.fill("[name=garden]", "Mangoes")
    page.select_option("[name=size]", "Small")
    page.wait_for_selector("#form_tabs a[href='#part_later']", state="hidden")        # with the last that stood under it
    page.wait_for_selector("#form_tabs a[href='#part_photos']", state="hidden")
    assert not page.is_visible("#part_photos_h")
    page.select_option("[name=size]", "Big")
    page.wait_for_selector("#form_tabs a[href='#part_later']")
    page.wait_for_selector("#part_photos_h")
    assert page.input_value("[name=garden]") == "Mangoes"
    page.click("[data-save]")
    page.wait_for_url("**?tab=papers")
    assert service.read(HOUSE, "homes", 1).values["garden"] == "Mangoes"


def test_without_scripts_every_tab_is_a_link_and_the_form_comes_back_to_it(visit, crm):
    page = visit(java_script_enabled=False)
    page.goto(f"{crm}/m/homes/1")
    page.click("#tab_papers")
    assert page.url.endswith("?tab=papers") and page.locator("#record_facts summary").all_text_contents() == ["Owner"]
    page.click("a[data-key=e]")
    page.fill("[name=deed]", "Book 5")
    page.click("[data-save]")
    assert page.url.endswith("/m/homes/1?tab=papers")
    assert page.locator("#record_facts dd").all_text_contents()[0].strip() == "Book 5"


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
@pytest.mark.parametrize("address", ["/m/homes/1?tab=photos", "/m/homes/1/edit", f"{CANVAS}?tab=photos", f"{CANVAS}?settings=tab"])
def test_nobody_is_shut_out_and_on_a_phone_the_tabs_scroll_not_the_page(visit, crm, address, width, theme):
    if not AXE.is_file():
        pytest.skip("`make assets` has not run here")
    page = visit(viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True)
    page.goto(crm + address)
    settle(page)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)["violations"]

    assert [(each["id"], [node["html"][:200] for node in each["nodes"]][:3]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the screen."
    if "tab=photos" in address:
        name = "#open_tab_photos" if "builder" in address else "#tab_photos"
        box = page.locator(name).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, "The open tab is out of sight."


def test_a_section_is_dragged_onto_a_tab_and_a_tab_before_another(visit, crm):
    page = visit()
    page.goto(crm + CANVAS)
    settle(page)
    drag(page, "#grip_main", "#open_tab_papers", "[data-tab=papers][data-over]")
    page.wait_for_selector("[data-section=main]", state="detached")
    page.click("#open_tab_papers")
    page.wait_for_selector("[data-section=main]")
    drag(page, "#tab_grip_papers", "[data-tab=overview] .b-grip", "[data-tab=papers] + [data-tab=overview]")
    page.wait_for_selector("[data-tab=papers]:first-child")

    layout = drafts.current(users.actor_for(users.get("bo").id, "web")).definitions.documents["layouts/homes.standard"]
    assert layout.tab_of(layout.sections[0]) == "papers" and [tab["name"] for tab in layout.tabs][:2] == ["papers", "overview"]
    page.focus("#tab_grip_papers")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("[data-tab=overview]:first-child")
    assert page.evaluate("document.activeElement.id") == "tab_grip_papers"


def drag(page, what, goal, there):
    """there: what can be found once it hangs over its goal."""
    start = page.locator(what).bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, start["y"] + start["height"] / 2 + 6, steps=4)
    for look in range(20):              # a busy browser follows the pointer late
        box = page.locator(goal).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2 + look % 3, steps=10)
        page.wait_for_timeout(150)
        if page.locator(there).count():
            break
    page.mouse.up()
    settle(page)


def test_a_field_is_dragged_onto_a_tab_and_taking_it_back_leaves_open_what_was(visit, crm):
    page, rooms = visit(), "[data-slots=main] [data-field=rooms]"
    page.goto(f"{crm}{CANVAS}?tab=overview&section=main")
    settle(page)
    drag(page, rooms, "#open_tab_papers", "[data-tab=papers][data-over]")
    page.wait_for_selector(rooms, state="detached")
    settle(page)
    assert "tab=overview" in page.url
    page.locator("#toasts button").click()
    page.wait_for_selector(rooms)
    assert "tab=overview" in page.url
    page.click("[data-redo]")
    page.wait_for_selector(rooms, state="detached")
    assert "tab=overview" in page.url
