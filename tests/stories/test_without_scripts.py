"""Stories without scripts: every page works by plain link and form; and in Vietnamese nothing runs out of a phone's screen."""
from functools import partial
from itertools import pairwise

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
    published.refresh()
    users.sync_roles()
    users.create("lan", roles=("Admin",), password=PASSWORD, full_name="Lan Nguyễn")
    lan = users.actor_for("lan", "page")
    with transaction():
        for name in ("Trays", "Cartons", "Sleeves"):
            service.create(lan, "deals", {"name": name, "stage": "Qualification", "amount": "1000", "close_date": "2026-12-15"})
    return live


@pytest.fixture
def visit(chromium, crm):
    """visit(java_script_enabled=False, …) -> a page of Lan's, signed in."""
    with browsing(chromium, but=r"status of (404|409|422)") as visit:
        yield partial(visit, crm, "lan")


@pytest.fixture
def plain(visit):
    return visit(java_script_enabled=False)


def test_a_record_is_made_changed_deleted_and_brought_back_by_plain_forms(plain, crm):
    plain.goto(f"{crm}/m/deals")
    plain.click("a[data-key=n]")
    plain.fill("[name=name]", "Mooncake boxes")
    plain.click("[data-save]")
    assert plain.locator("h1").inner_text() == "Mooncake boxes"
    address = plain.url

    plain.click("[data-key=e]")
    plain.fill("[name=name]", "")
    plain.click("[data-save]")
    assert plain.locator("[name=name][aria-invalid=true]").count() == 1
    plain.fill("[name=name]", "Mooncake trays")
    plain.click("[data-save]")
    assert plain.url == address
    assert plain.locator("h1").inner_text() == "Mooncake trays"

    plain.click("[popovertarget=record_more]")
    plain.click("#record_more a.b-bad")
    plain.click(".btn-danger")
    assert plain.url == f"{crm}/m/deals"
    plain.goto(f"{crm}/m/deals/bin")
    plain.click("tr:has-text('Mooncake trays') button")
    assert plain.url == address


def test_a_deal_moves_on_by_its_path_and_by_its_buttons(plain, crm):
    plain.goto(f"{crm}/m/deals?q=Trays")
    plain.click("td[data-cell=title] a:has-text('Trays')")
    plain.click(".b-path button:has-text('Negotiation')")
    assert "Negotiation" in plain.locator(".b-path [data-state=now]").inner_text()

    plain.click(".b-rec-actions button:has-text('won')")
    assert "Won" in plain.locator(".b-path [data-state=now]").inner_text()


def test_a_list_is_filtered_and_its_ticked_rows_are_deleted(plain, crm):
    plain.goto(f"{crm}/m/deals")
    plain.click(".b-chip-add")
    plain.select_option("[name=filter_field]", "name")
    plain.click("noscript button, #filter_form button:has-text('Next')")
    plain.select_option("[name=filter_operator]", "contains")
    plain.fill("[name=operand]", "arton")
    plain.click("#filter_form .btn-primary")
    assert plain.locator("tbody tr").count() == 1

    plain.check("tbody [name=id]")
    plain.click(".b-bulk .b-bad")
    plain.click(".btn-danger")
    plain.goto(f"{crm}/m/deals?q=Cartons")
    assert plain.locator("tbody tr").count() == 0


def test_the_language_and_the_theme_are_chosen_by_plain_forms(plain, crm):
    plain.click("[popovertarget=me]")
    plain.click("#me button[name=language][value=vi]")
    assert plain.locator("html").get_attribute("lang") == "vi"
    plain.click("[popovertarget=me]")
    plain.click("#me button[name=theme][value=dark]")
    assert plain.locator("html").get_attribute("data-bs-theme") == "dark"
    plain.click("[popovertarget=me]")
    plain.click("#me button[name=language][value=en]")
    plain.click("[popovertarget=me]")
    plain.click("#me form[action='/logout'] button")
    assert plain.url.startswith(f"{crm}/login")


WIDER = """() => {
  const clipped = (one) => {
    for (let up = one.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible' && up.getBoundingClientRect().right <= innerWidth + 1) return true;
    return false;
  };
  return [...document.querySelectorAll('body *')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !clipped(one) && !one.closest('svg, .visually-hidden, .b-skip');
  }).map((one) => one.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_runs_out_of_a_phones_screen(visit, crm, language):
    page = visit(viewport={"width": 360, "height": 740})
    page.evaluate("""async (language) => { const form = new FormData(); form.append('language', language);
        const token = JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken'];
        await fetch('/me/settings', {method: 'POST', headers: {'X-CSRFToken': token}, body: form}); }""", language)
    for path in ("/", "/m/deals", "/m/tasks?view=overdue", "/m/deals/1", "/m/deals/1/edit", "/m/leads/new", "/m/deals/filter",
                 "/m/deals/bin", "/search?q=nguyen", "/me", "/builder/people", "/builder/people/new", "/import", "/nowhere"):
        page.goto(f"{crm}{path}")
        assert page.locator("html").get_attribute("lang") == language
        assert (path, page.evaluate(WIDER)) == (path, [])
        labels = page.locator(".b-tabbar .b-cut")
        boxes = [labels.nth(at).bounding_box() for at in range(labels.count()) if labels.nth(at).is_visible()]
        assert all(left["x"] + left["width"] <= right["x"] + 1 for left, right in pairwise(boxes)), path
