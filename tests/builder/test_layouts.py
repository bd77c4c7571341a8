"""Layouts are drawn on a canvas, step by step in the draft, beside the real page as a role, a record and a language have it."""
import pytest

from builder import draft as drafts
from metadata.model.layout import Layout
from runtime.app import create_app
from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

CANVAS = "/builder/m/deals/layouts/standard"


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    standard = Layout(id="lay_deals_standard", name="standard", module="deals", label="Standard", sections=(
        {"name": "main", "label": "Deal", "columns": 2, "fields": ["name", "stage", "amount"]},
        {"name": "more", "label": "More", "columns": 1, "fields": ["close_date"]}))
    builders.publish_all(builders.accounts(), builders.deals(), standard, builders.a_role("rep"),
                         builders.a_role("clerk", deals={"read": "all", "edit": "all", "fields": {"fld_deals_amount": "hidden"}}))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    account = service.create(HOUSE, "accounts", {"name": "Cyber Retail", "industry": "Toys"})
    service.create(HOUSE, "deals", {"name": "Large one", "amount": "5000", "stage": "Proposal", "account": account.id})
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    yield client
    post(client, "/builder/review/drop")


def post(client, address, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf})


def put(client, move, address=CANVAS):
    answer = post(client, address, put=move)
    assert answer.status_code == 303, answer.text
    return answer.location


def known():
    return drafts.current(users.actor_for(users.get("boss").id, "web")).definitions


def drafted(module="deals", name="standard") -> Layout:
    return next(each for each in known().layouts_of(module) if each.name == name)


def placed() -> list[list[str]]:
    return [list(section["fields"]) for section in drafted().sections]


def test_the_canvas_shows_what_stands_where_and_what_is_left(boss):
    page = boss.get(CANVAS).text
    assert page.index('data-slots="off"') < page.index('id="add_account"') < page.index('data-slots="main"') < page.index(
        'id="slot_amount"') < page.index('data-slots="more"') < page.index('id="slot_close_date"')
    assert 'src="/builder/frame/m/deals/1/edit?layout=deals.standard"' in page


@pytest.mark.parametrize(("moves", "after"), [
    (["field amount @more 0"], [["name", "stage"], ["amount", "close_date"]]),
    (["field account @"], [["name", "stage", "amount", "account"], ["close_date"]]),
    (["field account @more"], [["name", "stage", "amount"], ["close_date", "account"]]),
    (["field stage off"], [["name", "amount"], ["close_date"]]),
    (["field name right"], [["stage", "name", "amount"], ["close_date"]]),
    (["field name left"], [["name", "stage", "amount"], ["close_date"]]),
    (["field name down"], [["stage", "amount", "name"], ["close_date"]]),
    (["field amount right"], [["name", "stage"], ["amount", "close_date"]]),
    (["field close_date up"], [["name", "stage", "amount", "close_date"], []]),
    (["section main down"], [["close_date"], ["name", "stage", "amount"]]),
    (["section more 0"], [["close_date"], ["name", "stage", "amount"]]),
    (["section more remove"], [["name", "stage", "amount"]]),
    (["section new", "field close_date @new_section"], [["name", "stage", "amount"], [], ["close_date"]]),
    (["nonsense", ""], [["name", "stage", "amount"], ["close_date"]]),
])
def test_each_move_is_one_step_that_is_taken_back(boss, moves, after):
    before = placed()
    for move in moves:
        put(boss, move)
    assert placed() == after
    for _each in drafts.current(users.actor_for(users.get("boss").id, "web")).done:
        post(boss, "/builder/undo")
    assert placed() == before


@pytest.mark.parametrize("move", ["field amount @nowhere", "section nowhere up", "related 7 up", "related new deals name"])
def test_a_move_of_what_is_not_there_is_refused_and_changes_nothing(boss, move):
    before = placed()
    assert post(boss, CANVAS, put=move).status_code in (404, 409)
    assert placed() == before


def test_a_section_gets_a_name_a_column_and_a_condition(boss):
    where = put(boss, "section new")
    assert where == f"{CANVAS}?section=new_section"
    assert "Settings of section" in boss.get(where).text
    kept = post(boss, f"{CANVAS}/settings", section="new_section", label="Large deals", columns="1", collapsed="1",
                show_if='{"field": "amount", "operator": "above", "operand": 1000}', **{"label:vi": "Giao dịch lớn"})
    assert kept.status_code == 303, kept.text
    made = drafted().sections[-1]
    assert made == {"name": "new_section", "label": "Large deals", "columns": 1, "fields": [], "collapsed": True,
                    "show_if": {"field": "amount", "operator": "above", "operand": 1000}}
    assert known().translations["vi"].labels["layouts.deals.standard.sections.new_section"] == "Giao dịch lớn"
    assert "Conditional" in boss.get(CANVAS).text


