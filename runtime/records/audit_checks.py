"""Checks of the history that somebody asked for by screen or by program: a worker makes them, one at a time."""
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.db.engine import dumps
from runtime.db.transaction import reading, transaction
from runtime.records import audit, seals
from runtime.records.audit import Difference
from runtime.values import Actor

WAITING, RUNNING, DONE = "waiting", "running", "done"
GIVEN_UP = timedelta(minutes=10)
"""A check that has said nothing for so long is none any more."""
TELLING = 50
"""Seals between two notes of how far it is."""


@dataclass(frozen=True)
class Check:
    """seals: how many were looked at so far. found: what `audit.verify` reported, as JSON."""
    id: int
    asked_at: datetime
    state: str
    seals: int
    found: dict[str, Any] | None
    at: datetime

    @property
    def over(self) -> bool:
        return self.state == DONE or self.at < clock.now() - GIVEN_UP

    @property
    def differences(self) -> list[Difference]:
        return [Difference(**each) for each in (self.found or {}).get("differences", ())]

    @property
    def since(self) -> datetime | None:
        since = (self.found or {}).get("since")
        return datetime.fromisoformat(since) if since else None


def begin(actor: Actor, since: str = "") -> int:
    """A worker looks at every row; the check's number, or that of the one under way. Raises BadQuery as audit.verify does."""
    audit.read_head(since)
    last, now = latest(), clock.now()
    if last is not None and not last.over:
        return last.id
    with transaction() as tx:
        number = tx.scalar(sa.text("INSERT INTO house.audit_check (asked_by, asked_at, at) VALUES (:by, :at, :at) RETURNING id"),
                           {"by": actor.user_id or 0, "at": now})
        tx.emit("audit.requested", actor=actor, payload={"check_id": number, "since": since.strip()})
    return number


def latest() -> Check | None:
    with reading() as connection:
        row = connection.execute(sa.text(
            "SELECT id, asked_at, state, seals, found, at FROM house.audit_check ORDER BY id DESC LIMIT 1")).one_or_none()
    return Check(**row._mapping) if row else None


def run(number: int, since: str) -> None:
    """What the worker does. Delivered twice, it looks twice."""
    def told(done: int) -> None:
        if done % TELLING == 0:
            _note(number, state=RUNNING, seals=done)

    _note(number, state=RUNNING)
    seals.seal()
    report = audit.verify(since, told)
    found = {"rows": report.rows, "purged": report.purged, "waiting": report.waiting, "since": report.since, "head": report.head,
             "differences": [vars(each) for each in report.differences]}
    _note(number, state=DONE, seals=report.seals, found=json.loads(dumps(found)))


def _note(number: int, **told: Any) -> None:
    values = ", ".join(f"{name} = :{name}" for name in told)
    with transaction() as tx:
        tx.execute(sa.text(f"UPDATE house.audit_check SET {values}, at = :at WHERE id = :id").bindparams(
            *([sa.bindparam("found", type_=sa.JSON)] if "found" in told else [])), told | {"at": clock.now(), "id": number})
