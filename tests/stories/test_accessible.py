"""Every page of the builder, and what it builds, can be read and used by all (WCAG 2.2 AA, as axe-core sees it), light and dark."""
from pathlib import Path

import pytest

from runtime import publish
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests.stories.browsing import PASSWORD, browsing

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = (
    "/builder", "/builder/modules/new", "/builder/m/deals", "/builder/m/deals/fields/stage", "/builder/m/deals/new/formula",
    "/builder/m/deals/layouts", "/builder/m/deals/layouts/standard", "/builder/m/deals/views", "/builder/m/deals/views/board",
    "/builder/m/deals/rules", "/builder/m/deals/rules/new", "/builder/m/deals/buttons", "/builder/m/deals/buttons/mark_won",
    "/builder/m/deals/settings", "/builder/m/deals/more", "/builder/d/roles", "/builder/roles/sales_rep",
    "/builder/d/import_maps/zoho_accounts", "/builder/d/duplicate_rules/leads.same_email", "/builder/d/convert_maps/leads.standard",
    "/builder/translations", "/builder/search?q=amount", "/builder/words", "/builder/people", "/builder/people/new",
    "/builder/company", "/builder/audit", "/builder/example", "/builder/packages",
    "/builder/packages/build", "/builder/packages/sales/uninstall",
    "/builder/review", "/builder/versions", "/builder/versions/1", "/builder/branches", "/builder/theme", "/m/deals",
    "/m/deals?view=board", "/m/deals/new", "/m/deals/export", "/exports", "/import", "/search?q=a", "/me", "/nothing/here")


@pytest.fixture(scope="module")
def crm(live):
    publish.install_seed(HOUSE, "seeds/sales", samples=False)
    published.refresh()
    users.sync_roles()
    users.create("boss", roles=("Admin",), password=PASSWORD, full_name="Bo Boss")
    return live


@pytest.fixture(scope="module", params=[(1440, "light"), (360, "dark")], ids=["desktop, light", "phone, dark"])
def page(request, chromium, crm):
    if not AXE.is_file():
        pytest.skip("`make assets` has not run here")
    width, theme = request.param
    with browsing(chromium, but=r"status of 404") as visit:
        yield visit(crm, "boss", viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True)


@pytest.mark.parametrize("address", PAGES)
def test_nobody_is_shut_out_of_a_page(page, crm, address):
    answer = page.goto(crm + address, wait_until="load")
    if answer.status == 404 and address != "/nothing/here":
        pytest.skip("There is no such page here")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)["violations"]

    assert [(each["id"], [node["html"][:200] for node in each["nodes"]][:3]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the screen."
