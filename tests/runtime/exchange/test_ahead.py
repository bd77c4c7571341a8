"""Ahead: a long file is read by a process of its own; what comes of it is the same, also where that process is lost."""
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from runtime.db.transaction import reading
from runtime.exchange import ahead, run, service, store, undo
from tests.runtime.exchange.test_killed import to_the_end

CHILD = """
import sys, time
from runtime.db import engine
from runtime.exchange import ahead, run
from runtime.kinds import kind, listeners
engine.use(sys.argv[1])
kind.use(kind.discover("runtime"))
listeners.register(kind.catalogue())
ahead.MANY, run.BATCH = int(sys.argv[3]), 100
run.go(int(sys.argv[2]), report=lambda one: (print(one.done_to, flush=True), time.sleep(float(sys.argv[4]))))
"""
ALWAYS, NEVER = 1, 1_000_000


def begun(actor, path, module="deals"):
    with open(path, "rb") as stream:
        found = service.upload(actor, module, stream, path.name)
    service.start(actor, found.id)
    return found.id


def importing(database, number, many, pause=0.0):
    return subprocess.Popen([sys.executable, "-c", CHILD, database, str(number), str(many), str(pause)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def reader_of(process):
    child, = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(child)


def gone(process):
    for _ in range(100):
        state = Path(f"/proc/{process}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def many_deals(a_file):
    return a_file("Name,Code\n" + "".join(f"D{number},K{number}\n" for number in range(3_000)))


def codes():
    with reading() as connection:
        return connection.execute(sa.text("SELECT count(*), count(DISTINCT code) FROM records.deals WHERE code LIKE 'K%' "
                                          "AND deleted_at IS NULL")).one()


def test_a_reading_process_that_is_lost_costs_no_row_and_doubles_none(database, lan, many_deals):
    number = begun(lan, many_deals)
    process = importing(database, number, ALWAYS, 0.02)
    for _ in range(3):
        process.stdout.readline()
    os.kill(reader_of(process), signal.SIGKILL)
    _out, said = process.communicate()
    done = store.get(number)

    assert (process.returncode, done.state, done.created, done.refused) == (0, "done", 3_000, 0), said
    assert codes() == (3_000, 3_000)
    undo.go(number)


def test_a_reading_process_ends_with_the_one_it_reads_for(database, lan, many_deals):
    number = begun(lan, many_deals)
    process = importing(database, number, ALWAYS, 0.05)
    process.stdout.readline()
    reader = reader_of(process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    assert gone(reader)
    done = to_the_end(number)
    assert (done.state, done.created) == ("done", 3_000)
    assert codes() == (3_000, 3_000)
    undo.go(number)


def test_nothing_of_the_reading_process_stays(database, lan, many_deals):
    number = begun(lan, many_deals)
    process = importing(database, number, ALWAYS, 0.02)
    process.stdout.readline()
    reader = reader_of(process)
    process.communicate()

    assert process.returncode == 0 and gone(reader)
    assert codes() == (3_000, 3_000)
    undo.go(number)


def test_where_no_other_process_can_be_made_a_thread_reads(lan, a_file, monkeypatch):
    number = begun(lan, a_file("Name,Code\n" + "".join(f"D{at},K{at}\n" for at in range(30))))
    monkeypatch.setattr(ahead, "MANY", ALWAYS)
    monkeypatch.setattr(ahead.threading, "active_count", lambda: 1)
    monkeypatch.setattr(ahead.os, "fork", no_room)

    assert (run.go(number).created, codes()) == (30, (30, 30))
    undo.go(number)


def no_room():
    raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")


def test_read_ahead_by_a_process_or_a_thread_the_outcome_is_the_same(database, lan, a_file):
    text = "Name,Number,Parent\n" + "".join(
        f"{' ' if at % 50 == 7 else f'A{at}'},N{at % 290},{f'A{at * 7 % 320}' if at % 3 else ''}\n" for at in range(300))
    outcomes = []
    for many in (ALWAYS, NEVER):
        number = begun(lan, a_file(text, f"{many}.csv"), "accounts")
        process = importing(database, number, many)
        _out, said = process.communicate()
        done = store.get(number)
        assert process.returncode == 0, said
        with reading() as connection:
            records = connection.execute(sa.text(
                "SELECT a.name, a.number, p.name FROM records.accounts a LEFT JOIN records.accounts p ON p.id = a.parent "
                "WHERE a.import_id = :number AND a.deleted_at IS NULL ORDER BY a.id"), {"number": number}).all()
        told = [(one.row_no, one.kind, one.heading, one.value, one.reason) for one in store.told(number)]
        outcomes.append((done.created, done.updated, done.refused, done.warned, records, told))
        undo.go(number)

    assert outcomes[0] == outcomes[1]
    created, _updated, refused, warned, records, told = outcomes[0]
    assert created > 200 and refused and warned and len(told) >= refused and any(parent for _name, _number, parent in records)
