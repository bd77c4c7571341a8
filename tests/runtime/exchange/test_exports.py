"""Exports: small ones at once, large ones by a worker, for who asked for them and by the rights of the moment."""
import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import python_calamine
import sqlalchemy as sa

from runtime import worker
from runtime.db import clock
from runtime.db.transaction import reading, transaction
from runtime.errors import Refused, TooMany
from runtime.exchange import export_store, exports
from runtime.security import users
from runtime.tables import published

CHILD = """
import sys
from runtime.db import engine
from runtime.exchange import exports, export_store
from runtime.kinds import kind, listeners
engine.use(sys.argv[1])
kind.use(kind.discover("runtime"))
listeners.register(kind.catalogue())
was = exports._note
def note(number, **values):
    was(number, **values)
    print(values.get("rows"), flush=True)
exports._note = note
exports.run(int(sys.argv[2]))
"""


@pytest.fixture
def many(crm, monkeypatch):
    """25 deals, and more than 10 rows are many."""
    monkeypatch.setattr(exports, "AT_ONCE", 10)
    with transaction() as tx:
        tx.execute(sa.text("TRUNCATE records.deals, records.accounts, house.export_run CASCADE"))
        tx.execute(sa.text("INSERT INTO records.deals (name, amount, amount__currency, owner) SELECT 'Deal ' || n, n, 'USD', :lan"
                           " FROM generate_series(1, 25) AS n"), {"lan": users.get("lan").id})
    worker.prepare()
    worker.drain_all()


def rows_of(answer):
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment"), answer.text[:300]
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def send(browser, place, **fields):
    return browser.post(place, data={"csrf_token": browser.csrf, **fields})


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def begun(actor, **given):
    ask = exports.Ask("deals", given.pop("format", "csv"), given)
    return exports.begin(actor, ask, exports.question(published.current(), actor, ask), "")


def test_many_rows_are_asked_about_written_by_a_worker_and_fetched(many, client):
    lan = client("lan")

    asked = lan.get("/m/deals/export?columns=name,amount&sort=amount")
    assert asked.status_code == 200 and "Export 25 records as CSV" in words(asked) and "Write the file" in words(asked)
    fields = dict(re.findall(r'<input type="hidden" name="(columns|sort|format)" value="([^"]*)"', asked.text))
    assert len(fields) == 3
    assert send(lan, "/m/deals/export", **fields).headers["Location"] == "/exports"
    waiting = lan.get("/exports")
    assert "Waiting" in words(waiting) and 'hx-trigger="every 1s"' in waiting.text
    worker.drain_all()
    done = lan.get("/exports")

    place = re.search(r'href="(/exports/\d+/file)"', done.text).group(1)
    assert "Ready until" in words(done) and "every 1s" not in done.text
    heads, *rows = rows_of(lan.get(place))
    assert heads == ["Name", "Amount"] and rows == [[f"Deal {n}", str(n)] for n in range(1, 26)]
    with reading() as connection:
        told = connection.scalar(sa.text(
            "SELECT payload FROM house.event WHERE name = 'records.exported' ORDER BY id DESC LIMIT 1"))
    assert told["rows"] == 25


def test_few_rows_come_at_once_and_are_remembered(many, client):
    lan, boss = client("lan"), client("boss")
    one = json.dumps([{"field": "amount", "operator": "is", "operand": 7}])
    assert "Export 1 record as CSV" in words(lan.get("/m/deals/export?" + urlencode({"filter": one})))
    assert export_store.latest(None) == [], "A link changes nothing."
    _heads, *rows = rows_of(send(lan, "/m/deals/export", filter=one))

    assert [row[0] for row in rows] == ["Deal 7"]
    assert "Amount is $7" in words(lan.get("/exports"))
    assert "Sent at once" in words(lan.get("/exports")) and "/file" not in lan.get("/exports").text
    seen = words(boss.get("/exports"))
    assert "Lan" in seen and "Sent at once" in seen, "An administrator sees who took what."


def test_the_ticked_ones_and_a_workbook(many, client):
    lan = client("lan")
    assert send(lan, "/m/deals/export", all="1", format="xlsx").status_code == 303
    worker.drain_all()
    place = re.search(r'href="(/exports/\d+/file)"', lan.get("/exports").text).group(1)
    sheet = python_calamine.load_workbook(io.BytesIO(lan.get(place).data)).get_sheet_by_index(0).to_python()
    assert len(sheet) == 26


