"""Views are made, ordered and changed in the draft; the frame beside the editor shows the real list as the draft makes it."""
from dataclasses import replace

import pytest

from builder import draft as drafts
from metadata.model.view import View
from runtime.app import create_app
from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.accounts(), builders.deals(), builders.a_view("deals", ("name", "stage", "amount"), position=10),
                         builders.a_view("deals", ("name", "amount"), "big", position=20, criteria={
                             "field": "amount", "operator": "above", "operand": 1000}),
                         builders.a_role("rep"), replace(builders.a_role("designer"), designs=("views", "layouts")),
                         builders.a_role("clerk", deals={"read": "all", "fields": {"fld_deals_amount": "hidden"}}))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    users.create("dao", roles=("designer",), password="dao password", full_name="Đào Lê")
    account = service.create(HOUSE, "accounts", {"name": "Cyber Retail", "industry": "Toys"})
    service.create(HOUSE, "deals", {"name": "Small one", "amount": "10", "account": account.id})
    service.create(HOUSE, "deals", {"name": "Large one", "amount": "5000", "stage": "Proposal", "account": account.id})
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    yield client
    post(client, "/builder/review/drop")


def post(client, address, headers=None, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf}, headers=headers)


def drafted(name: str) -> View:
    actor = users.actor_for(users.get("boss").id, "web")
    return next(view for view in drafts.current(actor).definitions.views_of("deals") if view.name == name)


def test_views_are_listed_in_their_order_with_their_filter_in_words(boss):
    page = boss.get("/builder/m/deals/views").text
    assert page.index(">All<") < page.index(">Big<") and "Where Amount is above " in page and "All records." in page
    assert "Clerk" in page and "Seen first" in page
    assert page.count("Not there for Clerk: it asks about what is hidden from them.") == 1


def test_a_view_is_added_moved_copied_put_first_and_removed_step_by_step(boss):
    made = post(boss, "/builder/m/deals/views", label="Closing soon")
    assert made.status_code == 303 and made.location == "/builder/m/deals/views/closing_soon"
    assert drafted("closing_soon").columns == ("name", "stage", "amount", "close_date", "account", "weighted")
    post(boss, "/builder/m/deals/views/closing_soon/move", to="up")
    assert [drafted(name).position for name in ("all", "closing_soon", "big")] == [10, 20, 30]
    post(boss, "/builder/m/deals/views/order", order="big closing_soon all")
    assert [drafted(name).position for name in ("big", "closing_soon", "all")] == [10, 20, 30]
    post(boss, "/builder/m/deals/views/big/default")
    assert drafted("big").default and not drafted("all").default
    assert post(boss, "/builder/m/deals/views/big/copy").location == "/builder/m/deals/views/big_copy"
    assert not drafted("big_copy").default and drafted("big_copy").criteria == drafted("big").criteria
    post(boss, "/builder/m/deals/views/big_copy/remove")
    assert "big_copy" not in boss.get("/builder/m/deals/views").text
    for _step in range(6):
        post(boss, "/builder/undo", **{"from": "/builder/m/deals/views"})
    assert "closing_soon" not in boss.get("/builder/m/deals/views").text and drafted("all").default


def test_a_view_of_what_has_gone_can_still_be_opened_and_mended(boss):
    actor = users.actor_for(users.get("boss").id, "web")
    lost = builders.a_view("deals", ("name", "ghost"), "lost", criteria={"field": "ghost", "operator": "is", "operand": 1})
    drafts.change(actor, "Break it.", lambda known: known.with_document(lost))
    assert ">Lost<" in boss.get("/builder/m/deals/views").text
    assert boss.get("/builder/m/deals/views/lost").status_code == 200
    assert boss.get("/builder/frame/m/deals?view=lost").status_code < 500
    mended = post(boss, "/builder/m/deals/views/lost", label="Lost", kind="table", columns=["", "name"], criteria="")
    assert mended.status_code == 303


def test_taking_back_a_new_view_leads_back_to_the_list(boss):
    made = post(boss, "/builder/m/deals/views", label="For a moment").location
    assert post(boss, "/builder/undo", **{"from": made}).location == "/builder/m/deals/views"
    assert post(boss, "/builder/redo", **{"from": "/builder/m/deals/views"}).location == "/builder/m/deals/views"
    assert boss.get(made).status_code == 200


def test_a_view_without_a_name_is_not_made(boss):
    answer = post(boss, "/builder/m/deals/views", label=" ")
    assert answer.status_code == 422 and "Say what the view is called." in answer.text


