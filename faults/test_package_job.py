"""A worker installs a package with its sample records while the worker, everything or a server is killed: all of it is there in
the end, once. Every blow meets an installation of its own; `FAULT_TIMES` blows of each kind."""
import csv
import os
import random
import signal
import time

import pytest

from faults.conftest import ROOT, Installation
from faults.test_publishing_job import kill_database, kill_redis, kill_worker
from faults.test_web import settled

TIMES = int(os.environ.get("FAULT_TIMES", "20"))
PACKAGE = ROOT / "seeds" / "real_estate"
BEGIN = f"""
from io import BytesIO
from pathlib import Path
from runtime.cli.ready import ready
ready()
from metadata import package
from runtime.db.transaction import transaction
from runtime.exchange import package_jobs
from runtime.files import store
from runtime.publish import packages
from runtime.security import users
actor, content = users.actor_for(users.get("admin").id, "page"), package.pack(package.of_folder(Path({str(PACKAGE)!r})))
kept = store.keep(BytesIO(content), "package.zip")
with transaction() as tx:
    file = store.put(tx.connection, kept, actor.user_id)
given = packages.opened(content)
agreed = [each.key for each in packages.check(given).asks]
print(package_jobs.begin(actor, file.id, given, label="Real estate", agreed=agreed, choices={{}}, with_samples=True))
"""

pytestmark = pytest.mark.timeout(7200)


def kill_everything(installation):
    for process in installation.pids():
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass
    installation.process.wait(60)
    installation.start()


def samples():
    """{module: how many records the package brings}."""
    found = {}
    for file in sorted((PACKAGE / "records").glob("*.csv")):
        if file.stem != "users":
            with file.open(encoding="utf-8", newline="") as lines:
                found[file.stem] = sum(1 for _row in csv.DictReader(lines))
    return found


@pytest.mark.parametrize("kill", [kill_worker, kill_everything, kill_database, kill_redis], ids=lambda one: one.__name__)
def test_a_package_is_installed_once_whoever_is_killed(place, kill):
    longest = 0.0
    for round_ in range(TIMES):
        folder = place / f"package-{kill.__name__}-{round_}"
        folder.mkdir()
        installation = Installation(folder)
        installation.start()
        try:
            begun = installation.python(BEGIN)
            assert begun.returncode == 0, begun.stderr[-2000:]
            number, began = int(begun.stdout.split()[-1]), time.monotonic()
            time.sleep(random.uniform(0.0, 9.0))
            kill(installation)
            installation.wait_until_up()
            state = waited(installation, number)
            longest = max(longest, time.monotonic() - began)
            assert state == ("done", ""), state
            counted(installation)
            doctor = settled(installation)
            assert doctor["ok"], doctor
            print(f"{kill.__name__}: {round_ + 1} blows survived, over {longest:.0f} s later at most", flush=True)
        finally:
            installation.stop()


def waited(installation, number):
    """(state, problem) of the job once it is over."""
    state, last = None, time.monotonic() + 300
    while time.monotonic() < last:
        try:
            with installation.connect() as connection:
                state = connection.execute("SELECT state, problem FROM house.package_job WHERE id = %s", (number,)).fetchone()
        except OSError:
            state = None
        except Exception as problem:                # PostgreSQL comes up again
            state = ("away", str(problem))
        if state and state[0] in ("done", "failed"):
            return state
        time.sleep(0.3)
    raise AssertionError(f"It does not come to its end: {state}")


def counted(installation):
    """Each sample record is there once, and the package is in once."""
    with installation.connect() as connection:
        for module, many in samples().items():
            there, = connection.execute(f"SELECT count(*) FROM records.{module} "
                                              "WHERE deleted_at IS NULL").fetchone()
            assert there == many, (module, there, many)
        assert connection.execute("SELECT count(*) FROM house.metadata_seed WHERE name = 'real_estate'").fetchone()[0] == 1
