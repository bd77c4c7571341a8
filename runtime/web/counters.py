"""Counters: where the limits count. In Redis, for all processes; while it is away, tries at signing in are counted in the database,
for all processes too (safety D14: who guesses gains nothing by it), and calls of programs in each process by itself."""
import hashlib
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import redis
import sqlalchemy as sa
from limits.storage import MemoryStorage, Storage

from runtime.db import clock, relay
from runtime.db.transaction import reading, transaction

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
PROGRAMS = "api "
"""What the keys of calls by programs begin with; they are many, and no guesses."""
AGAIN = 5.0
"""Seconds until Redis is asked again after it did not answer."""
FORGOTTEN = timedelta(days=2)

_COUNT = sa.text("""
INSERT INTO house.limit_count AS c (key, count, expires) VALUES (:key, :amount, :until)
ON CONFLICT (key) DO UPDATE SET count = CASE WHEN c.expires <= :now THEN 0 ELSE c.count END + :amount,
  expires = CASE WHEN c.expires <= :now THEN :until ELSE c.expires END
RETURNING count""")
_HELD = sa.text("SELECT count, expires FROM house.limit_count WHERE key = :key AND expires > :now")


class InRedis:
    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        name = self._name(key)
        with relay.client().pipeline(transaction=False) as pipeline:       # a time that was not set is set by the next call
            pipeline.incrby(name, amount)
            pipeline.expire(name, expiry, nx=amount != 0)
            return int(pipeline.execute()[0])

    def get(self, key: str) -> int:
        return int(relay.client().get(self._name(key)) or 0)

    def get_expiry(self, key: str) -> float:
        return time.time() + max(0, relay.client().pttl(self._name(key))) / 1000

    def reset(self) -> int | None:
        found = list(relay.client().scan_iter(self._name("*")))
        return relay.client().delete(*found) if found else 0

    def clear(self, key: str) -> None:
        relay.client().delete(self._name(key))

    def _name(self, key: str) -> str:
        return f"{relay.prefix()}-limit:{key}"


class InDatabase:
    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = clock.now()
        with transaction() as tx:
            tx.execute(sa.text("DELETE FROM house.limit_count WHERE expires < :before"), {"before": now - FORGOTTEN})
            return tx.scalar(_COUNT, {"key": _hash(key), "amount": amount, "now": now, "until": now + timedelta(seconds=expiry)})

    def get(self, key: str) -> int:
        held = self._held(key)
        return held.count if held else 0

    def get_expiry(self, key: str) -> float:
        held = self._held(key)
        return held.expires.timestamp() if held else time.time()

    def reset(self) -> int | None:
        with transaction() as tx:
            return tx.execute(sa.text("DELETE FROM house.limit_count")).rowcount

    def clear(self, key: str) -> None:
        with transaction() as tx:
            tx.execute(sa.text("DELETE FROM house.limit_count WHERE key = :key"), {"key": _hash(key)})

    def _held(self, key: str) -> sa.Row | None:
        with reading() as connection:
            return connection.execute(_HELD, {"key": _hash(key), "now": clock.now()}).one_or_none()


Place = InRedis | InDatabase | MemoryStorage


class Counters(Storage):
    """What Flask-Limiter counts in. Found when first needed, so that a start need not wait for Redis."""
    STORAGE_SCHEME = ["house"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: object) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._redis, self._database, self._memory = InRedis(), InDatabase(), MemoryStorage()
        self._away_until = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self._counted(key, lambda place: place.incr(key, expiry, amount=amount))

    def get(self, key: str) -> int:
        return self._counted(key, lambda place: place.get(key))

    def get_expiry(self, key: str) -> float:
        return self._counted(key, lambda place: place.get_expiry(key))

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        self._memory.reset()
        self._database.reset()
        return self._counted("", lambda place: place.reset())

    def clear(self, key: str) -> None:
        self._counted(key, lambda place: place.clear(key))

    def _counted(self, key: str, act: Callable[[Place], Answer]) -> Answer:
        if time.monotonic() >= self._away_until:
            try:
                return act(self._redis)
            except (redis.RedisError, OSError) as problem:
                log.warning("Redis does not answer (%s); limits are counted without it.", type(problem).__name__)
                self._away_until = time.monotonic() + AGAIN
        return act(self._memory if key.startswith(f"LIMITER/{PROGRAMS}") else self._database)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
