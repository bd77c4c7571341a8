"""Tabs of a record's page: real links, one open at a time, gone with what stood on them; headings of a form that hides nothing."""
import re

import pytest

from metadata.model.layout_rule import LayoutRule
from metadata.model.translation import Translation
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.counting import counted
from tests.runtime.web.conftest import signed_in

TAB = {"HX-Request": "true", "HX-Target": "record_tab"}
BIG = {"field": "size", "operator": "is", "operand": "Big"}
SIZES = {"choices": [{"value": "Big", "label": "Big"}, {"value": "Small", "label": "Small"}]}
TABS = ("overview", "work", "papers", "money", "calls")


def a_list(module, **more):
    return {"module": module, "field": "account", "columns": ["name"], **more}


@pytest.fixture(scope="module")
def crm(app):
    sections = (("main", "", ["name", "size"], {}), ("second", "overview", ["industry"], {}),
                ("site", "work", ["site"], {"show_if": BIG}), ("deed", "papers", ["deed", "number"], {}),
                ("sums", "money", ["secret"], {}))
    modules = [builders.a_module(name, a_field("account", "lookup", of=name, settings={"module": "accounts"}))
               for name in ("deals", "calls", "visits")]
    builders.publish_all(
        *modules,
        builders.a_module("accounts", a_field("size", "picklist", of="accounts", settings=SIZES),
                          a_field("industry", of="accounts"),
                          a_field("site", of="accounts"), a_field("deed", of="accounts"),
                          a_field("number", "integer", of="accounts"), a_field("secret", of="accounts")),
        builders.a_layout("accounts", tabs=tuple({"name": name, "label": name.capitalize()} for name in TABS),
                          sections=tuple({"name": name, "label": f"Section {name}", "fields": fields, **more,
                                          **({"tab": tab} if tab else {})} for name, tab, fields, more in sections),
                          related=(a_list("deals"), a_list("visits", tab="papers"), a_list("calls", tab="calls"))),
        LayoutRule(id="lrule_deed", name="deed", module="accounts", label="No deed", hide_sections=("deed",),
                   when={"field": "industry", "operator": "is", "operand": "None"}),
        Translation(id="tr_vi", name="vi", labels={"layouts.accounts.standard.tabs.papers": "Giấy tờ"}),
        builders.a_role("rep", accounts={"read": "all", "create": True, "edit": "all", "fields": {"fld_accounts_secret": "hidden"}},
                        calls={"read": "no"}, visits={"read": "all"}))
    users.sync_roles()
    users.create("one_rep", roles=("rep",), password="one rep password")
    return published.current()


@pytest.fixture
def rep(app, crm):
    return signed_in(app, "one_rep")


@pytest.fixture
def boss(app, crm):
    return signed_in(app, "boss")


def an_account(**values):
    account = service.create(HOUSE, "accounts", {"name": "Lan's", "size": "Big", "number": 5} | values).id
    for module in ("deals", "visits", "calls"):
        service.create(HOUSE, module, {"name": f"One of the {module}", "account": account})
    return account


def links(text):
    """{the name of each tab: whether it is open}"""
    found = re.findall(r'<a id="tab_(\w+)" href="[^"]+\?tab=(\w+)"[^>]*?( aria-current="page")?>', text)
    assert all(one == other for one, other, _now in found)
    return {name: bool(now) for name, _other, now in found}


def sections(text):
    return re.findall(r"<summary>Section (\w+)</summary>", text)


def test_a_record_opens_on_the_first_tab_and_each_tab_has_an_address(boss):
    address = f"/m/accounts/{an_account()}"

    first, papers = boss.get(address).text, boss.get(f"{address}?tab=papers").text

    assert links(first) == {name: name == "overview" for name in TABS}
    assert sections(first) == ["main", "second"] and links(papers)["papers"] and sections(papers) == ["deed"]
    assert "One of the deals" in first and "One of the visits" not in first       # a list without a tab stands beside every one
    assert "One of the visits" in papers and f"{address}/panel/related_0" in papers


def test_another_tab_comes_alone_with_what_belongs_to_it(boss):
    address = f"/m/accounts/{an_account()}"

    part = boss.get(f"{address}?tab=papers", headers=TAB).text

    assert part.lstrip().startswith('<div data-area="facts" id="record_tab">') and sections(part) == ["deed"]
    assert "One of the visits" in part and "record_related" not in part and "b-rec-head" not in part


def test_tabs_cost_no_more_statements_than_a_page_without(boss):
    address = f"/m/accounts/{an_account()}"
    boss.get(address)
    for asked, headers in ((address, {}), (f"{address}?tab=papers", {}), (f"{address}?tab=papers", TAB)):
        with counted() as said:
            assert boss.get(asked, headers=headers).status_code == 200
        assert len(said) <= 3, said
    with counted() as said:
        boss.get(f"{address}?tab=work", headers=TAB)
    assert len(said) <= 2, said


