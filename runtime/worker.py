"""The worker and the clock: drain due deliveries, fire chores, take back what a lost worker had leased.

A delivery is handled in one transaction together with its receipt: delivered twice, it runs once.
"""
import logging
import os
import signal
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import redis
import sqlalchemy as sa
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from runtime.db import clock, embedded, outbox, relay
from runtime.db.outbox import Delivery
from runtime.db.transaction import Transaction, handling, in_transaction, reading, transaction
from runtime.kinds import listeners
from runtime.kinds.kind import catalogue
from runtime.tables import published
from runtime.values import HOUSE

BATCH = 20
PULSE = 2.0
"""Seconds between two looks of the clock."""

log = logging.getLogger("banyan.worker")
_stopping = threading.Event()


def prepare() -> None:
    """What this process must know before it works: the kinds, and who hears what."""
    listeners.register(catalogue())


def drain(queue: str = "default") -> int:
    """Handle what is due in a queue until nothing is; how many were handled. The body of the RQ job."""
    handled = 0
    while not _stopping.is_set():
        batch = _claim(queue)
        if not batch:
            relay.answered(queue)                   # from here on a new event rings again;
            batch = _claim(queue)                   # and what came just before that is not overlooked
            if not batch:
                break
        relay.still_busy(queue)
        if len(batch) == BATCH:
            relay.ring_now(queue, again=True)
        _without_fear(published.refresh)
        for delivery in batch:
            if _stopping.is_set():
                in_transaction(lambda tx, one=delivery: outbox.release(tx.connection, one))
                continue
            handle(delivery)
            handled += 1
    return handled


def drain_all(queues: Sequence[str] = ("default", "slow")) -> int:
    """Drain several queues here and now until all are empty (tests, commands, the clock without a doorbell)."""
    total = 0
    while handled := sum(drain(queue) for queue in queues):
        total += handled
    return total


def _claim(queue: str) -> list[Delivery]:
    return in_transaction(lambda tx: outbox.claim(tx.connection, [queue], BATCH))


def handle(delivery: Delivery) -> str:
    """Run one delivery: "done", "ready" (it failed and will be tried again), "dead", or "lost" (another's by now)."""
    started = time.perf_counter()
    try:
        kind = _kind(delivery.listener)
        if kind.long:
            state = _alone(kind, delivery)
        else:
            state = in_transaction(lambda tx: _signed(kind, delivery, tx))
    except Exception as problem:
        told = _told(problem)
        state = in_transaction(lambda tx: outbox.give_back(tx.connection, delivery, told))
        log.warning("%s failed on %s %s (%s, try %s): %s", delivery.listener, delivery.event.name, delivery.event.id,
                    "given up" if state == "dead" else "again later", delivery.attempts, problem)
        log.debug("%s", told)
    spent = time.perf_counter() - started
    if spent > 5:
        log.info("%s took %.1f s for event %s.", delivery.listener, spent, delivery.event.id)
    return state


def _signed(kind: Any, delivery: Delivery, tx: Transaction) -> str:
    if not outbox.receipt(tx.connection, delivery):
        return "lost"
    with handling(delivery.event, delivery.root):
        _act(kind, delivery, tx)
    return "done"


def _alone(kind: Any, delivery: Delivery) -> str:
    """Long work in transactions of its own, its lease kept alive meanwhile."""
    with _kept(delivery), handling(delivery.event, delivery.root):
        _act(kind, delivery, None)
    with transaction() as tx:
        return "done" if outbox.receipt(tx.connection, delivery) else "lost"


def _act(kind: Any, delivery: Delivery, tx: Transaction | None) -> None:
    if delivery.listener.startswith(listeners.CHORE):
        kind.run(tx)
    else:
        kind.handle(delivery.event, tx)


def _kind(listener: str) -> Any:
    if listener.startswith(listeners.CHORE):
        return catalogue().get("chores", listener.removeprefix(listeners.CHORE))
    return catalogue().get("event_handlers", listener)


