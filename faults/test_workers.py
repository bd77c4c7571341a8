"""Workers, the clock, Redis and PostgreSQL are killed while events are handled; each event counts exactly once."""
import os
import signal
import time

import pytest
import sqlalchemy as sa

from runtime.db import embedded, embedded_postgres, embedded_valkey, outbox, relay
from runtime.db.transaction import reading, transaction
from runtime.values import HOUSE

TIMES = int(os.environ.get("FAULT_TIMES", "20"))

pytestmark = [pytest.mark.timeout(1800), pytest.mark.usefixtures("listening")]


@pytest.fixture(autouse=True)
def counted(home):
    with transaction() as tx:
        tx.execute(sa.text("CREATE TABLE IF NOT EXISTS public.counted (number int)"))
        tx.execute(sa.text("TRUNCATE public.counted, house.event, house.delivery"))


def say(numbers, **more):
    for number in numbers:
        with transaction() as tx:
            tx.emit("word.said", actor=HOUSE, payload={"number": number, **more})


def counts():
    with reading() as connection:
        return sorted(connection.scalars(sa.text("SELECT number FROM public.counted")))


def until(true, seconds):
    """Wait until `true()`, patiently with a database that may be away; how long it took."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        try:
            if true():
                break
        except sa.exc.DBAPIError:
            pass
        time.sleep(0.1)
    return time.monotonic() - started


def test_a_worker_killed_again_and_again_loses_nothing_and_does_nothing_twice(processes):
    processes("clock")
    said = 0
    for _ in range(TIMES):
        worker = processes("worker")
        say(range(said, said + 25))
        said += 25
        until(lambda worker=worker, at=said: len(counts()) > at - 20 or worker.poll() is not None, 10)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    processes("worker")

    waited = until(lambda: len(counts()) >= said, 60)

    assert counts() == list(range(said))
    assert waited < 45


def test_losing_everything_redis_knew_loses_nothing(home, processes):
    processes("clock")
    processes("worker")
    said = 0
    for _ in range(TIMES):
        say(range(said, said + 10))
        said += 10
        relay.client().flushall()
        os.kill(embedded_valkey.process_id(home / "valkey"), signal.SIGKILL)
        (home / "valkey" / "appendonlydir").rename(home / "valkey" / f"lost-{said}")
        embedded.start()
        say(range(said, said + 10))
        said += 10

    until(lambda: len(counts()) >= said, 60)

    assert counts() == list(range(said))


def test_without_redis_the_clock_does_the_work(processes, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    processes("clock")

    say(range(20))
    waited = until(lambda: len(counts()) >= 20, 30)

    assert counts() == list(range(20))
    assert waited < 15


def test_a_database_killed_under_writes_keeps_every_acknowledged_one(home, processes):
    processes("clock")
    processes("worker")
    acknowledged, number = [], 0
    for _ in range(TIMES):
        for at in range(30):
            if at == 15:
                os.kill(embedded_postgres.process_id(home / "postgres"), signal.SIGKILL)
            try:
                say([number])
                acknowledged.append(number)
            except sa.exc.DBAPIError:
                pass
            number += 1
        embedded.start()

    until(lambda: set(counts()) >= set(acknowledged), 90)

    done = counts()
    assert set(acknowledged) <= set(done)
    assert len(done) == len(set(done))
    with reading() as connection:
        assert outbox.standing(connection)["dead"] == 0


def test_two_workers_share_the_work_and_never_do_it_twice(processes):
    processes("clock")
    processes("worker")
    processes("worker")

    say(range(400))
    until(lambda: len(counts()) >= 400, 60)

    assert counts() == list(range(400))
