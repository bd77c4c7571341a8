"""Somebody may be kept from reading what the records of a module are called: their numbers have to do, on every page."""
import pytest

from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import signed_in


@pytest.fixture(scope="module")
def deal(app):
    everything = {"read": "all", "create": True, "edit": "all", "delete": "all", "import": True, "export": True, "give": True}
    builders.publish_all(
        builders.accounts(), builders.deals(),
        builders.a_view("deals", ("name", "stage", "account"), settings={"home": 1}), builders.a_view("accounts", ("name",)),
        builders.a_layout("accounts", related=({"module": "deals", "field": "account", "columns": ["name", "stage"]},)),
        builders.a_role("nameless", deals=everything | {"fields": {"fld_deals_name": "hidden"}},
                        accounts=everything | {"fields": {"fld_accounts_name": "hidden"}}))
    users.sync_roles()
    users.create("nameless", roles=("nameless",), password="nameless password", full_name="No Names")
    account = service.create(HOUSE, "accounts", {"name": "Bến Nghé Foods"}).id
    return service.create(HOUSE, "deals", {"name": "Secret trays", "stage": "Proposal", "account": account}).id


@pytest.mark.parametrize("path", [
    "/", "/m/deals", "/m/deals/{}", "/m/deals/{}/edit", "/m/deals/{}/delete", "/m/deals/{}/panel/timeline", "/m/deals/count",
    "/m/deals/export", "/m/deals/bin", "/m/deals/bulk/delete?id={}", "/m/deals/bulk/delete?all=1", "/m/deals/bulk/edit?id={}",
    "/m/deals/new?copy={}", "/m/deals/new?account=1", "/m/accounts", "/m/accounts/1", "/m/accounts/1/panel/related_0",
    "/lookup/accounts?q=", "/lookup/accounts?q=foods", "/search?q=secret", "/m/deals?q=secret",
    "/m/deals?filter=%5B%7B%22field%22%3A%22account%22%2C%22operator%22%3A%22is%22%2C%22operand%22%3A1%7D%5D"])
def test_every_page_does_without_the_name(app, deal, path):
    page = signed_in(app, "nameless").get(path.format(deal))

    assert page.status_code == 200
    assert "Secret trays" not in page.text and "Bến Nghé" not in page.text


def test_an_export_does_without_the_name(app, deal):
    browser = signed_in(app, "nameless")
    sent = browser.post("/m/deals/export", data={"csrf_token": browser.csrf})
    assert sent.status_code == 200 and sent.data and b"Secret trays" not in sent.data and "Bến Nghé" not in sent.text


def test_a_list_calls_its_rows_by_their_numbers(app, deal):
    assert f"Deal #{deal}" in signed_in(app, "nameless").get("/m/deals").text