def _told(problem: BaseException) -> str:
    return "".join(traceback.format_exception(problem))[-4000:]


@contextmanager
def _kept(delivery: Delivery) -> Iterator[None]:
    done = threading.Event()

    def keep() -> None:
        while not done.wait(outbox.LEASE.total_seconds() / 3):
            try:
                with transaction() as tx:
                    outbox.extend(tx.connection, delivery)
            except sa.exc.DBAPIError as problem:
                log.warning("The lease of delivery %s could not be kept: %s", delivery.id, problem)

    keeper = threading.Thread(target=keep, name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


class _Worker(SimpleWorker):
    """RQ's worker without a fork per job; a signal lets the delivery at hand finish and gives the others back."""
    max_connection_wait_time = 2.0
    log_result_lifespan = False
    log_job_description = False

    def handle_warm_shutdown_request(self) -> None:
        _stopping.set()


def run_worker(queues: Sequence[str] = ("default", "slow")) -> None:
    """Answer the doorbell until told to stop."""
    prepare()
    logging.getLogger("rq.worker").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, lambda *_: _stopping.set())
    signal.signal(signal.SIGINT, lambda *_: _stopping.set())
    for queue in queues:
        _without_fear(drain, queue)                 # what waited while nobody was here
    while not _stopping.is_set():
        try:
            connection = redis.Redis.from_url(embedded.addresses().redis_url)
            names = [Queue(relay.queue_name(queue), connection=connection, serializer=JSONSerializer)
                     for queue in queues]
            _Worker(names, connection=connection, serializer=JSONSerializer, worker_ttl=30,
                    name=f"{relay.prefix()}-{os.getpid()}-{time.time_ns()}").work(logging_level="ERROR")
        except redis.RedisError as problem:
            log.warning("Redis cannot be reached (%s); the clock does the work meanwhile.", problem)
        _stopping.wait(1)


def run_clock() -> None:
    """Every two seconds: what is due is rung for, what was lost is taken back, chores are fired."""
    prepare()
    signal.signal(signal.SIGTERM, lambda *_: _stopping.set())
    signal.signal(signal.SIGINT, lambda *_: _stopping.set())
    tidied = 0.0
    while not _stopping.is_set():
        _without_fear(tick)
        if time.monotonic() - tidied > 3600:
            tidied = time.monotonic()
            _without_fear(lambda: in_transaction(lambda tx: outbox.tidy(tx.connection)))
        _stopping.wait(PULSE)


def tick() -> None:
    """One look of the clock."""
    fire_chores()
    in_transaction(lambda tx: outbox.expire(tx.connection))
    with reading() as connection:
        waiting = outbox.due(connection)
    for queue in waiting:
        if not relay.ring_now(queue):
            drain(queue)                            # no doorbell: the ledger is enough to work from


_fired: dict[str, datetime] = {}


def fire_chores() -> list[str]:
    """Fire every chore whose time has come, once per due time however many clocks run; the names of those fired."""
    fired = []
    for chore in catalogue().all("chores"):
        due = last_due(chore.every, clock.now())
        if _fired.get(chore.name) == due:
            continue
        with transaction() as tx:
            new = tx.execute(sa.text("INSERT INTO house.chore_run (chore, due_at) VALUES (:chore, :due) "
                                     "ON CONFLICT DO NOTHING"), {"chore": chore.name, "due": due}).rowcount
            if new:
                tx.emit("chore.due", actor=HOUSE, payload={"chore": chore.name, "due_at": due.isoformat()})
                fired.append(chore.name)
        _fired[chore.name] = due
    return fired


def last_due(every: timedelta, moment: datetime) -> datetime:
    """The latest full multiple of `every` since the epoch."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (moment - epoch) // every * every


def _without_fear(work: Any, *arguments: Any) -> None:
    """A database that is away for a moment must not end the process."""
    try:
        work(*arguments)
    except (sa.exc.DBAPIError, sa.exc.TimeoutError) as problem:
        log.warning("The database cannot be reached just now: %s", str(problem).splitlines()[0])
