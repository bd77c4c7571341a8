"""A board in a real browser: dragged with the mouse, moved with the keyboard, refused with the reason, no error in the console."""
from dataclasses import replace

import pytest

from runtime import publish, worker
from runtime.db.transaction import transaction
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests.stories.browsing import PASSWORD, browsing

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def crm(live):
    worker.prepare()
    publish.install_seed(HOUSE, "seeds/sales")
    definitions = published.refresh().definitions
    rule = definitions.documents["validation_rules/deals.lost_needs_reason"]
    publish.publish(HOUSE, definitions.with_document(replace(rule, active=True)))
    published.refresh()
    users.sync_roles()
    users.create("lan", roles=("Admin",), password=PASSWORD, full_name="Lan Nguyễn")
    lan = users.actor_for("lan", "page")
    with transaction():
        for number in range(30):
            service.create(lan, "deals", {"name": f"Trays {number:02}", "stage": "Prospect", "amount": str(1000 + number),
                                          "close_date": f"2027-01-{number + 1:02}"})
        for number in range(3):
            service.create(lan, "deals", {"name": f"Lids {number}", "stage": "Engaging", "close_date": "2020-01-01"})
    return live


@pytest.fixture
def page(chromium, crm):
    with browsing(chromium, but=r"status of (409|422)") as visit:
        page = visit(crm, "lan")
        page.goto(f"{crm}/m/deals?view=board")
        yield page


def drag(page, name, lane):
    card = page.locator(".b-deal", has_text=name).first
    card.scroll_into_view_if_needed()
    start, end = card.bounding_box(), page.locator(f"#lane_{lane}").bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] - 14)
    page.mouse.down()
    page.mouse.move(start["x"] + 30, start["y"] + 10, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 30, steps=12)
    page.mouse.up()


def test_a_card_is_dragged_and_the_lanes_count_anew(page):
    page.wait_for_selector("#lane_1_n:text-is('30')")
    drag(page, "Trays 03", 2)
    page.wait_for_selector("#lane_2 .b-deal:has-text('Trays 03')[data-in='2']")
    page.wait_for_selector("#lane_1_n:text-is('29')")
    page.wait_for_selector("#lane_2_n:text-is('4')")
    page.reload()
    page.wait_for_selector("#lane_2 .b-deal:has-text('Trays 03')")


def test_a_refused_card_goes_back_and_says_why(page):
    page.set_viewport_size({"width": 2700, "height": 900})
    drag(page, "Lids 1", 9)
    page.wait_for_selector("#lane_2 .b-deal:has-text('Lids 1') [role=alert]")
    said = page.text_content("#lane_2 .b-deal:has-text('Lids 1') [role=alert]")
    assert "Fill it in" in said
    page.click("#lane_2 .b-deal:has-text('Lids 1') [role=alert] a")
    page.wait_for_selector("select[name=loss_reason]")
    assert page.input_value("[name=stage]") == "Closed Lost"


def test_a_card_is_moved_with_the_keyboard_alone(page):
    page.focus(".b-deal:has-text('Lids 2') .b-move")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog[open] button[name=lane][value='3']")
    page.focus("#dialog button[name=lane][value='3']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#lane_3 .b-deal:has-text('Lids 2')")
    page.wait_for_selector("#dialog:not([open])", state="attached")
    assert page.evaluate("document.activeElement.id").startswith("move_")


def test_more_cards_come_when_they_are_looked_at(page):
    page.locator("#lane_1 [data-more]").scroll_into_view_if_needed()
    page.wait_for_selector("#lane_1 .b-deal >> nth=27")


@pytest.mark.parametrize(("name", "width", "scheme"), [("wide", 1440, "light"), ("dark", 1440, "dark"), ("phone", 360, "light")])
def test_it_fits_every_screen(page, tmp_path_factory, name, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.reload()
    page.wait_for_selector("#lane_1_n:not(:text-is('…'))")
    page.screenshot(path=tmp_path_factory.getbasetemp() / f"board-{name}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
