"""Everything is killed during a publish: the tables are those of the version that is live, and no value is lost."""
import json
import os
import random
import signal
import time

import pytest

from faults.test_web import settled
from runtime.db import embedded_postgres

TIMES = int(os.environ.get("FAULT_TIMES", "20"))

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture
def bundle(tmp_path):
    """bundle(n) -> a folder that adds fields to leads: ten more each time, one renamed, one whose type goes to and fro."""
    def write(number):
        fields = [{"id": f"fld_fault_{at}", "name": f"fault_{at}", "label": f"Fault {at}", "type": "integer"}
                  for at in range(10 * (number + 1))]
        fields[0]["name"] = f"renamed_{number}"
        fields[1]["type"] = ("text", "integer")[number % 2]
        (tmp_path / "modules").mkdir(exist_ok=True)
        (tmp_path / "modules" / "leads.json").write_text(json.dumps(
            {"id": "mod_lead", "name": "leads", "extends": True, "fields": fields}))
        (tmp_path / "seed.json").write_text(json.dumps(
            {"id": "seed_fault", "name": "fault", "label": "Fault", "extends": ["sales"]}))
        return tmp_path
    return write


def kill_command(installation, command):
    command.kill()


def kill_database(installation, command):
    os.kill(embedded_postgres.process_id(installation.home / "postgres"), signal.SIGKILL)


def kill_family(installation, command):
    for process in installation.pids("runtime.cli") + installation.pids("gunicorn"):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass
    installation.process.wait()
    installation.start()


@pytest.mark.parametrize("kill", [kill_command, kill_database, kill_family], ids=lambda one: one.__name__)
def test_killed_during_a_publish(installation, bundle, kill):
    token = installation.crm("token", "admin")["token"]
    assert installation.crm("publish", str(bundle(0)))["ok"]
    with installation.connect() as connection:
        column, = connection.execute("SELECT column_name FROM information_schema.columns WHERE table_schema = 'records' "
                                     "AND table_name = 'leads' AND column_name LIKE 'renamed_%'").fetchone()
    kept = [installation.post("/api/v1/records/leads", {"name": f"Kept {at}", column: at, "fault_1": str(at)}, token)["id"]
            for at in range(50)]

    for number in range(1, TIMES + 1):
        command = installation.begin("publish", str(bundle(number)))
        time.sleep(random.uniform(0.8, 3.5))
        kill(installation, command)
        command.communicate(timeout=60)
        installation.wait_until_up()
        doctor = settled(installation)
        assert doctor["ok"], doctor
    last = f"renamed_{TIMES}"
    for _ in range(5):                              # a publish after an interrupted one goes through
        if installation.crm("publish", str(bundle(TIMES)))["ok"]:
            break

    with installation.connect() as connection:
        values = {row[0]: row[1:] for row in connection.execute(
            f"SELECT id, {last}, fault_1::text FROM records.leads WHERE name LIKE 'Kept %'").fetchall()}
    assert {at: values[id] for at, id in enumerate(kept)} == {at: (at, str(at)) for at in range(50)}
    assert settled(installation)["ok"]
