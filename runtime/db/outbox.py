"""The outbox: events, and one delivery per listener, written in the transaction that caused them.

States of a delivery: ready -> leased -> done, back to ready with a later due time after a failure, dead after the eighth.
A delivery that is leased carries a fencing number; whoever finishes it must still hold that number.
"""
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.db.engine import dumps
from runtime.db.statement import Statement
from runtime.values import Actor, Event

LEASE = timedelta(seconds=30)
ATTEMPTS = 8
DEPTH = 16
EFFECTS = 1000


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears an event.

    queue: which workers run it ("default", or "slow" for what takes minutes).
    wants: asked at emit time. always: heard even where a chain of rules is cut off (indexes, roll-ups).
    """
    name: str
    queue: str = "default"
    wants: Callable[[Event], bool] | None = None
    always: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """The event being handled, and the one at the root of the chain."""
    event_id: int
    depth: int
    root: int


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event on its way into the outbox."""
    event: Event
    root: int | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one listener, leased by this process. attempts counts this one."""
    id: int
    listener: str
    queue: str
    fence: int
    attempts: int
    event: Event
    root: int


_listeners: dict[str, tuple[Listener, ...]] = {}


def listen(listeners: Mapping[str, Sequence[str | Listener]]) -> None:
    """Say who hears what, {event name: listeners}; the roof does, once. "*" hears everything."""
    global _listeners
    _listeners = {name: tuple(one if isinstance(one, Listener) else Listener(one) for one in some)
                  for name, some in listeners.items()}


def listeners(name: str) -> tuple[Listener, ...]:
    return _listeners.get(name, ()) + _listeners.get("*", ())


def emitted(name: str, actor: Actor, module: str | None, record_id: int | None, payload: Mapping[str, Any],
            after: timedelta | None, cause: Cause | None) -> Emitted:
    """An event as it will be written; its chain is the actor's, or that of the event being handled."""
    caused_by, depth = actor.caused_by, actor.depth
    if cause is not None and (caused_by is None or caused_by == cause.event_id):
        caused_by, depth = cause.event_id, max(depth, cause.depth + 1)
    event = Event(0, name, clock.now(), actor.user_id, actor.channel, module, record_id, payload, caused_by, depth)
    return Emitted(event, cause.root if cause else caused_by, clock.now() + after if after else None)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A table that keeps rows beside what they are about, in the same commit. columns: {name: SQL type}, in order."""
    table: str
    columns: Mapping[str, str] = field(hash=False)

    @property
    def insertion(self) -> str:
        names, types = ", ".join(self.columns), ", ".join(f"{name} {type}" for name, type in self.columns.items())
        return (f"INSERT INTO {self.table} ({names}) SELECT {names} "
                f"FROM jsonb_to_recordset(cast(:{self.parameter} AS jsonb)) AS noted({types})")

    @property
    def parameter(self) -> str:
        return self.table.replace(".", "_")


_EVENTS = """given AS MATERIALIZED (
    SELECT nextval('house.event_id_seq') AS id, given.*
    FROM jsonb_to_recordset(cast(:events AS jsonb)) AS given(
        name text, at timestamptz, actor_id bigint, channel text, module text, record_id bigint, payload jsonb,
        caused_by bigint, depth int, root bigint, due_at timestamptz, heard jsonb)
), written AS (
    INSERT INTO house.event (id, name, at, actor_id, channel, module, record_id, payload, caused_by, depth, root)
    SELECT id, name, at, actor_id, channel, module, record_id, payload, caused_by, depth, coalesce(root, id) FROM given
)"""

_DELIVERIES = """
INSERT INTO house.delivery (event_id, listener, queue, module, record_id, due_at)
SELECT given.id, heard.one->>0, heard.one->>1, given.module, given.record_id,
       coalesce(given.due_at, cast(:frozen AS timestamptz), clock_timestamp())
