"""A worker changes a field's type in the background, or publishes at a time, while the worker, the clock, PostgreSQL or Redis
is killed, or somebody pauses.

It always comes to its end, once; there and back again, every value is what it was to the byte. `FAULT_TIMES` blows of each
kind, half of them there and half on the way back.
"""
import hashlib
import json
import os
import random
import signal
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from faults.test_web import settled
from runtime.db import embedded_postgres, embedded_valkey

TIMES = int(os.environ.get("FAULT_TIMES", "20"))
ROWS = 60_000

pytestmark = pytest.mark.timeout(7200)


@pytest.fixture(scope="module")
def api(installation, tmp_path_factory):
    """api(method, path, body) -> the answer; there are leads with a text field whose values are mostly numbers."""
    folder = tmp_path_factory.mktemp("size")
    (folder / "modules").mkdir()
    (folder / "modules" / "leads.json").write_text(json.dumps({"id": "mod_lead", "name": "leads", "extends": True, "fields": [
        {"id": "fld_fault_size", "name": "fault_size", "label": "Size", "type": "text"}]}))
    (folder / "seed.json").write_text(json.dumps({"id": "seed_fault", "name": "fault", "label": "Fault", "extends": ["sales"]}))
    assert installation.crm("publish", str(folder))["ok"]
    with installation.connect() as connection:
        connection.execute("INSERT INTO records.leads (name, fault_size) SELECT 'n' || n, CASE WHEN n %% 997 = 0 "
                           "THEN 'about ' || n WHEN n %% 11 = 0 THEN ' ' || n ELSE n::text END "
                           "FROM generate_series(1, %s) AS n", (ROWS,))
    token = installation.crm("token", "admin")["token"]

    def ask(method, path, body=None):
        asked = urllib.request.Request(f"http://127.0.0.1:{installation.port}/api/v1/metadata{path}", method=method,
                                       data=None if body is None else json.dumps(body).encode(),
                                       headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        for attempt in range(60):
            try:
                with urllib.request.urlopen(asked, timeout=60) as answer:
                    return json.loads(answer.read() or b"{}")
            except urllib.error.HTTPError as problem:
                if problem.code != 503 or attempt == 59:
                    raise AssertionError(f"{problem.code} {problem.read()[:800]!r}") from problem
            except OSError:
                if attempt == 59:
                    raise
            time.sleep(1)
        raise AssertionError("unreachable")

    return ask


def digest(installation):
    with installation.connect() as connection:
        rows = connection.execute("SELECT id, fault_size FROM records.leads WHERE name LIKE 'n%' ORDER BY id").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def kill_worker(installation):
    for process in installation.pids("runtime.cli", "worker"):
        os.kill(process, signal.SIGKILL)


def kill_database(installation):
    os.kill(embedded_postgres.process_id(installation.home / "postgres"), signal.SIGKILL)


def kill_redis(installation):
    os.kill(embedded_valkey.process_id(installation.home / "valkey"), signal.SIGKILL)


def kill_clock(installation):
    for process in installation.pids("runtime.cli", "clock"):
        os.kill(process, signal.SIGKILL)


def pause(installation):
    """As the button does; the worker stops before its next batch."""
    with installation.connect() as connection:
        connection.execute("UPDATE house.metadata_publishing SET state = 'paused' WHERE state IN ('waiting', 'running')")


def changed(api, type):
    """A publishing begun that gives the field that type: its number."""
    leads = api("GET", "/drafts/-")["documents"]["modules/leads"]
    field = next(each for each in leads["fields"] if each["id"] == "fld_fault_size")
    field["type"] = type
    api("PATCH", "/drafts/-", {"documents": {"modules/leads": leads}})
    for _again in range(30):
        plan = api("POST", "/plan", {"draft": "-"})
        if not plan["checking"]:
            break
    hazards = [each["key"] for each in plan["hazards"]]
    return api("POST", "/publish", {"draft": "-", "confirm": hazards, "override": "fault run"})["publishing"]


def waited(installation, api, number):
    """Until it is over; what was paused is resumed. (how it ended, seconds)"""
    began = time.monotonic()
    while time.monotonic() - began < 300:
        job = api("GET", f"/publishing/{number}")
        if job["state"] in ("done", "failed"):
            return job, time.monotonic() - began
        if job["state"] == "paused":
            time.sleep(2)
            assert api("GET", f"/publishing/{number}")["done"] == job["done"], "It goes on though it is paused."
            resume(installation, number)
        time.sleep(0.3)
    raise AssertionError(f"It does not come to its end: {job}")


def resume(installation, number):
    done = installation.python(f"""
        from runtime.cli.ready import ready
        ready()
        from runtime.publish import jobs
        from runtime.security import users
        jobs.resume(users.actor_for('admin', 'page'), {number})""")
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("kill", [kill_worker, kill_database, kill_redis, pause], ids=lambda one: one.__name__)
def test_a_publishing_in_the_background_comes_to_its_end(installation, api, kill):
    text = digest(installation)
    longest = 0.0
    for round_ in range(TIMES // 2):
        for type in ("integer", "text"):
            number = changed(api, type)
            time.sleep(random.uniform(0.2, 4.0))
            kill(installation)
            installation.wait_until_up()
            job, seconds = waited(installation, api, number)
            longest = max(longest, seconds)
            assert job["state"] == "done", job["problem"]
            with installation.connect() as connection:
                stands, = connection.execute("SELECT data_type FROM information_schema.columns WHERE table_schema = 'records' "
                                             "AND table_name = 'leads' AND column_name = 'fault_size'").fetchone()
                left, = connection.execute("SELECT count(*) FROM house.metadata_conversion").fetchone()
            assert (stands, left) == ({"integer": "bigint", "text": "text"}[type] if stands != "character varying" else stands, 0)
        assert digest(installation) == text
        print(f"{kill.__name__}: {2 * (round_ + 1)} blows survived, over {longest:.0f} s later at most", flush=True)
    doctor = settled(installation)
    assert doctor["ok"], doctor


@pytest.mark.parametrize("kill", [kill_worker, kill_clock, kill_database, kill_redis], ids=lambda one: one.__name__)
def test_a_publishing_at_a_time_happens_once(installation, api, kill):
    longest = 0.0
    for round_ in range(TIMES):
        leads, label = api("GET", "/drafts/-")["documents"]["modules/leads"], f"Size {kill.__name__} {round_}"
        next(each for each in leads["fields"] if each["id"] == "fld_fault_size")["label"] = label
        api("PATCH", "/drafts/-", {"documents": {"modules/leads": leads}})
        before, due = api("GET", "/versions")["versions"][0]["number"], datetime.now(UTC) + timedelta(seconds=4)
        number = api("POST", "/publish", {"draft": "-", "at": due.isoformat()})["publishing"]
        time.sleep(random.uniform(2.0, 6.0))
        kill(installation)
        installation.wait_until_up()
        job, _seconds = waited(installation, api, number)
        longest = max(longest, (datetime.now(UTC) - due).total_seconds())
        assert (job["state"], job["number"]) == ("done", before + 1), job
        assert api("GET", "/versions")["versions"][0]["number"] == before + 1
        leads = api("GET", "/drafts/-")["documents"]["modules/leads"]
        assert [each["label"] for each in leads["fields"] if each["id"] == "fld_fault_size"] == [label]
        print(f"planned, {kill.__name__}: {round_ + 1} blows survived, {longest:.0f} s late at most", flush=True)
    doctor = settled(installation)
    assert doctor["ok"], doctor
