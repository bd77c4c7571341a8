"""Idempotency keys: the same request twice is done once and answered twice (kept for 24 hours)."""
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from runtime.db.outbox import Ledger
from runtime.db.transaction import reading, transaction
from runtime.errors import BadQuery, Invalid, RuntimeProblem
from runtime.locale.text import _
from runtime.values import Actor
from runtime.web import json

FIND = sa.text("SELECT request_hash, answer FROM house.idempotency WHERE actor_id = :actor_id AND key = :key")
LEDGER = Ledger("house.idempotency", {"actor_id": "bigint", "key": "text", "request_hash": "text", "answer": "jsonb"})


class KeyUsed(Invalid):
    """The key belongs to another request, which was done."""


def once(actor: Actor, key: str | None, request: Any, do: Callable[[], Mapping[str, Any]]) -> tuple[Mapping[str, Any], bool]:
    """(what `do` answered, whether it was answered before). Key and effect commit together.

    Every request tries, and the one that keeps its key first counts: a second one under way waits for that, and the database
    refuses its key and with it all its work. Raises KeyUsed when the key was used for another request.
    """
    if not key:
        return do(), False
    if len(key) > 255:
        raise BadQuery(_("An Idempotency-Key has at most 255 characters."))
    hashed = hashlib.sha256(json.dumps(request)).hexdigest()
    mine = {"actor_id": actor.user_id or 0, "key": key}
    try:
        with transaction() as tx:
            answer = do()
            tx.note(LEDGER, mine | {"request_hash": hashed, "answer": answer})
    except (RuntimeProblem, IntegrityError) as problem:
        if isinstance(problem, IntegrityError) and not _taken(problem):
            raise
        with reading() as connection:
            found = connection.execute(FIND, mine).one_or_none()
        if found is None:
            raise
        if found.request_hash != hashed:
            raise KeyUsed({"": [_("This Idempotency-Key was already used for another request. Send a new key.")]}) from None
        return found.answer, True
    return answer, False


def _taken(problem: IntegrityError) -> bool:
    return getattr(getattr(problem.orig, "diag", None), "constraint_name", None) == "idempotency_pkey"


def new_key() -> str:
    """A key for one form: sent twice, it creates once."""
    return secrets.token_urlsafe(18)
