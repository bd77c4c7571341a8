"""A form in a real browser answers to what is typed: fields and whole layouts change, and nothing typed is lost."""
import re

import pytest

from metadata.model.layout import Layout
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
    definitions = published.refresh().definitions
    renewal = Layout(id="lay_deal_renewal", name="renewal", module="deals", label="Renewal",
                     condition={"field": "type", "operator": "is", "operand": "Renewal"}, sections=(
                         {"name": "renewal", "label": "The renewal", "fields": ["name", "type", "stage", "close_date"]},))
    publish.publish(HOUSE, definitions.with_document(renewal))
    published.refresh()
    users.sync_roles()
    users.create("lan", roles=("Admin",), password=PASSWORD, full_name="Lan Nguyễn")
    return live


@pytest.fixture
def page(chromium, crm):
    with browsing(chromium, but=r"status of 422|ERR_INTERNET_DISCONNECTED") as visit:
        page = visit(crm, "lan")
        page.goto(f"{crm}/m/deals/new")
        yield page


def test_a_field_comes_with_its_condition_and_is_required(page):
    page.fill("[name=name]", "Trays for Hạ Long")
    page.select_option("[name=stage]", "Closed Lost")
    page.select_option("[name=loss_reason]", "competitor")
    page.wait_for_selector('[data-ruled=competitor]:visible .b-req')
    page.select_option("[name=loss_reason]", "price")
    page.wait_for_selector('[data-ruled=competitor]', state="hidden")

    page.select_option("[name=loss_reason]", "other")
    page.wait_for_selector('[data-ruled=loss_note]:visible .b-req')
    page.click("[data-save]")
    page.wait_for_selector("text=Another reason: say it in words")
    page.fill("[name=loss_note]", "They closed the plant.")
    page.click("[data-save]")
    page.wait_for_selector("text=They closed the plant.")


def test_another_layout_keeps_what_was_typed_and_the_place(page):
    page.fill("[name=name]", "Renewal of lids")
    page.fill("[name=amount]", "1200")
    page.focus("[name=type]")
    page.select_option("[name=type]", "Renewal")
    page.wait_for_selector("legend:has-text('The renewal')")
    assert page.input_value("[name=name]") == "Renewal of lids" and page.input_value("[name=type]") == "Renewal"
    assert page.evaluate("document.activeElement.name") == "type"

    page.select_option("[name=type]", "New Business")
    page.wait_for_selector("legend:has-text('Where it came from')")
    assert page.input_value("[name=amount]") == "1200"

    page.select_option("[name=type]", "Renewal")
    page.wait_for_selector("legend:has-text('The renewal')")
    page.on("dialog", lambda asked: asked.accept())         # leave the page?
    page.reload()
    page.wait_for_selector("legend:has-text('The renewal')")
    assert page.input_value("[name=name]") == "Renewal of lids"
    page.click("[data-save]")
    page.wait_for_url(re.compile(r"/m/deals/\d+$"))
    assert service.read(HOUSE, "deals", int(page.url.rpartition("/")[2])).values["amount"] == 1200


def test_without_network_the_form_stays_and_asks_again_when_it_is_back(page):
    page.fill("[name=name]", "In a tunnel")
    page.select_option("[name=stage]", "Closed Lost")
    page.context.set_offline(True)
    page.select_option("[name=loss_reason]", "competitor")
    page.wait_for_timeout(300)
    assert page.input_value("[name=name]") == "In a tunnel" and page.locator("[data-ruled=competitor]").is_hidden()

    page.context.set_offline(False)
    page.wait_for_selector('[data-ruled=competitor]:visible')
