"""Seals: a chain of hashes over the rows of history, so that whoever changes one afterwards is found out.

A row is written with its record and costs nothing more. A minute later it is sealed: each seal covers some rows, holds the
SHA-256 of each, and a hash over these and the seal before it. A row is sealed only when no smaller id can appear any more.
"""
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.db.transaction import Transaction, in_transaction, reading

ROWS = 1_000
"""In one seal, at most."""
MOST = 200
"""Seals at one time; the rest is sealed a minute later."""
PATIENCE = 5.0
"""Seconds to wait for transactions that may hold a smaller id."""
COUNTED = 100_000
"""Rows that wait are counted up to here."""
LOCK = 0x7365616C
DIGEST = 32
NOTHING = hashlib.sha256(b"").digest()
"""What the first seal follows."""

CANONICAL = """jsonb_build_array(h.id, h.module_id, h.record_id, h.version, h.verb,
  cast(extract(epoch FROM h.at) * 1000000 AS bigint), h.actor_id, h.channel, h.import_id, h.changed)::text"""
"""A row as one text: a JSON array of all its columns, so that no two rows that differ have the same."""
DIGESTED = f"sha256(convert_to({CANONICAL}, 'UTF8'))"

_HEAD = sa.text("SELECT number, hash FROM house.history_head")
_LAST = sa.text("SELECT number, at, hash, ids[cardinality(ids)] AS last_id FROM house.history_seal ORDER BY number DESC LIMIT 1")
_NEWEST = sa.text("SELECT max(id) FROM house.history")
_WRITERS = sa.text("""
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'house.history'::regclass AND granted AND mode = 'RowExclusiveLock'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""")
_ROWS = sa.text(f"SELECT h.id, {DIGESTED} AS digest FROM house.history AS h WHERE h.id > :after AND h.id <= :upto "
                "ORDER BY h.id LIMIT :most")
_WAITING = sa.text("SELECT count(*) AS rows, min(at) AS oldest FROM "
                   "(SELECT at FROM house.history WHERE id > :after ORDER BY id LIMIT :most) AS counted")
_ADD = sa.text("INSERT INTO house.history_seal (number, at, ids, digests, previous, hash) "
               "VALUES (:number, :at, :ids, :digests, :previous, :hash)")


@dataclass(frozen=True)
class Seal:
    """One link of the chain, as it was written."""
    number: int
    at: datetime
    ids: Sequence[int]
    digests: bytes
    previous: bytes
    hash: bytes

    @property
    def worked_out(self) -> bytes:
        """The hash it must have."""
        micros = (self.at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        told = f"banyan history seal\n{self.number}\n{micros}\n{','.join(map(str, self.ids))}\n{self.previous.hex()}\n"
        return hashlib.sha256(told.encode() + self.digests).digest()

    def rows(self) -> dict[int, bytes]:
        """{id of a row: its digest}."""
        return {id: self.digests[place * DIGEST:(place + 1) * DIGEST] for place, id in enumerate(self.ids)}


@dataclass(frozen=True)
class Standing:
    """How far the chain is by its head: number and hash of the last seal; how many rows wait, the oldest since when.

    whole: the last seal is there and is the one the head names. at: when it was made.
    """
    number: int
    hash: bytes
    whole: bool
    at: datetime | None
    waiting: int
    oldest: datetime | None

    @property
    def head(self) -> str:
        return head(self.number, self.hash)


def seal(*, most: int = MOST, patience: float = PATIENCE) -> int:
    """Seal what is surely complete; how many rows. Several at one time take turns."""
    upto = settled(patience)
    sealed = 0
    for _number in range(most if upto else 0):
        rows = in_transaction(lambda tx: _seal_some(tx, upto))
        sealed += rows
        if rows < ROWS:
            break
    return sealed


def settled(patience: float = PATIENCE) -> int:
    """An id below which nothing can appear any more; 0 where writers did not come to an end in time.

    Ids are given out in order, to transactions that hold the table for writing. So whoever was given a smaller id than one
    that is there by now either holds it now, or is over and its rows can be seen.
    """
    with reading() as connection:
        upto = connection.scalar(_NEWEST) or 0
        begun, waited = set(connection.scalars(_WRITERS)) if upto else set(), time.monotonic()
        while begun:
            if time.monotonic() - waited > patience:
                return 0
            time.sleep(0.02)
            begun &= set(connection.scalars(_WRITERS))
    return upto


def _seal_some(tx: Transaction, upto: int) -> int:
    tx.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    end, last = tx.execute(_HEAD).one_or_none(), tx.execute(_LAST).one_or_none()
    if not _follows(end, last):
        return 0                                    # somebody took seals away: verify says so, and nothing is put over it
    rows = tx.execute(_ROWS, {"after": last.last_id if last else 0, "upto": upto, "most": ROWS}).all()
    if rows:
        made = Seal(end.number + 1, clock.now(), [row.id for row in rows], b"".join(row.digest for row in rows), end.hash, b"")
        tx.execute(_ADD, {"number": made.number, "at": made.at, "ids": made.ids, "digests": made.digests,
                          "previous": made.previous, "hash": made.worked_out})
    return len(rows)


def _follows(end: Any, last: Any) -> bool:
    """Whether this seal is the chain's end, or there is none yet."""
    return end is not None and (end.number, end.hash) == ((last.number, last.hash) if last is not None else (0, NOTHING))


def head(number: int, hash: bytes) -> str:
    """A seal's number and hash in one word, to be kept elsewhere."""
    return f"{number}:{hash.hex()}"


def standing(connection: sa.Connection) -> Standing:
    last = connection.execute(_LAST).one_or_none()
    waiting = connection.execute(_WAITING, {"after": last.last_id if last else 0, "most": COUNTED}).one()
    end = connection.execute(_HEAD).one_or_none()
    number, hash = (end.number, end.hash) if end else (0, b"")
    return Standing(number, hash, _follows(end, last), last.at if last else None, waiting.rows, waiting.oldest)