def test_what_stands_on_another_tab_is_not_read(boss):
    address = f"/m/accounts/{an_account()}"
    boss.get(address)
    with counted() as said:
        boss.get(address)

    asked = next(str(statement) for statement in said if "industry" in str(statement))
    assert "deed" not in asked and "secret" not in asked and "size" in asked


def test_a_tab_goes_with_what_stood_on_it(rep, boss):
    big, small = an_account(), an_account(size="Small", industry="None")

    assert set(links(rep.get(f"/m/accounts/{big}").text)) == {"overview", "work", "papers"}       # money, calls: not theirs
    assert set(links(boss.get(f"/m/accounts/{small}").text)) == {"overview", "papers", "money", "calls"}   # a list keeps it
    assert sections(boss.get(f"/m/accounts/{small}?tab=papers").text) == []


@pytest.mark.parametrize("asked", ["money", "nowhere", "%3Cscript%3E", ""])
def test_a_tab_that_is_not_there_for_somebody_opens_the_first(rep, asked):
    page = rep.get(f"/m/accounts/{an_account(industry='Toys')}?tab={asked}")

    assert page.status_code == 200 and links(page.text)["overview"] and sections(page.text) == ["main", "second"]
    assert "Toys" in page.text                   # what stands there was read, whatever was asked for
    assert "secret" not in page.text.lower() and "<script>" not in page.text


def test_a_tab_says_its_name_in_the_readers_language(app, crm):
    client = signed_in(app, "one_rep")
    client.post("/me/settings", data={"language": "vi", "csrf_token": client.csrf})
    page = client.get(f"/m/accounts/{an_account()}").text
    client.post("/me/settings", data={"language": "en", "csrf_token": client.csrf})

    assert ">Giấy tờ</a>" in page and ">Overview</a>" in page


def test_what_is_saved_comes_back_to_the_tab_it_was_begun_on(boss):
    address = f"/m/accounts/{an_account()}"
    form = boss.get(f"{address}/edit", headers={"Referer": f"http://localhost{address}?tab=papers"}).text
    given = {"csrf_token": boss.csrf, "version": "1", "deed": "Book 4", "_tab": "papers"}

    plain = boss.put(address, data=given)
    swapped = boss.put(address, data=given | {"version": "2", "deed": "Book 5"},
                       headers={"HX-Request": "true", "HX-Target": "record", "HX-Current-URL": f"http://localhost{address}/edit"})
    moved = boss.put(address, data={"csrf_token": boss.csrf, "version": "3", "size": "Small"}, headers={
        "HX-Request": "true", "HX-Target": "record", "HX-Current-URL": f"http://localhost{address}?tab=papers"})

    assert '<input type="hidden" name="_tab" value="papers">' in form
    assert plain.status_code == 303 and plain.location.endswith(f"{address}?tab=papers")
    assert swapped.headers["HX-Push-Url"] == f"{address}?tab=papers" and links(swapped.text)["papers"] and "Book 5" in swapped.text
    assert moved.headers["HX-Push-Url"] == f"{address}?tab=papers"


@pytest.mark.parametrize("came", ["http://[", "http://localhost/m/accounts/999?tab=papers", "%", ""])
def test_an_address_that_says_nothing_opens_the_first_tab(boss, came):
    address = f"/m/accounts/{an_account()}"

    saved = boss.put(address, data={"csrf_token": boss.csrf, "version": "1", "deed": "Book 4"}, headers={"Referer": came})

    assert saved.status_code == 303 and saved.location.endswith(address)


def test_the_form_has_everything_under_the_headings_of_the_tabs(rep):
    form = rep.get(f"/m/accounts/{an_account()}/edit").text

    assert re.findall(r'<h2 id="part_(\w+)_h">', form) == ["overview", "work", "papers"]
    assert re.findall(r'id="section_(\w+)"', form) == ["main", "second", "site", "deed"]
    assert re.findall(r'<a href="#part_(\w+)">', form) == ["overview", "work", "papers"] and 'name="secret"' not in form


def test_an_error_on_any_tab_is_seen_and_nothing_typed_is_lost(rep):
    address = f"/m/accounts/{an_account()}"

    refused = rep.put(address, data={"csrf_token": rep.csrf, "version": "1", "number": "many", "industry": "Toys"})

    assert refused.status_code == 422 and 'value="many"' in refused.text and 'value="Toys"' in refused.text
    assert re.search(r'<a href="#part_papers">Papers <span class="b-count" data-tone="red">.*?1</span></a>', refused.text)


def test_where_all_stands_on_one_tab_there_is_nothing_to_choose(rep, crm):
    layout = crm.definitions.documents["layouts/accounts.standard"]
    only = [section for section in layout.sections if layout.tab_of(section) == "overview"]
    builders.publish_all(*(each for path, each in crm.definitions.documents.items()
                           if path not in (layout.path, "layout_rules/accounts.deed")),
                         builders.a_layout("accounts", tabs=layout.tabs, sections=tuple(only)))
    account = an_account()

    page, form = rep.get(f"/m/accounts/{account}").text, rep.get(f"/m/accounts/{account}/edit").text

    assert 'id="record_tabs"' not in page and sections(page) == ["main", "second"] and "form_tabs" not in form
