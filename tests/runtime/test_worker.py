"""The worker: each delivery once with its effects, later again when it fails, recovered when its worker is killed."""
import os
import signal
import subprocess
import sys
import textwrap
import time
import zlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from runtime import worker
from runtime.db import clock, outbox, relay
from runtime.db.transaction import engine, reading, transaction
from runtime.kinds import kind
from runtime.kinds.chore import Chore
from runtime.kinds.event_handler import EventHandler
from runtime.values import HOUSE

pytestmark = pytest.mark.usefixtures("database")


class Ear(EventHandler):
    """Writes down what it hears; fails on the word "ouch" until told otherwise."""
    name = "ear"
    label = "Ear"
    events = ("word.said",)
    deaf = False

    def wants(self, event):
        return event.payload["word"] != "whisper"

    def handle(self, event, tx):
        tx.execute(sa.text("INSERT INTO public.heard (word, record_id) VALUES (:word, :id)"),
                   {"word": event.payload["word"], "id": event.record_id})
        if event.payload["word"] == "ouch" and not self.deaf:
            raise ValueError("That hurt.")


class Echo(EventHandler):
    """Says again what was said, for ever: a rule that sets itself off."""
    name = "echo"
    label = "Echo"
    events = ("call.made",)

    def handle(self, event, tx):
        tx.emit("call.made", actor=HOUSE)


class Slow(EventHandler):
    name = "slow_one"
    label = "Slow one"
    events = ("book.opened",)
    long = True

    def handle(self, event, tx):
        assert tx is None
        with transaction() as own:
            own.execute(sa.text("INSERT INTO public.heard (word) VALUES ('page 1')"))
        with transaction() as own:
            own.execute(sa.text("INSERT INTO public.heard (word) VALUES ('page 2')"))


class Sweep(Chore):
    name = "sweep"
    label = "Sweep"
    every = timedelta(hours=1)

    def run(self, tx):
        tx.execute(sa.text("INSERT INTO public.heard (word) VALUES ('swept')"))


@pytest.fixture(autouse=True)
def ear(servers):
    with transaction() as tx:
        tx.execute(sa.text("CREATE TABLE IF NOT EXISTS public.heard (id serial, word text, record_id bigint)"))
        tx.execute(sa.text("TRUNCATE public.heard, house.event, house.delivery, house.chore_run"))
    own = kind.Catalogue()
    ear = Ear()
    for one in (ear, Echo(), Slow()):
        own.add("event_handlers", one, __file__)
    own.add("chores", Sweep(), __file__)
    before = kind._current
    kind.use(own)
    worker.prepare()
    worker._fired.clear()
    yield ear
    kind.use(before)
    outbox.listen({})


def say(*words, record_id=None):
    for word in words:
        with transaction() as tx:
            tx.emit("word.said", actor=HOUSE, module="words", record_id=record_id, payload={"word": word})


def heard():
    with reading() as connection:
        return list(connection.scalars(sa.text("SELECT word FROM public.heard ORDER BY id")))


def states():
    with reading() as connection:
        return sorted(connection.scalars(sa.text("SELECT state FROM house.delivery")))


def test_a_delivery_is_handled_and_signed_for_in_one_transaction():
    say("hello")

    assert worker.drain() == 1

    assert heard() == ["hello"]
    assert states() == ["done"]


def test_delivered_twice_it_runs_once():
    say("hello")
    with transaction() as tx:
        first, = outbox.claim(tx.connection, ["default"])
    with transaction() as tx:
        tx.execute(sa.text("UPDATE house.delivery SET state = 'ready'"))
        second, = outbox.claim(tx.connection, ["default"])

    assert [worker.handle(first), worker.handle(second), worker.handle(second)] == ["lost", "done", "lost"]

    assert heard() == ["hello"]


def test_what_nobody_wants_is_not_delivered():
    say("whisper")

    assert states() == []


def test_a_failure_leaves_nothing_behind_and_is_tried_again_later(frozen_clock, ear):
    say("ouch", record_id=1)

    worker.drain()
    assert (heard(), states()) == ([], ["ready"])
    assert worker.drain() == 0

    ear.deaf = True
    clock.advance(timedelta(seconds=3))
    worker.drain()
    assert (heard(), states()) == (["ouch"], ["done"])


def test_after_the_eighth_failure_it_lies_with_the_dead_letters_and_can_be_replayed(frozen_clock, ear):
    say("ouch")

    for _ in range(8):
        worker.drain()
        clock.advance(timedelta(hours=1))
    assert states() == ["dead"]

    ear.deaf = True
    with transaction() as tx:
        assert outbox.replay(tx.connection) == 1
    with transaction() as tx:
        tx.execute(sa.text("UPDATE house.delivery SET due_at = :now"), {"now": clock.now()})
    worker.drain()
    assert heard() == ["ouch"]


