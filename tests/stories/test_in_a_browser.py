"""Stories in a real browser: a rep's morning, two people on one record, the keyboard, a phone, and a clean console."""
import re
from functools import partial

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
    for name, full in (("lan", "Lan Nguyễn"), ("emma", "Emma Whitfield")):
        users.create(name, roles=("Admin",), password=PASSWORD, full_name=full)
    lan = users.actor_for("lan", "page")
    with transaction():
        account = service.create(lan, "accounts", {"name": "Công ty Nguyễn Đức"})
        for number in range(60):
            service.create(lan, "deals", {"name": f"Trays {number:02}", "stage": "Qualification", "account": account.id,
                                          "amount": str(1000 + number), "close_date": "2026-12-15"})
    return live


@pytest.fixture
def visit(chromium, crm):
    """visit("lan") -> a page of her own browser, signed in; every error the console says fails the test."""
    with browsing(chromium, but=r"status of (409|422)|Code (409|422)") as visit:
        yield partial(visit, crm)


def test_a_rep_adds_a_deal_for_a_customer_found_by_typing(visit, crm):
    page = visit("lan")
    page.goto(f"{crm}/m/deals/new")
    page.fill("[name=name]", "Mooncake boxes")
    page.fill("#f-account", "nguyen d")
    page.click("#o-f-account [role=option]")
    page.fill("[name=amount]", "48,500")
    page.click("[data-save]")

    page.wait_for_selector("h1:has-text('Mooncake boxes')")
    assert re.search(r"/m/deals/\d+$", page.url)
    assert page.locator("#record_facts").get_by_text("$48,500").count() == 1
    assert page.locator("#record_facts").get_by_role("link", name="Công ty Nguyễn Đức").count() == 1


def test_what_was_typed_wrongly_is_told_beside_the_field_and_nothing_typed_is_lost(visit, crm):
    page = visit("lan")
    page.goto(f"{crm}/m/deals/new")
    page.fill("[name=name]", "Half typed")
    page.fill("[name=amount]", "plenty")
    page.click("[data-save]")

    page.wait_for_selector("[aria-invalid=true]")
    assert page.input_value("[name=name]") == "Half typed" and page.input_value("[name=amount]") == "plenty"
    described = page.get_attribute("[name=amount]", "aria-describedby")
    assert page.locator(f"#{described.split()[0]}").inner_text()


def test_two_people_save_one_record_and_the_second_chooses(visit, crm):
    lan, emma = visit("lan"), visit("emma")
    for page in (lan, emma):
        page.goto(f"{crm}/m/deals/1/edit")
    lan.fill("[name=name]", "Trays, by Lan")
    lan.fill("[name=next_step]", "Call on Monday")
    lan.click("[data-save]")
    lan.wait_for_selector("h1:has-text('Trays, by Lan')")
    emma.fill("[name=name]", "Trays, by Emma")
    emma.click("[data-save]")

    emma.wait_for_selector("#record_conflict")
    told = emma.inner_text("#record_conflict")
    assert "Lan Nguyễn" in told and "Trays, by Lan" in told and "Trays, by Emma" in told
    emma.check("[name='keep:name'][value=theirs]")
    emma.click("#record_conflict button[type=submit]")
    emma.wait_for_selector("h1:has-text('Trays, by Lan')")
    kept = service.read(HOUSE, "deals", 1)
    assert kept["name"] == "Trays, by Lan" and kept["next_step"] == "Call on Monday"


def test_a_list_is_filtered_sorted_and_paged_under_its_own_address(visit, crm):
    page = visit("lan")
    page.goto(f"{crm}/m/deals")
    page.click("a:has-text('Add filter')")
    page.select_option("#filter_field", "name")
    page.wait_for_selector("#filter_operator")
    page.fill("#filter_operand [name=operand]", "trays 1")
    page.select_option("#filter_operator", "contains")
    page.click("#filter_form button[type=submit]:not([disabled])")
    page.wait_for_selector(".b-chip:has-text('trays 1')")

    assert page.locator("tbody tr").count() == 10
    page.reload()
    assert page.locator("tbody tr").count() == 10 and page.locator(".b-chip", has_text="trays 1").count() == 1
    page.click("a[aria-label^='Remove filter']")
    page.wait_for_selector("tbody tr:nth-child(50)")
    page.get_by_role("link", name="Next", exact=True).click()
    page.wait_for_url(re.compile("after="))
    assert 0 < page.locator("tbody tr").count() < 50


