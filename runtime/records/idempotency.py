"""Idempotency keys: the same request twice is done once and answered twice (kept for 24 hours)."""
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from runtime.db.transaction import transaction
from runtime.errors import BadQuery, Invalid
from runtime.locale.text import _
from runtime.values import Actor
from runtime.web import json

TAKE = sa.text("INSERT INTO house.idempotency (actor_id, key, request_hash) VALUES (:actor, :key, :hash) "
               "ON CONFLICT DO NOTHING RETURNING key")
FIND = sa.text("SELECT request_hash, answer FROM house.idempotency WHERE actor_id = :actor AND key = :key")
KEEP = sa.text("UPDATE house.idempotency SET answer = CAST(:answer AS jsonb) WHERE actor_id = :actor AND key = :key")


class KeyUsed(Invalid):
    """The key belongs to another request, which was done."""


def once(actor: Actor, key: str | None, request: Any, do: Callable[[], Mapping[str, Any]]) -> tuple[Mapping[str, Any], bool]:
    """(what `do` answered, whether it was answered before). Key and effect commit together.

    A second request under way waits for the first. Raises KeyUsed when the key was used for another request.
    """
    if not key:
        return do(), False
    if len(key) > 255:
        raise BadQuery(_("An Idempotency-Key has at most 255 characters."))
    hashed = hashlib.sha256(json.dumps(request)).hexdigest()
    mine = {"actor": actor.user_id or 0, "key": key}
    with transaction() as tx:
        if tx.execute(TAKE, mine | {"hash": hashed}).first() is None:
            found = tx.execute(FIND, mine).one()
            if found.request_hash != hashed:
                raise KeyUsed({"": [_("This Idempotency-Key was already used for another request. Send a new key.")]})
            return found.answer, True
        answer = do()
        tx.execute(KEEP, mine | {"answer": json.dumps(answer).decode()})
    return answer, False


def new_key() -> str:
    """A key for one form: sent twice, it creates once."""
    return secrets.token_urlsafe(18)