def test_events_of_one_record_wait_for_the_one_that_failed_and_others_do_not(frozen_clock, ear):
    say("ouch", "after", record_id=1)
    say("elsewhere", record_id=2)

    worker.drain()
    assert heard() == ["elsewhere"]

    ear.deaf = True
    clock.advance(timedelta(seconds=3))
    worker.drain()
    assert heard() == ["elsewhere", "ouch", "after"]


def test_two_workers_never_hold_one_delivery():
    say(*"abcdef")

    with transaction() as tx:
        first = outbox.claim(tx.connection, ["default"], limit=4)
        with engine().begin() as other:
            second = outbox.claim(other, ["default"], limit=4)

    assert len(first) == 4
    assert not {one.id for one in first} & {one.id for one in second}


def test_a_rule_that_sets_itself_off_stops_at_depth_sixteen():
    with transaction() as tx:
        tx.emit("call.made", actor=HOUSE)

    assert worker.drain() == 17

    with reading() as connection:
        assert connection.scalar(sa.text("SELECT max(depth) FROM house.event")) == 17
        assert connection.scalar(sa.text("SELECT count(DISTINCT root) FROM house.event")) == 1


def test_long_work_has_transactions_of_its_own_and_signs_at_the_end():
    with transaction() as tx:
        tx.emit("book.opened", actor=HOUSE)

    worker.drain()

    assert heard() == ["page 1", "page 2"]
    assert states() == ["done"]


def test_a_chore_is_fired_once_per_due_time_however_many_clocks_run(frozen_clock):
    assert worker.fire_chores() == ["sweep"]
    worker._fired.clear()
    assert worker.fire_chores() == []
    clock.advance(timedelta(hours=1))
    assert worker.fire_chores() == ["sweep"]

    worker.drain()
    assert heard() == ["swept", "swept"]


def test_when_chores_were_due_is_forgotten_after_a_week_but_for_the_last_time(frozen_clock):
    for _hour in range(3):
        worker.fire_chores()
        clock.advance(timedelta(hours=1))
    clock.advance(timedelta(days=30))

    with transaction() as tx:
        outbox.tidy(tx.connection)

    with reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM house.chore_run")) == 1


def test_what_a_lost_worker_had_leased_comes_back(frozen_clock):
    say("hello")
    with transaction() as tx:
        outbox.claim(tx.connection, ["default"])

    worker.tick()
    assert states() == ["leased", "ready"] or states() == ["leased"]

    clock.advance(timedelta(seconds=31))
    with transaction() as tx:
        assert outbox.expire(tx.connection) == 1
    worker.drain()
    assert "hello" in heard()


def test_the_doorbell_carries_only_the_name_of_a_queue():
    relay.flush()
    relay.answered("default")
    relay.client().delete(f"rq:queue:{relay.queue_name('default')}")

    assert relay.ring_now("default")
    assert relay.ring_now("default")

    jobs = relay.client().lrange(f"rq:queue:{relay.queue_name('default')}", 0, -1)
    assert len(jobs) == 1
    said = relay.client().hget(f"rq:job:{jobs[0].decode()}", "data")
    assert b"drain" in _inflated(said)


def _inflated(said):
    try:
        return zlib.decompress(said)
    except zlib.error:
        return said


def test_a_ring_costs_the_request_nothing_when_redis_is_away(monkeypatch):
    relay.forget()
    monkeypatch.setattr(relay, "client", lambda: (_ for _ in ()).throw(relay.redis.ConnectionError("away")))

    started = time.perf_counter()
    say("hello")
    spent = time.perf_counter() - started

    assert spent < 2                                    # a connection that is waited for takes longer
    monkeypatch.undo()
    relay.forget()


CHILD = """
    import os, sys, time
    sys.path.insert(0, os.getcwd())
    import sqlalchemy as sa
    from runtime import worker
    from runtime.db import engine, embedded
    from runtime.kinds import kind
    from runtime.kinds.event_handler import EventHandler

    class Ear(EventHandler):
        name, label, events = "ear", "Ear", ("word.said",)
        def handle(self, event, tx):
            tx.execute(sa.text("INSERT INTO public.heard (word) VALUES ('by the child')"))
            print("in the middle", flush=True)
            time.sleep(60)

    engine.use(sys.argv[1])
    own = kind.Catalogue()
    own.add("event_handlers", Ear(), "here")
    kind.use(own)
    worker.prepare()
    worker.drain()
"""


def test_a_worker_killed_in_the_middle_leaves_nothing_and_another_takes_over(database):
    say("hello")
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(CHILD), database], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"in the middle\n"

    os.kill(child.pid, signal.SIGKILL)
    child.wait()

    assert heard() == []
    with clock.freeze(clock.now() + timedelta(seconds=31)):
        for _ in range(50):                         # until the server has noticed that the child is gone
            with transaction() as tx:
                if outbox.expire(tx.connection):
                    break
            time.sleep(0.1)
        assert worker.drain() == 1
    assert heard() == ["hello"]
