"""Guesses: how often one person may learn that a record they cannot see is there (safety T13).

A value that must be unique and a duplicate that is told of without its name both answer a guess. Who guesses too often is
refused before anything is looked for, so that a refusal says nothing; counted in Redis for all processes, here where it is away.
"""
import time

import redis

from runtime.db import relay
from runtime.errors import TooMany
from runtime.locale.text import _
from runtime.values import Actor

MOST = 20
WINDOW = 60
"""Seconds."""

_shut: dict[int, float] = {}
_here: dict[int, tuple[int, float]] = {}


def refuse_guessing(actor: Actor) -> None:
    """Raises TooMany, with the seconds to wait, for who guessed too often."""
    until = _shut.get(actor.user_id or 0)
    if until is None:
        return
    left = until - time.monotonic()
    if left > 0:
        raise _too_many(left)
    _shut.pop(actor.user_id or 0, None)


def answered(actor: Actor) -> None:
    """A guess is about to be answered. Raises TooMany instead, once there were too many. Rules do not guess."""
    if actor.user_id is None or actor.depth:
        return
    count, left = _counted(actor.user_id)
    if count >= MOST:
        _shut[actor.user_id] = time.monotonic() + left
    if count > MOST:
        raise _too_many(left)


def _counted(user_id: int) -> tuple[int, float]:
    """(answers in this window, seconds until it ends)."""
    name = f"{relay.prefix()}-guesses:{user_id}"
    try:
        with relay.client().pipeline(transaction=False) as pipeline:
            pipeline.incr(name)
            pipeline.expire(name, WINDOW, nx=True)
            pipeline.pttl(name)
            count, _set, left = pipeline.execute()
        return int(count), max(1000, int(left)) / 1000
    except redis.RedisError:
        count, until = _here.get(user_id, (0, 0.0))
        now = time.monotonic()
        if until <= now:
            count, until = 0, now + WINDOW
        _here[user_id] = (count + 1, until)
        return count + 1, until - now


def _too_many(left: float) -> TooMany:
    problem = TooMany(_("You tried many values that are taken already. Wait a minute, then go on."))
    problem.retry_after = max(1, int(left) + 1)
    return problem
