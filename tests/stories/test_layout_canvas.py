"""A layout is drawn in a real browser, by mouse and by keyboard, each move one step, beside the page it makes."""

import pytest

from builder import draft as drafts
from builder import layout_edits
from runtime import publish, worker
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests.stories.browsing import PASSWORD, browsing
from tests.stories.hands import SETTLED

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def crm(live):
    worker.prepare()
    publish.install_seed(HOUSE, "seeds/sales")
    known = published.refresh().definitions
    layout = known.documents["layouts/deals.standard"]
    publish.publish(HOUSE, known.with_document(layout_edits.take_field(layout, "tags")))
    published.refresh()
    users.sync_roles()
    service.create(HOUSE, "deals", {"name": "Trays", "stage": "Prospect", "amount": "120", "close_date": "2027-01-02"})
    users.create("bo", roles=("Admin",), password=PASSWORD, full_name="Bo Boss")
    return live


@pytest.fixture
def page(chromium, crm):
    with browsing(chromium, but=r"inline style") as visit:
        page = visit(crm, "bo", viewport={"width": 1600, "height": 1400})
        drafts.drop(actor())
        page.goto(f"{crm}/builder/m/deals/layouts/standard")
        yield page


def actor():
    return users.actor_for(users.get("bo").id, "web")


def sections():
    """{name: its fields} of the draft's layout, in order."""
    known = drafts.current(actor()).definitions
    layout = next(each for each in known.layouts_of("deals") if each.name == "standard")
    return {section["name"]: list(section["fields"]) for section in layout.sections}


def settle(page):
    page.wait_for_load_state("networkidle")
    page.wait_for_function(SETTLED)


def drag(page, what, goal, there, at=(0.25, 0.5), looks=20):
    """at: where on the goal, in parts of its width and height. there: what can be found once it lies over its new place."""
    start = page.locator(what).bounding_box()
    page.mouse.move(start["x"] + min(start["width"] / 2, 12), start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, start["y"] + start["height"] / 2 + 6, steps=4)
    for look in range(looks):              # a busy browser follows the pointer late, and what it crosses makes room
        box = page.locator(goal).bounding_box()
        page.mouse.move(box["x"] + box["width"] * at[0], box["y"] + box["height"] * at[1] + look % 3, steps=10)
        page.wait_for_timeout(150)
        if page.locator(there).count():
            break
    page.mouse.up()
    settle(page)


def press(page, key):
    page.keyboard.press(key)
    settle(page)


def test_fields_and_sections_are_dragged_and_the_page_beside_shows_it(page):
    first, second = list(sections())[:2]
    drag(page, "[data-slots='off'] [data-field='tags']", f"[data-slots='{first}']", f"[data-slots='{first}'] [data-field='tags']")
    page.wait_for_selector(f"[data-slots='{first}'] [data-field='tags']")
    assert "tags" in sections()[first]
    page.select_option("#look_page", "record")
    settle(page)
    page.frame_locator(".b-frame iframe").locator("#record_facts dt", has_text="Tags").first.wait_for()

    moved = sections()[first][0]
    drag(page, f"#slot_{moved}", f"[data-slots='{second}']", f"[data-slots='{second}'] [data-field='{moved}']")
    page.wait_for_selector(f"[data-slots='{second}'] [data-field='{moved}']")
    assert moved in sections()[second] and moved not in sections()[first]

    above = f"[data-section='{second}'] + [data-section='{first}']"
    drag(page, f"#grip_{second}", f"[data-section='{first}']", above, at=(0.1, 0.02))
    page.wait_for_selector(above)
    assert list(sections())[:2] == [second, first]


def test_a_field_is_dragged_off_and_a_required_one_is_told(page):
    drag(page, "#slot_name", "[data-slots='off']", "[data-slots='off'] [data-field='name']", at=(0.5, 0.8))
    page.wait_for_selector("[data-slots='off'] [data-field='name'] button[name='put']")
    assert all("name" not in fields for fields in sections().values())
    page.wait_for_selector("text=Required, but not on this layout")


def test_a_field_let_go_between_the_fields_of_a_section_lands_there(page):
    first, second = list(sections())[:2]
    moved = sections()[first][0]
    # the gap between the two columns belongs to no field
    there = f"[data-slots='{second}'] [data-field='{moved}']"
    drag(page, f"#slot_{moved}", f"[data-slots='{second}']", there, at=(0.5, 0.5), looks=2)
    page.wait_for_selector(there)
    assert moved in sections()[second] and moved not in sections()[first]


def test_each_move_is_one_step_that_is_taken_back(page):
    before = sections()
    first = next(iter(before))
    drag(page, "[data-slots='off'] [data-field='tags']", f"[data-slots='{first}']", f"[data-slots='{first}'] [data-field='tags']")
    page.wait_for_selector(f"[data-slots='{first}'] [data-field='tags']")
    page.click("[data-undo]")
    page.wait_for_selector("[data-slots='off'] [data-field='tags']")
    assert sections() == before


def test_the_same_is_done_by_the_keyboard_alone(page):
    before = sections()
    (first, fields), (second, others) = list(before.items())[:2]
    page.focus("#add_tags")
    press(page, "Enter")
    page.wait_for_selector("[data-slots] #slot_tags")
    assert sections()[first] == [*fields, "tags"]

    page.focus(f"#slot_{fields[0]}")
    press(page, "ArrowRight")
    assert sections()[first][:2] == [fields[1], fields[0]]
    assert page.evaluate("document.activeElement.id") == f"slot_{fields[0]}"
    press(page, "ArrowLeft")
    assert sections()[first][:2] == fields[:2]

    page.focus("#slot_tags")
    press(page, "ArrowRight")                                       # over the edge, into the next section
    assert sections()[second] == ["tags", *others]
    assert page.evaluate("document.activeElement.id") == "slot_tags"
    press(page, "Delete")
    page.wait_for_selector("#add_tags")
    assert sections() == before

    page.focus(f"#grip_{second}")
    press(page, "ArrowUp")
    assert list(sections())[:2] == [second, first]
    assert page.evaluate("document.activeElement.id") == f"grip_{second}"