def test_an_answer_typed_while_the_dialog_is_on_its_way_stays_and_the_filter_counts(visit, crm):
    page, waiting = visit("lan"), []
    page.goto(f"{crm}/m/deals")
    page.click("a:has-text('Add filter')")
    page.select_option("#filter_field", "name")
    page.wait_for_selector("#filter_operator")
    page.route("**/m/deals/filter?*", lambda route: waiting.append(route))
    page.select_option("#filter_operator", "contains")
    page.locator("#filter_operand input").press_sequentially("trays")
    waiting.pop().continue_()
    page.wait_for_selector("#dialog[aria-busy]", state="detached")
    page.keyboard.type(" 1")                                                  # the caret is where it was

    assert page.input_value("#filter_operator") == "contains"
    assert page.input_value("#filter_operand input") == "trays 1"

    page.select_option("#filter_operator", "starts_with")
    page.click("#filter_form button[type=submit]")
    page.wait_for_selector("dialog[open]", state="detached")
    waiting.pop().continue_()
    page.wait_for_selector(".b-chip:has-text('trays 1')")
    page.wait_for_load_state("networkidle")

    assert page.locator("dialog[open]").count() == 0                          # an answer that comes too late opens nothing


def test_the_palette_opens_by_keyboard_finds_and_goes(visit, crm):
    page = visit("lan")
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog[open] input")
    page.keyboard.type("nguyen duc")
    page.wait_for_selector("dialog[open] [role=option][aria-selected=true]:has-text('Công ty Nguyễn Đức')")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"/m/accounts/\d+$"))


def test_a_deleted_record_comes_back_by_undo_or_from_the_bin(visit, crm):
    page = visit("lan")
    made = service.create(users.actor_for("lan", "page"), "deals", {"name": "Deleted by a slip", "stage": "Qualification"})
    page.goto(f"{crm}/m/deals/{made.id}")
    page.click("[popovertarget=record_more]")
    page.click("#record_more a:has-text('Delete')")
    page.click("dialog[open] button[type=submit]")
    page.wait_for_url(f"{crm}/m/deals")
    page.goto(f"{crm}/m/deals/bin")
    page.click("tr:has-text('Deleted by a slip') button")
    page.wait_for_selector("text=The recycle bin is empty")

    assert service.read(HOUSE, "deals", made.id)["name"] == "Deleted by a slip"


PAGES = ("/", "/m/deals", "/m/deals/2", "/m/deals/2/edit", "/m/leads/new", "/m/accounts", "/m/tasks", "/m/deals/bin",
         "/search?q=trays", "/m/deals/filter", "/m/deals/columns", "/me")


@pytest.mark.parametrize("width", [360, 1440])
def test_every_page_fits_its_width_and_says_nothing_in_the_console(visit, crm, width):
    page = visit("lan", viewport={"width": width, "height": 800})

    for path in PAGES:
        page.goto(crm + path, wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        unnamed = page.evaluate("""() => [...document.querySelectorAll('main :is(input, select, textarea)')]
            .filter(one => one.type !== 'hidden' && !one.hidden && !one.labels?.length
                && !one.getAttribute('aria-label') && !one.getAttribute('aria-labelledby'))
            .map(one => one.outerHTML.slice(0, 120))""")
        assert unnamed == [], path


def test_the_records_of_a_list_are_walked_by_key_and_the_way_back_keeps_the_list(visit, crm):
    page = visit("lan")
    page.goto(f"{crm}/m/deals?sort=name&q=Trays")
    names = page.locator("tbody [data-cell=title] a").all_inner_texts()
    page.click("tbody tr:nth-child(2) [data-cell=title] a")
    page.wait_for_selector(f"h1:text-is('{names[1]}')")

    assert page.inner_text("#record_walk .hint") == f"2 of {len(names)}"
    page.keyboard.press("j")
    page.wait_for_selector(f"h1:text-is('{names[2]}')")
    page.keyboard.press("k")
    page.wait_for_selector(f"h1:text-is('{names[1]}')")
    page.click(".b-crumb [data-list]")
    page.wait_for_url("**/m/deals?sort=name&q=Trays")


def test_a_dialog_gives_the_focus_back_and_what_was_saved_names_the_page(visit, crm):
    page = visit("lan")
    page.goto(f"{crm}/m/deals/new")
    page.keyboard.type("Typed at once")
    page.keyboard.press("Control+s")
    page.wait_for_selector("h1:has-text('Typed at once')")

    page.focus("[popovertarget=record_more]")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog[open]")
    page.keyboard.press("Escape")

    # the dialog closes a moment later
    page.wait_for_function("() => document.activeElement.getAttribute('popovertarget') === 'record_more'")
    assert page.title() == "Typed at once · Deals · Banyan"
