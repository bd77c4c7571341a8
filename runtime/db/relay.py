"""The relay: rings the doorbell (RQ) when deliveries are due. The ledger is the database; a lost ring loses nothing.

A ring is asked for in a request and carried out by a thread of its own, so that a slow or absent Redis costs no request.
"""
import atexit
import logging
import os
import threading
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from runtime.db import embedded

PENDING = 10
"""Seconds after which a ring that nobody answered may be repeated."""

log = logging.getLogger(__name__)
_asked: set[str] = set()
_wake = threading.Condition()
_thread: threading.Thread | None = None
_busy = False
_client: redis.Redis | None = None


def prefix() -> str:
    """What this installation's names in Redis begin with, so that several may share one."""
    return os.environ.get("CRM_REDIS_PREFIX", "banyan")


def queue_name(queue: str) -> str:
    return f"{prefix()}-{queue}"


def client() -> redis.Redis:
    """A client that gives up quickly; for doorbells and other things one can do without."""
    global _client
    if _client is None:
        _client = redis.Redis.from_url(embedded.addresses().redis_url, socket_connect_timeout=1, socket_timeout=1,
                                       health_check_interval=30, retry=Retry(NoBackoff(), 1))
    return _client


def ring(queue: str = "default") -> None:
    """Say that there is work; returns at once. Rings of one queue that come close together are one."""
    global _thread
    with _wake:
        _asked.add(queue)
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_carry_out, args=(_wake,), name="doorbell", daemon=True)
            _thread.start()
        _wake.notify()


def ring_now(queue: str, *, again: bool = False) -> bool:
    """Ring in this thread; False when Redis cannot be reached. again: wake one more worker although one is awake."""
    try:
        key = f"{prefix()}:rung:{queue}" + (":more" if again else "")
        if client().set(key, 1, nx=True, ex=PENDING):
            Queue(queue_name(queue), connection=client(), serializer=JSONSerializer).enqueue(
                "runtime.worker.drain", queue, job_timeout=-1, result_ttl=0, failure_ttl=60, ttl=3600,
                description=f"drain {queue}")
        return True
    except redis.RedisError as problem:
        log.debug("The doorbell is out of order: %s", problem)
        return False


def answered(queue: str) -> None:
    """The work was done: the next event rings again."""
    try:
        client().delete(f"{prefix()}:rung:{queue}", f"{prefix()}:rung:{queue}:more")
    except redis.RedisError:
        pass


def still_busy(queue: str) -> None:
    """Someone works on it: no need to ring for a while."""
    try:
        client().set(f"{prefix()}:rung:{queue}", 1, ex=PENDING)
    except redis.RedisError:
        pass


def flush(timeout: float = 1.0) -> None:
    """Wait until what was asked for is rung; before a short process ends."""
    with _wake:
        _wake.wait_for(lambda: not _asked and not _busy, timeout)


def forget() -> None:
    """Drop the client: after a fork, or when the address changed."""
    global _client, _thread, _wake, _busy
    _client, _thread, _wake, _busy = None, None, threading.Condition(), False
    _asked.clear()                                  # the old thread, if any, sees a new condition and ends at its next ring


def _carry_out(wake: threading.Condition) -> None:
    global _busy
    while wake is _wake:                            # else this thread belongs to a time before `forget`
        with wake:
            _busy = False
            wake.notify_all()
            wake.wait_for(lambda: _asked or wake is not _wake)
            queues, _busy = list(_asked), True
            _asked.clear()
        for queue in queues:
            ring_now(queue)


def _before_exit() -> Any:
    if _thread is not None and _thread.is_alive():
        flush()


atexit.register(_before_exit)
os.register_at_fork(after_in_child=forget)
