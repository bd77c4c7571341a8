"""Idempotency keys: the same request twice is done once and answered twice (kept for 24 hours)."""
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from runtime.db.transaction import reading, transaction
from runtime.errors import BadQuery, Invalid, RuntimeProblem
from runtime.locale.text import _
from runtime.values import Actor
from runtime.web import json

FIND = sa.text("SELECT request_hash, answer FROM house.idempotency WHERE actor_id = :actor AND key = :key")
KEEP = sa.text("INSERT INTO house.idempotency (actor_id, key, request_hash, answer) "
               "VALUES (:actor, :key, :hash, CAST(:answer AS jsonb)) ON CONFLICT DO NOTHING RETURNING key")


class KeyUsed(Invalid):
    """The key belongs to another request, which was done."""


class _Done(Exception):
    """Somebody else was first; what was done here is taken back."""


def once(actor: Actor, key: str | None, request: Any, do: Callable[[], Mapping[str, Any]]) -> tuple[Mapping[str, Any], bool]:
    """(what `do` answered, whether it was answered before). Key and effect commit together.

    Every request tries, and the one that keeps its key first counts: a second one under way waits for that and takes its own
    work back. Raises KeyUsed when the key was used for another request.
    """
    if not key:
        return do(), False
    if len(key) > 255:
        raise BadQuery(_("An Idempotency-Key has at most 255 characters."))
    hashed = hashlib.sha256(json.dumps(request)).hexdigest()
    mine = {"actor": actor.user_id or 0, "key": key}
    try:
        with transaction() as tx:
            answer = do()
            if tx.execute(KEEP, mine | {"hash": hashed, "answer": json.dumps(answer).decode()}).first() is None:
                raise _Done
    except (RuntimeProblem, _Done):
        with reading() as connection:
            found = connection.execute(FIND, mine).one_or_none()
        if found is None:
            raise
        if found.request_hash != hashed:
            raise KeyUsed({"": [_("This Idempotency-Key was already used for another request. Send a new key.")]}) from None
        return found.answer, True
    return answer, False


def new_key() -> str:
    """A key for one form: sent twice, it creates once."""
    return secrets.token_urlsafe(18)