def test_nobody_else_fetches_it_not_even_an_administrator(many, lan, client):
    number = begun(lan).id
    worker.drain_all()

    other, boss = client("blind"), client("boss")
    for one in (other, boss):
        assert one.get(f"/exports/{number}/file").status_code == one.get("/exports/999999/file").status_code == 404
        assert send(one, f"/exports/{number}/remove").status_code == 404
    assert f"/exports/{number}/file" not in boss.get("/exports").text
    assert client("lan").get(f"/exports/{number}/file").status_code == 200


def test_rights_are_asked_again_when_it_is_written_and_when_it_is_fetched(many, client):
    users.create("mover", roles=("rep",), password="mover password", full_name="Mover")
    mover = users.actor_for("mover", "page")
    unwritten, fetched = begun(mover, columns="name,amount"), begun(mover, columns="name,amount")
    exports.run(fetched.id)
    browser = client("mover")
    assert rows_of(browser.get(f"/exports/{fetched.id}/file"))[0] == ["Name", "Amount"]

    users.set_roles(mover.user_id, ["blind"])
    exports.run(unwritten.id)
    stopped = export_store.get(unwritten.id)
    assert stopped.state == "failed" and "'amount'" in stopped.problem
    assert browser.get(f"/exports/{fetched.id}/file").status_code == 403
    users.set_roles(mover.user_id, ["reader"])
    assert browser.get(f"/exports/{fetched.id}/file").status_code == 403
    assert browser.get("/m/deals/export").status_code == 403
    with pytest.raises(Refused):
        begun(users.actor_for("mover", "page"))


def test_a_view_s_column_that_is_hidden_meanwhile_is_left_out(many, blind):
    number = begun(blind).id
    exports.run(number)
    found = export_store.get(number)
    assert found.state == "done" and not any(path.startswith("amount") for path in found.paths)
    assert b"Amount" not in found.path.read_bytes()


def test_a_killed_worker_s_file_is_whole_afterwards(database, many, lan, monkeypatch):
    with transaction() as tx:
        tx.execute(sa.text("INSERT INTO records.deals (name, owner) SELECT 'More ' || n, :lan FROM generate_series(1, 30000) AS n"),
                   {"lan": lan.user_id})
    number = begun(lan, columns="name").id
    child = subprocess.Popen([sys.executable, "-c", CHILD, database, str(number)], stdout=subprocess.PIPE, text=True)
    lines = [child.stdout.readline() for _ in range(4)]
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()

    cut = export_store.get(number)
    assert (lines[0], cut.state) == ("0\n", "running") and not cut.path.exists()
    exports.run(number)
    done = export_store.get(number)
    assert (done.state, done.rows) == ("done", 30_025) and done.path.read_bytes().count(b"\r\n") == 30_026
    halves = list(export_store.folder().glob(f"{number}.*"))
    assert len(halves) == 1, "What the dead one left …"
    old = time.time() - exports.LEFT_BEHIND.total_seconds() - 1
    os.utime(halves[0], (old, old))
    exports.sweep()
    assert not list(export_store.folder().glob(f"{number}.*")) and done.path.exists(), "… is swept, and what is whole stays."


def test_files_go_after_a_week_and_what_was_taken_is_remembered(many, lan, client, monkeypatch):
    number = begun(lan).id
    exports.run(number)
    path = export_store.get(number).path
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + exports.KEPT + timedelta(hours=1))
    exports.sweep()
    monkeypatch.undo()

    assert export_store.get(number).state == "expired" and not path.exists()
    answer = client("lan").get(f"/exports/{number}/file")
    assert answer.status_code == 409 and "Export again" in answer.text


def test_what_is_removed_stops(many, lan, client, monkeypatch):
    monkeypatch.setattr(exports, "TOLD", 5)
    number = begun(lan).id
    was = export_store.change

    def change(export_id, **values):
        if values.get("rows") == 10:
            exports.remove(lan, export_id)
        return was(export_id, **values)

    monkeypatch.setattr(export_store, "change", change)
    exports.run(number)
    assert not list(export_store.folder().glob(f"{number}*"))
    exports.run(number)         # and is no trouble when it comes again


def test_too_many_at_a_time_and_too_many_rows(many, lan, monkeypatch):
    first = begun(lan)
    for _each in range(exports.WAITING_TOGETHER - 1):
        begun(lan)
    with pytest.raises(TooMany):
        begun(lan)
    exports.remove(lan, first.id)
    begun(lan)
    monkeypatch.setattr(exports, "MOST", 20)
    with pytest.raises(Refused, match="More than 20"):
        begun(lan)