FROM given CROSS JOIN LATERAL jsonb_array_elements(given.heard) AS heard(one)"""


@lru_cache(64)
def _writing(ledgers: tuple[Ledger, ...], events: bool) -> Statement:
    """One statement for the rows of these ledgers, and for events with their deliveries."""
    *parts, last = [ledger.insertion for ledger in ledgers] + ([_DELIVERIES] if events else [])
    parts = [f"part_{at} AS ({part})" for at, part in enumerate(parts)] + ([_EVENTS] if events else [])
    return Statement(sa.text(f"WITH {', '.join(parts)} {last}" if parts else last))


_EFFECTS = sa.text("SELECT count(*) FROM (SELECT 1 FROM house.event WHERE root = :root LIMIT :cap) AS effects")


def write(connection: sa.Connection, events: Sequence[Emitted],
          notes: Mapping[Ledger, Sequence[Mapping[str, Any]]]) -> frozenset[str]:
    """Write notes, events and their deliveries in one statement; the queues that have work now."""
    if not events and not notes:
        return frozenset()
    spent = {root: connection.scalar(_EFFECTS, {"root": root, "cap": EFFECTS})
             for root in {one.root for one in events if one.root is not None}}
    rows, queues = [], set()
    for one in events:
        event, root = one.event, one.root
        if root is not None:
            spent[root] += 1
        cut_off = event.depth > DEPTH or (root is not None and spent[root] > EFFECTS)
        heard = [listener for listener in listeners(event.name)
                 if (listener.always or not cut_off) and (listener.wants is None or listener.wants(event))]
        queues |= {listener.queue for listener in heard if one.due_at is None}
        rows.append({"name": event.name, "at": event.at, "actor_id": event.actor_id, "channel": event.channel,
                     "module": event.module, "record_id": event.record_id, "payload": event.payload,
                     "caused_by": event.caused_by, "depth": event.depth, "root": root, "due_at": one.due_at,
                     "heard": [[listener.name, listener.queue] for listener in heard]})
    given = {ledger.parameter: dumps(noted) for ledger, noted in notes.items()}
    if rows:
        given |= {"events": dumps(rows), "frozen": clock.frozen()}
    _writing(tuple(notes), bool(rows)).run(connection, given)
    return frozenset(queues)


_CLAIM = sa.text("""
WITH due AS (
    SELECT one.id FROM house.delivery AS one
    WHERE one.state = 'ready' AND one.due_at <= coalesce(cast(:frozen AS timestamptz), clock_timestamp())
      AND one.queue = ANY(:queues)
      AND (one.record_id IS NULL OR NOT EXISTS (
            SELECT 1 FROM house.delivery AS earlier
            WHERE earlier.listener = one.listener AND earlier.module = one.module AND earlier.record_id = one.record_id
              AND earlier.id < one.id AND earlier.state IN ('ready', 'leased')))
    ORDER BY one.due_at, one.id LIMIT :limit FOR UPDATE OF one SKIP LOCKED
), leased AS (
    UPDATE house.delivery AS one SET state = 'leased', fence = one.fence + 1, attempts = one.attempts + 1,
           lease_until = coalesce(cast(:frozen AS timestamptz), clock_timestamp()) + :lease
    FROM due WHERE one.id = due.id
    RETURNING one.id, one.listener, one.queue, one.fence, one.attempts, one.event_id
)
SELECT leased.id AS delivery_id, leased.listener, leased.queue, leased.fence, leased.attempts, event.*
FROM leased JOIN house.event AS event ON event.id = leased.event_id ORDER BY leased.id
""")


def claim(connection: sa.Connection, queues: Iterable[str], limit: int = 50) -> list[Delivery]:
    """Lease due deliveries. Those of one record come to one listener in their order: a later one waits for the earlier."""
    rows = connection.execute(_CLAIM, {"queues": list(queues), "limit": limit, "lease": LEASE, "frozen": clock.frozen()})
    return [Delivery(row.delivery_id, row.listener, row.queue, row.fence, row.attempts,
                     Event(row.id, row.name, row.at, row.actor_id, row.channel, row.module, row.record_id, row.payload,
                           row.caused_by, row.depth), row.root) for row in rows]


_RECEIPT = sa.text("""
UPDATE house.delivery SET state = 'done', lease_until = NULL, error = NULL,
       done_at = coalesce(cast(:frozen AS timestamptz), clock_timestamp())
WHERE id = :id AND fence = :fence AND state = 'leased'
""")


def receipt(connection: sa.Connection, delivery: Delivery) -> bool:
    """Sign for a delivery, first thing in the transaction that handles it; False when it is another's by now.

    The signature holds the row, so the lease of a handler that is alive never expires under it.
    """
    return connection.execute(_RECEIPT, {"id": delivery.id, "fence": delivery.fence,
                                         "frozen": clock.frozen()}).rowcount == 1


_GIVE_BACK = sa.text("""
UPDATE house.delivery SET state = :state, lease_until = NULL, error = :error,
       due_at = coalesce(cast(:frozen AS timestamptz), clock_timestamp()) + :wait
