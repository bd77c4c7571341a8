"""A view is built in a real browser beside the list it makes; each change is kept by itself, by mouse and by keyboard."""

import pytest

from builder import draft as drafts
from runtime import publish, worker
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
    published.refresh()
    users.sync_roles()
    service.create(HOUSE, "deals", {"name": "Trays", "stage": "Closed Won", "amount": "120", "close_date": "2026-11-02"})
    users.create("bo", roles=("Admin",), password=PASSWORD, full_name="Bo Boss")
    return live


@pytest.fixture
def page(chromium, crm):
    with browsing(chromium, but=r"status of 422|inline style") as visit:
        yield visit(crm, "bo")


def draft():
    return drafts.current(users.actor_for(users.get("bo").id, "web"))


def columns():
    return next(view.columns for view in draft().definitions.views_of("deals") if view.name == "won")


def kept(page, sentence):
    """Once the button that takes a step back says so."""
    page.wait_for_selector(f'[data-undo][title*="{sentence}"]')


def test_a_view_changes_beside_its_list_by_mouse_and_by_keyboard(page, crm):
    page.goto(f"{crm}/builder/m/deals/views/won")
    list_ = page.frame_locator(".b-frame iframe")
    list_.locator("thead th", has_text="Lead source").wait_for()

    page.fill("#s-label", "Won for good")
    page.press("#s-label", "Tab")
    kept(page, "Won for good': label")
    list_.locator("a", has_text="Won for good").first.wait_for()
    assert page.evaluate("document.activeElement.id") == "s-kind"                  # typing goes on undisturbed

    grips = page.locator(".b-cols [data-grip]")
    start, end = grips.nth(2).bounding_box(), grips.nth(0).bounding_box()
    page.mouse.move(start["x"] + 4, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(end["x"] + 2, end["y"] + 8, steps=12)
    page.mouse.up()
    kept(page, "columns")
    assert columns()[:3] == ("amount", "name", "account")

    page.locator("[id=down_amount]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".b-cols > li:first-child > [name=columns][value=name]", state="attached")
    assert page.evaluate("document.activeElement.id") == "down_amount"             # pressed again, it goes on
    assert columns()[:3] == ("name", "amount", "account")

    page.locator(".b-col-pal > summary").click()
    page.fill("#col_find", "website")
    page.locator("#col_pal summary", has_text="Account").first.click()
    page.locator("#col_pal button[value='account.website']").click()
    page.wait_for_selector("[id='remove_account.website']")
    list_.locator("thead th", has_text="Website").wait_for()

    page.select_option("#look_as", "sales_rep")
    page.wait_for_url("**as=sales_rep*")
    page.keyboard.press("Control+z")
    page.wait_for_selector("[id='remove_account.website']", state="detached")


def test_a_text_is_translated_when_its_row_is_left(page, crm):
    page.goto(f"{crm}/builder/translations/vi?q=Lead+source&module=deals")
    row = page.locator("[name='text:modules.deals.fields.source.label']")
    row.fill("Từ đâu đến")
    row.press("Tab")
    kept(page, "Từ đâu đến")
    assert draft().definitions.translations["vi"].labels["modules.deals.fields.source.label"] == "Từ đâu đến"
