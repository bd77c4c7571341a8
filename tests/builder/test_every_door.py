"""Every route of the builder and its API, from the url map: who comes in, and that nothing anybody sends makes it fall."""
import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from builder import draft as drafts
from builder import gate
from metadata.model.role import Role
from runtime import publish, worker
from runtime.app import create_app
from runtime.db.transaction import reading, transaction
from runtime.publish import packages as installed
from runtime.records import service
from runtime.security import policy, users
from runtime.tables import published
from runtime.values import HOUSE
from runtime.web import policies
from tests.builder import doors
from tests.runtime.web.conftest import KEY, signed_in

MINE = {"layouts", "views"}
GIVEN = {"module": "deals", "name": "standard", "number": 1, "user_id": 1, "id": "fld_x", "folder": "roles", "key": "sales_rep",
         "type": "text", "token": "x", "file_id": "x", "place": "m/deals", "language": "vi", "span": "1..2", "noun": "views",
         "which": "logo"}


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    worker.prepare()
    publish.install_seed(HOUSE, "seeds/sales")
    designer = Role(id="role_designer", name="designer", label="Designer", designs=tuple(sorted(MINE)), modules={
        "mod_deal": {"read": "own", "create": True, "fields": {"fld_deal_amount": "hidden"}}})
    publish.publish(HOUSE, published.refresh().definitions.with_document(designer))
    published.refresh()
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("dao", roles=("designer",), password="dao password", full_name="Đào Lê")
    users.create("lan", roles=("sales_rep",), password="lan password", full_name="Lan Nguyễn")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture(scope="module")
def boss(app):
    return signed_in(app, "boss")


@pytest.fixture(scope="module")
def dao(app):
    return signed_in(app, "dao")


@pytest.fixture(scope="module")
def known(app, boss):
    """(pages, forms) as an administrator finds them."""
    return doors.walk(app, boss)


def addresses(app):
    """(verb, address) of every route, its parts filled in."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/builder", "/api/v1/metadata/")):
            given = {name: GIVEN.get(name, "x") for name in rule.arguments}
            for verb in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield verb, app.url_map.bind("localhost").build(rule.endpoint, given, method=verb), rule


def live():
    """Everything a designer must leave as it is."""
    now = published.refresh()
    with reading() as connection:
        people = connection.execute(sa.text("SELECT id, active FROM house.person ORDER BY id")).all()
        others = connection.execute(sa.text("SELECT owner_id, name, documents FROM house.metadata_draft WHERE owner_id <> :dao "
                                            "ORDER BY 1, 2"), {"dao": users.get("dao").id}).all()
    kept = {path: each.to_json() for path, each in now.definitions.documents.items() if path.partition("/")[0] not in MINE}
    return kept, people, others, [each.manifest.name for each in installed.listed()]


def test_every_route_says_who_may_call_it(app):
    allowed = {policies.BUILDER, policies.ADMIN, policies.API}
    assert {policies.of(app.view_functions[rule.endpoint]) for _verb, _address, rule in addresses(app)} <= allowed


def test_nobody_comes_in_without_a_session_or_a_key(app):
    for verb, address, _rule in addresses(app):
        answer = app.test_client().open(address, method=verb)
        if address.startswith("/api"):
            assert answer.status_code == 401, (verb, address)
        else:
            assert answer.status_code == 303 and answer.location.startswith("/login"), (verb, address)


def test_who_may_not_build_comes_in_nowhere(app):
    lan, key = signed_in(app, "lan"), users.token("lan")
    for verb, address, _rule in addresses(app):
        page = {"data": {"csrf_token": lan.csrf}} if verb != "GET" else {}
        asked = {"headers": {"Authorization": f"Bearer {key}"}, "data": b"{}"} if address.startswith("/api") else page
        client = app.test_client() if address.startswith("/api") else lan
        assert client.open(address, method=verb, **asked).status_code == 403, (verb, address)


def test_a_designer_opens_only_the_pages_of_what_they_design(app, dao, known):
    for address in known[0]:
        path = address.partition("?")[0]
        noun = gate.noun_of(path)
        answer = dao.get(address)
        if noun in MINE or noun == "":
            assert answer.status_code in (200, 303, 404), address
        else:
            assert answer.status_code in (303, 403), address
            assert answer.status_code == 403 or answer.location in (f"{path}/layouts", f"{path}/views"), address
    page = dao.get("/builder").text
    assert "/builder/packages" not in page and "/builder/d/roles" not in page and "/builder/modules/new" not in page
    look = dao.get("/builder/m/deals/layouts/standard").text
    assert "/builder/frame/m/deals/" in look and "/edit?layout" not in look        # they change no deal: its page, not its form
    tabs = dao.get("/builder/m/deals/views").text
    assert "/builder/m/deals/layouts" in tabs and "/builder/m/deals/rules" not in tabs


def test_no_form_of_an_administrator_lets_a_designer_change_anything_else(app, dao, known):
    before = live()
    for form in known[1]:
        for values in (form.values, {}):
            answer = dao.post(form.action, data=values | {"csrf_token": dao.csrf})
            assert answer.status_code < 500, form.action
    actor = users.actor_for("dao", "page")
    draft = drafts.current(actor)
    assert drafts.touched(draft.live, draft.definitions) <= MINE
    assert live() == before
    dao.post("/builder/review/drop", data={"csrf_token": dao.csrf})


def test_no_route_of_the_api_lets_a_designer_change_anything_else(app):
    before, headers = live(), {"Authorization": f"Bearer {users.token('dao')}"}
    documents = {path: each.to_json() for path, each in published.current().definitions.documents.items()}
    role = documents["roles/designer"] | {"builder": True}
    bodies = ({}, {"documents": {"roles/designer": role}}, {"documents": documents | {"roles/designer": role}},
              {"version": 1}, {"module": "deals", "refuse_if": {"field": "name", "operator": "is", "operand": "x"}})
    for verb, address, _rule in addresses(app):
        for body in bodies if address.startswith("/api") else ():
            answer = app.test_client().open(address, method=verb, headers=headers, data=json.dumps(body))
            assert answer.status_code < 500, (verb, address)
            if "documents" in body and (verb in ("PUT", "PATCH") or address.endswith(("/check", "/plan", "/publish"))):
                assert answer.status_code in (403, 422), (verb, address, answer.text)
    assert live() == before


def test_a_designer_learns_nothing_by_what_if_of_what_they_may_not_see(app):
    boss, dao = users.actor_for("boss", "page"), users.actor_for("dao", "page")
    with transaction():
        service.create(boss, "deals", {"name": "Secret", "stage": "Qualification", "amount": "90000", "close_date": "2026-12-15"})
    headers = {"Authorization": f"Bearer {users.token('dao')}"}
    client = app.test_client()

    def refused(rule):
        return client.post("/api/v1/metadata/what-if", headers=headers, data=json.dumps({"module": "deals", "refuse_if": rule}))

    assert refused({"field": "name", "operator": "is", "operand": "Secret"}).status_code == 403
    assert refused({"field": "amount", "operator": "above", "operand": "1"}).status_code == 403
    documents = {path: each.to_json() for path, each in published.current().definitions.documents.items()}
    fields = [each | ({"type": "integer", "settings": {}} if each["name"] == "next_step" else {})
              for each in documents["modules/deals"]["fields"]]
    planned = client.post("/api/v1/metadata/plan", headers=headers, data=json.dumps(
        {"documents": documents | {"modules/deals": documents["modules/deals"] | {"fields": fields}}}))
    assert planned.status_code == 403
    assert policy.buildable(dao) == frozenset(MINE) and policy.buildable(replace(dao, everything=True)) is None
