"""What is drafted is tried as somebody of a role: their form, their newest record, their list, before anybody else sees it."""
from dataclasses import replace

import pytest

from runtime.app import create_app
from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

TRY = "/builder/m/deals/try"


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    own = {"read": "own", "create": True, "edit": "own", "fields": {"fld_deals_amount": "hidden"}}
    builders.publish_all(
        builders.accounts(), builders.deals(), builders.a_role("boss_of_all"), builders.a_role("rep", deals=own),
        builders.a_role("watcher", deals={"read": "all", "create": False}),
        builders.a_layout("deals", sections=({"name": "main", "label": "Main", "fields": ["name", "stage", "amount"]},)),
        replace(builders.a_role("designer", any={"read": "no"}), designs=("layouts",)))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("dao", roles=("designer",), password="dao password", full_name="Đào Lê")
    service.create(HOUSE, "deals", {"name": "Large one", "amount": "5000"})
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    yield client
    client.post("/builder/review/drop", data={"csrf_token": client.csrf})


def test_every_page_of_a_module_leads_to_it_as_the_role_that_fills_it_in(boss):
    for address in ("/builder/m/deals", "/builder/m/deals/fields/amount", "/builder/m/deals/layouts/standard"):
        page = boss.get(address).text
        assert f'href="{TRY}"' in page and "Try as Rep" in page


def test_it_opens_the_form_for_a_new_record_as_that_role(boss):
    page = boss.get(TRY).text
    assert 'src="/builder/frame/m/deals/new?as=rep' in page and '<option value="rep" selected>' in page

    framed = boss.get("/builder/frame/m/deals/new?as=rep").text
    assert 'name="stage"' in framed and 'name="amount"' not in framed


def test_one_changes_who_looks_at_what(boss):
    assert 'src="/builder/frame/m/deals/1?as=boss_of_all&amp;lang=vi"' in boss.get(f"{TRY}?as=boss_of_all&page=record&lang=vi").text
    assert 'src="/builder/frame/m/deals?as=watcher"' in boss.get(f"{TRY}?as=watcher&page=list&device=phone").text
    assert 'src="/builder/frame/m/deals/new"' in boss.get(f"{TRY}?as=").text
    assert 'data-device="phone"' in boss.get(f"{TRY}?device=phone").text


def test_where_nobody_has_a_record_only_the_form_and_the_list_are_offered(boss):
    page = boss.get(f"{TRY}?as=rep&page=record").text
    assert 'value="record"' not in page and "/m/deals/new?as=rep" in page


def test_a_role_nobody_knows_and_a_module_nobody_has_are_not_found(boss):
    assert boss.get(f"{TRY}?as=nobody").status_code == 404
    assert boss.get("/builder/m/nothing/try").status_code == 404


def test_a_module_that_is_not_published_yet_is_tried_too(boss):
    boss.post("/builder/modules", data={"csrf_token": boss.csrf, "label": "Visit", "plural": "Visits"})

    assert boss.get("/builder/m/visits/try").status_code == 200
    assert 'name="name"' in boss.get("/builder/frame/m/visits/new").text


def test_who_designs_layouts_tries_them_as_themselves_alone(app):
    dao = signed_in(app, "dao")

    assert dao.get(TRY).status_code == 200 and "Try it" in dao.get("/builder/m/deals/layouts").text
    assert dao.get(f"{TRY}?as=boss_of_all").status_code == 403
