"""Somebody else's record, at every address that takes a record: it answers like one that is not there, and stays as it is."""
import re

import pytest
import sqlalchemy as sa

from metadata.model.role import Role
from runtime import publish
from runtime.app import create_app
from runtime.db.transaction import reading, transaction
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from runtime.web import policies
from tests.runtime.web.conftest import KEY, signed_in

SECRET = "Zqxw Holdings"
MISSING = 987_654
MADE_ANEW = re.compile(r'[0-9a-f]{16,}|"request_id":"[^"]*"|name="_key" value="[^"]*"|[\w-]+\.[\w-]{6}\.[\w-]{27}\b|nonce="[^"]*"')
OWN = {"read": "own", "create": True, "edit": "own", "delete": "own", "import": True, "export": True, "give": True}
SENT = {"name": "Taken", "field": "name", "version": "2", "lane": "1", "_key": "one"}


@pytest.fixture(scope="module")
def app(database):
    publish.install_seed(HOUSE, "seeds/sales")
    role = Role(id="role_alone", name="alone", label="Alone", modules={"*": OWN})
    publish.publish(HOUSE, published.refresh().definitions.with_document(role))
    published.refresh()
    users.sync_roles()
    users.create("lan", roles=("alone",), password="lan password", full_name="Lan Nguyễn")
    users.create("minh", roles=("sales_manager",), password="minh password", full_name="Minh")
    return create_app({"SECRET_KEY": KEY})


@pytest.fixture(scope="module")
def theirs(app):
    """(module, id) of records of somebody else, one of them in the recycle bin."""
    with transaction() as tx:                       # numbers that stand nowhere else on a page
        for name in ("leads", "deals"):
            tx.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('records.{name}', 'id'), 765432)"))
    minh = {"owner": users.get("minh").id}
    lead = service.create(HOUSE, "leads", {"name": SECRET, "company": SECRET, "email": "z@zqxw.example"} | minh)
    gone = service.create(HOUSE, "leads", {"name": f"{SECRET} gone", "company": SECRET, "email": "g@zqxw.example"} | minh)
    service.delete(HOUSE, "leads", gone.id)
    deal = service.create(HOUSE, "deals", {"name": SECRET, "stage": "Qualification", "close_date": "2026-12-15"} | minh)
    return [("leads", lead.id), ("leads", gone.id), ("deals", deal.id)]


@pytest.fixture(scope="module")
def lan(app):
    return signed_in(app, "lan")


def rows():
    with reading() as connection:
        return [connection.execute(sa.text(f"SELECT * FROM records.{name} ORDER BY id")).all() for name in ("leads", "deals")]


def asked(app, lan, verb, rule, module, record_id):
    """What Lan is answered, without what every answer makes anew and the number she asked for."""
    known = {"module": module, "record_id": record_id, "name": "timeline", "button": "mark_won"}
    address = app.url_map.bind("localhost").build(rule.endpoint, {name: known[name] for name in rule.arguments}, method=verb)
    if policies.of(app.view_functions[rule.endpoint]) == policies.API:
        headers = {"Authorization": f"Bearer {users.token('lan')}", "If-Match": '"1"'}
        answer = app.test_client().open(address, method=verb, headers=headers, json={} if verb != "GET" else None)
    else:
        answer = lan.open(address, method=verb, data=SENT | {"csrf_token": lan.csrf} if verb != "GET" else None)
    text = MADE_ANEW.sub("", answer.text).replace(str(record_id), "?")
    return answer.status_code, (answer.location or "").replace(str(record_id), "?"), text


def rules(app):
    for rule in app.url_map.iter_rules():
        if "record_id" in rule.arguments:
            for verb in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield verb, rule


def test_it_answers_like_one_that_is_not_there(app, lan, theirs):
    before, wrong, tried = rows(), [], 0
    for verb, rule in rules(app):
        for module, record_id in theirs:
            here, nowhere = (asked(app, lan, verb, rule, module, number) for number in (record_id, MISSING))
            tried += 1
            if here != nowhere or SECRET in here[2] or here[0] in (200, 201, 204):
                wrong.append((verb, rule.rule, module, here[0], nowhere[0], SECRET in here[2]))
    assert wrong == []
    assert rows() == before and tried > 50


@pytest.mark.parametrize("address", [
    "/", "/m/leads", "/m/leads?q=zqxw", "/m/leads/count", "/m/leads/sums", "/m/leads/bin", "/m/leads/export?format=csv",
    "/m/deals", "/m/deals?view=board", "/m/deals/totals?view=board", "/m/deals/export?format=csv", "/search?q=zqxw",
    "/lookup/leads?q=zqxw", "/lookup/deals", "/m/leads/new?copy={lead}", "/m/tasks/new?lead={lead}", "/m/tasks?filter=[]",
    "/m/leads/bulk/edit?id={lead}", "/m/leads/bulk/delete?id={lead}", "/m/leads/export?id={lead}",
    "/api/v1/records/leads", "/api/v1/records/leads?deleted=1", "/api/v1/records/leads?q=zqxw", "/api/v1/search?q=zqxw",
    "/api/v1/aggregate/leads?group=company&measures=count", "/api/v1/aggregate/deals?measures=sum:amount,count",
    "/api/v1/records/tasks?fields=name,lead.name"])
def test_nothing_lists_it(app, lan, theirs, address):
    headers = {"Authorization": f"Bearer {users.token('lan')}"} if address.startswith("/api") else {}
    answer = lan.get(address.format(lead=theirs[0][1]), headers=headers)
    assert answer.status_code < 500
    assert SECRET not in answer.text and "zqxw.example" not in answer.text


def test_ticked_among_others_it_stays_as_it_is(lan, theirs):
    mine = service.create(HOUSE, "leads", {"name": "Mine", "company": "Mine", "email": "m@m.example", "owner": users.get("lan").id})
    before, ids = rows(), [str(number) for module, number in theirs if module == "leads"]
    for place in ("delete", "edit"):
        sent = {"id": [*ids, str(MISSING)], "field": "name", "name": "Taken", "csrf_token": lan.csrf}
        lan.post(f"/m/leads/bulk/{place}", data=sent)
        assert rows() == before
    for chosen in ({"id": [*ids, str(mine.id)]}, {"id": ids, "all": "1"}, {}):
        sent = lan.post("/m/leads/export", data={**chosen, "csrf_token": lan.csrf})
        assert sent.status_code == 200 and SECRET not in sent.text and "Mine" in sent.text