def test_columns_are_added_through_a_link_moved_and_removed(boss):
    here = "/builder/m/deals/views/all"
    assert 'value="account.industry"' in boss.get(here).text
    kept = {"label": "All", "kind": "table", "columns": ["", "name", "stage"]}
    assert post(boss, here, **kept, **{"columns:add": "account.industry"}).status_code == 303
    assert drafted("all").columns == ("name", "stage", "account.industry")
    kept["columns"].append("account.industry")
    post(boss, here, **kept, **{"schema:do": "up:columns.2"})
    assert drafted("all").columns == ("name", "account.industry", "stage")
    post(boss, here, **kept, **{"schema:do": "remove:columns.0"})
    assert drafted("all").columns == ("stage", "account.industry")
    framed = boss.get("/builder/frame/m/deals?view=all").text
    assert "Toys" in framed and "<body inert" in framed
    assert "Toys" not in boss.get("/m/deals?view=all").text
    post(boss, "/builder/undo", **{"from": here})
    assert drafted("all").columns == ("name", "account.industry", "stage")


def test_a_frame_shows_the_draft_as_a_role_sees_it(app, boss):
    seen = boss.get("/builder/frame/m/deals?view=big")
    assert "Large one" in seen.text and "Small one" not in seen.text and "5,000" in seen.text
    assert "frame-ancestors 'self'" in seen.headers["Content-Security-Policy"] and seen.headers["X-Frame-Options"] == "SAMEORIGIN"
    clerk = boss.get("/builder/frame/m/deals?view=all&as=clerk").text
    assert "Large one" in clerk and "5,000" not in clerk
    assert boss.get("/m/deals").headers["X-Frame-Options"] == "DENY"
    assert boss.get("/builder/frame/builder").status_code == 404 and boss.get("/builder/frame/m/deals?as=ghost").status_code == 404
    assert signed_in(app, "lan").get("/builder/frame/m/deals").status_code == 403


def test_what_a_framed_page_asks_for_later_is_the_drafts_too(boss):
    post(boss, "/builder/m/deals/views", label="Boards")
    here = "/builder/m/deals/views/boards"
    post(boss, here, label="Boards", kind="kanban", columns=["", "name", "amount"], sums=["", "amount"],
         **{"settings.field": "stage"})
    framed = boss.get("/builder/frame/m/deals?view=boards&as=clerk").text
    assert """<body inert class="b-app" hx-headers='{"X-Look": "as=clerk", "X-CSRFToken\"""" in framed
    assert boss.get("/m/deals/totals?view=boards").status_code == 400
    assert boss.get("/m/deals/totals?view=boards", headers={"X-Look": "as=clerk"}).status_code == 200
    refused = boss.post("/m/deals", data={"name": "X", "csrf_token": boss.csrf}, headers={"X-Look": ""})
    assert refused.status_code == 409


def test_a_designer_builds_views_and_nothing_else(app):
    dao = signed_in(app, "dao")
    made = post(dao, "/builder/m/deals/views", label="Mine").location
    assert made == "/builder/m/deals/views/mine" and 'name="label:vi"' not in dao.get(made).text
    assert post(dao, made, label="Mine alone", kind="table", columns=["", "name"]).status_code == 303
    assert post(dao, f"{made}/remove").status_code == 303
    assert dao.get("/builder/frame/m/deals?view=all").status_code == 200
    assert dao.get("/builder/frame/m/deals?view=all&as=clerk").status_code == 403
    assert post(dao, "/builder/translations", language="vi").status_code == 403


def test_a_kind_is_chosen_with_its_own_settings(boss):
    here = "/builder/m/deals/views/all"
    kept = {"label": "All", "columns": ["", "name", "amount"]}
    asked = post(boss, here, **kept, kind="kanban", **{"schema:do": "redraw"})
    assert asked.status_code == 200 and 'name="settings.field"' in asked.text and drafted("all").kind == "table"
    refused = post(boss, here, **kept, kind="kanban", **{"settings.field": "name"})
    assert refused.status_code == 422 and "has no lanes" in refused.text
    assert post(boss, here, **kept, kind="kanban", **{"settings.field": "stage"}).status_code == 303
    lanes = boss.get(here).text
    assert 'name="settings.hidden" value="Closed Lost"' in lanes
    post(boss, here, **kept, kind="kanban", **{"settings.field": "stage", "settings.hidden": ["", "Closed Lost"]})
    assert drafted("all").settings["hidden"] == ["Closed Lost"]
    assert drafted("all").kind == "kanban" and "Proposal" in boss.get("/builder/frame/m/deals?view=all").text


def test_a_change_is_kept_by_itself_and_counted(boss):
    here = "/builder/m/deals/views/big"
    page = post(boss, here, {"HX-Request": "true", "HX-Boosted": "true"}, label="Big ones", kind="table", columns=["", "name"],
                criteria='{"field": "amount", "operator": "above", "operand": 1}', **{"label:vi": "Lớn"})
    assert page.status_code == 200 and 'id="look"' in page.text and "2 records" in page.text
    assert drafted("big").label == "Big ones" and drafted("big").columns == ("name",)
    actor = users.actor_for(users.get("boss").id, "web")
    assert drafts.current(actor).definitions.translations["vi"].labels["views.deals.big.label"] == "Lớn"
    assert drafts.current(actor).done[-1].startswith("Change view 'Big ones': label, columns")
