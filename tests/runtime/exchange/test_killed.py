"""Killed: a process that imports dies without a word; another goes on, and every row is there exactly once."""
import os
import signal
import subprocess
import sys
import time

import sqlalchemy as sa

from runtime.db.transaction import reading
from runtime.exchange import run, service, store

CHILD = """
import sys
from runtime.db import engine
from runtime.exchange import run
from runtime.kinds import kind, listeners
engine.use(sys.argv[1])
kind.use(kind.discover("runtime"))
listeners.register(kind.catalogue())
run.go(int(sys.argv[2]), report=lambda one: print(one.done_to, flush=True))
"""


def test_a_killed_import_goes_on_and_takes_every_row_once(database, lan, a_file, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 100)
    path = a_file("Name,Code\n" + "".join(f"D{number},{number}\n" for number in range(6_000)))
    with open(path, "rb") as stream:
        found = service.upload(lan, "deals", stream, path.name)
    service.start(lan, found.id)

    child = subprocess.Popen([sys.executable, "-c", CHILD, database, str(found.id)], stdout=subprocess.PIPE, text=True)
    batches = [child.stdout.readline() for _ in range(3)]
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    cut = store.get(found.id)
    done = to_the_end(found.id)

    assert [int(line) for line in batches] == [101, 201, 301]
    assert (cut.state, 300 <= cut.created < 6_000) == ("running", True)
    assert (done.state, done.created, done.refused) == ("done", 6_000, 0)
    with reading() as connection:
        assert connection.execute(sa.text("SELECT count(*), count(DISTINCT code) FROM records.deals")).one() == (6_000, 6_000)
        assert connection.scalar(sa.text("SELECT count(*) FROM house.import_row")) == 0


def to_the_end(import_id):
    for _ in range(100):        # the database frees what the dead process held as soon as it sees that it is gone
        try:
            return run.go(import_id)
        except run.Busy:
            time.sleep(0.1)
    raise AssertionError("The dead process is still waited for.")