WHERE id = :id AND fence = :fence AND state = 'leased'
""")


def give_back(connection: sa.Connection, delivery: Delivery, error: str) -> str:
    """It failed: later again, or to the dead letters. The new state."""
    state = "dead" if delivery.attempts >= ATTEMPTS else "ready"
    connection.execute(_GIVE_BACK, {"state": state, "error": error[:4000], "wait": pause(delivery.attempts),
                                    "id": delivery.id, "fence": delivery.fence, "frozen": clock.frozen()})
    return state


def pause(attempts: int) -> timedelta:
    """How long to wait after that many failures: 2 s, 8 s, 32 s, 2 min, then up to 30 min."""
    return timedelta(seconds=min(2 * 4 ** (attempts - 1), 1800))


def release(connection: sa.Connection, delivery: Delivery) -> None:
    """Give back what was leased and not begun, as if it had never been taken."""
    connection.execute(sa.text("""
        UPDATE house.delivery SET state = 'ready', lease_until = NULL, attempts = attempts - 1
        WHERE id = :id AND fence = :fence AND state = 'leased'"""), {"id": delivery.id, "fence": delivery.fence})


def extend(connection: sa.Connection, delivery: Delivery) -> None:
    """Long work is still going on."""
    connection.execute(sa.text("""
        UPDATE house.delivery SET lease_until = clock_timestamp() + :lease
        WHERE id = :id AND fence = :fence AND state = 'leased'"""),
        {"id": delivery.id, "fence": delivery.fence, "lease": LEASE})


_EXPIRE = sa.text("""
WITH lost AS (
    SELECT id FROM house.delivery
    WHERE state = 'leased' AND lease_until < coalesce(cast(:frozen AS timestamptz), clock_timestamp())
    FOR UPDATE SKIP LOCKED
)
UPDATE house.delivery AS one SET lease_until = NULL, error = 'The worker was lost.',
       state = CASE WHEN one.attempts >= :attempts THEN 'dead' ELSE 'ready' END
FROM lost WHERE one.id = lost.id
""")


def expire(connection: sa.Connection) -> int:
    """Take back what a lost worker had leased. A row held by a living transaction is left alone."""
    return connection.execute(_EXPIRE, {"attempts": ATTEMPTS, "frozen": clock.frozen()}).rowcount


_DUE = sa.text("""
SELECT queue FROM house.delivery
WHERE state = 'ready' AND due_at <= coalesce(cast(:frozen AS timestamptz), clock_timestamp()) GROUP BY queue
""")


def due(connection: sa.Connection) -> list[str]:
    """The queues in which something waits."""
    return list(connection.scalars(_DUE, {"frozen": clock.frozen()}))


def standing(connection: sa.Connection) -> dict[str, int]:
    """How many deliveries are ready, leased and dead; `late`: due for more than a minute."""
    row = connection.execute(sa.text("""
        SELECT count(*) FILTER (WHERE state = 'ready') AS ready, count(*) FILTER (WHERE state = 'leased') AS leased,
               count(*) FILTER (WHERE state = 'dead') AS dead,
               count(*) FILTER (WHERE state = 'ready' AND due_at < clock_timestamp() - interval '1 minute') AS late
        FROM house.delivery WHERE state <> 'done'""")).one()
    return dict(row._mapping)


def replay(connection: sa.Connection, delivery_id: int | None = None) -> int:
    """Dead letters back to the living: one, or all."""
    return connection.execute(sa.text("""
        UPDATE house.delivery SET state = 'ready', attempts = 0, due_at = clock_timestamp()
        WHERE state = 'dead' AND (cast(:id AS bigint) IS NULL OR id = :id)"""), {"id": delivery_id}).rowcount


def tidy(connection: sa.Connection, keep: timedelta = timedelta(days=7)) -> int:
    """Forget deliveries done before that, events nobody waits for any more, and which chores were due (but the last of each)."""
    known = {"before": clock.now() - keep}
    gone = connection.execute(sa.text("DELETE FROM house.delivery WHERE state = 'done' AND done_at < :before"), known)
    connection.execute(sa.text("""
        DELETE FROM house.event WHERE at < :before
          AND NOT EXISTS (SELECT 1 FROM house.delivery WHERE delivery.event_id = event.id)"""), known)
    connection.execute(sa.text("""
        DELETE FROM house.chore_run WHERE due_at < :before
          AND due_at < (SELECT max(newer.due_at) FROM house.chore_run AS newer WHERE newer.chore = chore_run.chore)"""), known)
    return gone.rowcount