def test_a_full_disk_leaves_no_half_and_says_so(many, lan, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")
    number = begun(lan).id
    monkeypatch.setattr(os, "fsync", full)
    exports.run(number)
    found = export_store.get(number)
    assert found.state == "failed" and "disk is full" in found.problem
    assert not list(export_store.folder().glob(f"{number}*"))


def test_programs_ask_look_fetch_and_remove(many, app):
    key = {"Authorization": f"Bearer {users.token('lan', 'test')}"}
    other = {"Authorization": f"Bearer {users.token('blind', 'test')}"}
    browser = app.test_client()
    given = {"module": "deals", "fields": ["name", "amount"], "sort": "-amount", "format": "csv",
             "filter": {"field": "amount", "operator": "above", "operand": 22}}

    asked = browser.post("/api/v1/exports", json=given, headers=key | {"Idempotency-Key": "one"})
    again = browser.post("/api/v1/exports", json=given, headers=key | {"Idempotency-Key": "one"})
    assert asked.status_code == again.status_code == 202 and asked.json["id"] == again.json["id"]
    place = asked.headers["Location"]
    assert browser.get(f"{place}/file", headers=key).status_code == 409
    worker.drain_all()
    told = browser.get(place, headers=key).json
    assert (told["state"], told["rows"], told["module"], told["problem"]) == ("done", 3, "deals", None)
    rows = rows_of(browser.get(told["file"], headers=key))
    assert rows == [["Name", "Amount"], ["Deal 25", "25"], ["Deal 24", "24"], ["Deal 23", "23"]]
    assert [one["id"] for one in browser.get("/api/v1/exports", headers=key).json["exports"]] == [told["id"]]
    assert browser.get(place, headers=other).status_code == browser.get("/api/v1/exports/999999", headers=other).status_code == 404
    assert browser.get("/api/v1/exports", headers=other).json == {"exports": []}
    assert browser.delete(place, headers=other).status_code == 404
    assert browser.delete(place, headers=key).status_code == 204
    assert browser.get(told["file"], headers=key).status_code == 409
    assert "/api/v1/exports" in browser.get("/api/v1/openapi.json", headers=key).json["paths"]


def test_without_a_view_a_program_gets_every_record(many, app):
    key = {"Authorization": f"Bearer {users.token('lan', 'test')}"}
    asked = app.test_client().post("/api/v1/exports", json={"module": "deals"}, headers=key)
    assert (asked.status_code, asked.json["total"]) == (202, 25)


@pytest.mark.parametrize("given", [
    {}, [], {"module": "deals", "format": "pdf"}, {"module": "deals", "fields": "name"}, {"module": "deals", "fields": []},
    {"module": "deals", "fields": ["nonsense"]}, {"module": "deals", "sort": ["name"]}, {"module": "deals", "what": 1},
    {"module": "deals", "filter": {"field": "nonsense", "operator": "above", "operand": 1}}, {"module": "deals", "view": "none"},
    {"module": 5}, {"module": "deals", "sort": "nonsense"}, {"module": "deals", "filter": "name"}])
def test_what_cannot_be_asked_is_refused_and_leaves_nothing(many, app, given):
    key = {"Authorization": f"Bearer {users.token('lan', 'test')}"}
    answer = app.test_client().post("/api/v1/exports", json=given, headers=key)
    assert answer.status_code == 400 and answer.json["title"], answer.text
    assert export_store.latest(None) == []


def test_a_hidden_field_and_an_unknown_one_are_refused_alike(many, app):
    key = {"Authorization": f"Bearer {users.token('blind', 'test')}"}
    for make in (lambda name: {"fields": [name]}, lambda name: {"sort": name},
                 lambda name: {"filter": {"field": name, "operator": "above", "operand": 1}}):
        answers = [app.test_client().post("/api/v1/exports", json={"module": "deals"} | make(name), headers=key)
                   for name in ("amount", "nonsense")]
        assert answers[0].status_code == answers[1].status_code == 400
        assert answers[0].json["title"].replace("amount", "nonsense") == answers[1].json["title"]
    assert export_store.latest(None) == []


def test_nothing_exported_yet_teaches(crm, client):
    with transaction() as tx:
        tx.execute(sa.text("TRUNCATE house.export_run"))
    assert "Nothing was exported yet" in words(client("lan").get("/exports"))