def test_what_is_wrong_in_the_settings_is_said_and_not_kept(boss):
    refused = post(boss, f"{CANVAS}/settings", section="main", label="")
    assert refused.status_code == 422 and "Fill this in." in refused.text
    assert drafted().sections[0]["label"] == "Deal"


def test_a_condition_half_filled_in_is_still_there_when_something_else_is_wrong(boss):
    refused = post(boss, f"{CANVAS}/settings", section="main", label="", **{
        "show_if:part": ["=group", "0=row", "1=row"], "show_if::match": "all", "show_if:0:field": "amount",
        "show_if:0:was": "amount", "show_if:0:operator": "above", "show_if:0:value": "1000",
        "show_if:1:field": "", "show_if:1:was": ""})
    assert refused.status_code == 422 and refused.text.count('name="show_if:part"') == 3
    assert drafted().sections[0].get("show_if") is None


def test_a_related_list_is_added_with_columns_and_arranged(boss):
    post(boss, "/builder/m/accounts/layouts", label="Standard")
    canvas = "/builder/m/accounts/layouts/standard"
    assert "List of Deals" in boss.get(canvas).text
    put(boss, "related new deals account", address=canvas)
    assert drafted("accounts").related[0]["module"] == "deals" and drafted("accounts").related[0]["columns"][0] == "name"
    kept = post(boss, f"{canvas}/settings", related="0", label="Their deals", columns=["name", "amount"],
                **{"sort:rows": ["", "0"], "sort.0.field": "amount", "sort.0.descending": "1"})
    assert kept.status_code == 303, kept.text
    assert drafted("accounts").related == ({"module": "deals", "field": "account", "label": "Their deals",
                                            "columns": ["name", "amount"], "sort": [{"field": "amount", "descending": True}]},)
    put(boss, "related 0 remove", address=canvas)
    assert drafted("accounts").related == ()


def test_a_layout_for_some_is_made_ordered_copied_and_removed_but_not_the_one_for_the_rest(boss):
    made = post(boss, "/builder/m/deals/layouts", label="Large deals")
    assert made.location == "/builder/m/deals/layouts/large_deals?settings=1#layout_settings"
    assert "Only one layout can be for the rest" in boss.get("/builder/m/deals/layouts").text
    kept = post(boss, "/builder/m/deals/layouts/large_deals/settings", settings="1", label="Large deals",
                condition='{"field": "amount", "operator": "above", "operand": 1000}', roles=["", "role_rep"])
    assert kept.status_code == 303, kept.text
    page = boss.get("/builder/m/deals/layouts").text
    assert "Where Amount is above" in page and "For Rep." in page and page.index("Large deals") < page.index("For the rest")
    post(boss, "/builder/m/deals/layouts/large_deals/copy")
    post(boss, "/builder/m/deals/layouts/large_deals_copy/step", to="up")
    assert drafted(name="large_deals_copy").position < drafted(name="large_deals").position
    post(boss, "/builder/m/deals/layouts/large_deals_copy/remove")
    assert {each.name for each in known().layouts_of("deals")} == {"standard", "large_deals"}
    assert post(boss, "/builder/m/deals/layouts/standard/remove").status_code == 409


def test_the_preview_is_the_real_page_as_a_role_and_a_language_have_it(boss):
    put(boss, "field account @main")
    form = boss.get("/builder/frame/m/deals/1/edit?layout=deals.standard").text
    assert 'value="Large one"' in form and "5,000" in form and "<body inert" in form
    assert 'name="account"' in form
    hidden = boss.get("/builder/frame/m/deals/1/edit?layout=deals.standard&as=clerk").text
    assert 'value="Large one"' in hidden and "5,000" not in hidden
    assert "<html lang=\"vi\"" in boss.get("/builder/frame/m/deals/1?layout=deals.standard&lang=vi").text
    assert boss.get("/builder/frame/m/deals/1?layout=deals.nowhere").status_code == 404
    assert 'name="name"' in boss.get("/builder/frame/m/deals/new?layout=deals.standard").text


def test_a_required_field_that_is_not_on_it_is_told(boss):
    assert "no new record can be saved" not in boss.get(CANVAS).text
    put(boss, "field name off")
    assert "no new record can be saved" in boss.get(CANVAS).text
