"""Long publishing: a worker converts the values and publishes, the page only looks on.

Paused or killed, it goes on where it stopped.
"""
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from metadata import drafts, store
from metadata.definitions import Definitions
from runtime.db import clock
from runtime.db.transaction import reading, transaction
from runtime.errors import NotFound, RuntimeProblem
from runtime.locale.text import _, speaking
from runtime.publish import proofs, service
from runtime.security import policy, users
from runtime.values import Actor

WAITING, RUNNING, PAUSED, DONE, FAILED = "waiting", "running", "paused", "done", "failed"


class Paused(Exception):
    """Somebody asked to stop for now."""


@dataclass(frozen=True)
class Job:
    """field, done, last: the field whose values convert, up to which record of which last one. number: the version made."""
    id: int
    owner_id: int
    name: str
    base: int
    note: str
    state: str
    field: str
    done: int
    last: int
    number: int | None
    problem: str
    begun_at: datetime
    at: datetime

    @property
    def over(self) -> bool:
        return self.state in (DONE, FAILED)

    @property
    def share(self) -> int:
        """Of the field that converts now, in percent."""
        return 100 if self.state == DONE else min(99, self.done * 100 // self.last) if self.last else 0


def begin(actor: Actor, definitions: Definitions, *, base: int, name: str = "", note: str = "", override: str = "") -> int:
    """A worker publishes these definitions; the job's number. name: the draft that goes when it is done.

    Their tests are run first. Raises Red, unless override says why they may be passed over.
    """
    policy.require_build(actor, ())
    with reading() as connection:
        _number, live = store.published(connection)
    note = proofs.noted(note, proofs.require(proofs.red(live, definitions), override))
    now = clock.now()
    with transaction() as tx:
        number = tx.scalar(sa.text(
            "INSERT INTO house.metadata_publishing (owner_id, name, base, documents, note, begun_at, at) "
            "VALUES (:owner_id, :name, :base, cast(:documents AS jsonb), :note, :at, :at) RETURNING id"),
            {"owner_id": actor.user_id, "name": name, "base": base, "note": note, "at": now,
             "documents": json.dumps(store.keep(tx.connection, definitions))})
        tx.emit("publishing.requested", actor=actor, payload={"publishing_id": number})
    return number


def get(number: int) -> Job:
    """Raises NotFound."""
    with reading() as connection:
        row = connection.execute(sa.text(
            "SELECT id, owner_id, name, base, note, state, field, done, last, number, problem, begun_at, at "
            "FROM house.metadata_publishing WHERE id = :id"), {"id": number}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such publishing under way."))
    return Job(**row._mapping)


def pause(number: int) -> None:
    """It stops before its next batch; what is converted stays converted."""
    _note(number, state=PAUSED, only=(WAITING, RUNNING))


def resume(actor: Actor, number: int) -> None:
    with transaction() as tx:
        if _note(number, state=WAITING, only=(PAUSED,)):
            tx.emit("publishing.requested", actor=actor, payload={"publishing_id": number})


def run(number: int) -> None:
    """What the worker does. Delivered twice, it leaves the same state."""
    job = get(number)
    if job.over or job.state == PAUSED:
        return
    _note(number, state=RUNNING)
    with reading() as connection:
        placed = connection.scalar(sa.text("SELECT documents FROM house.metadata_publishing WHERE id = :id"), {"id": number})
        definitions = store.definitions_of(connection, placed)
    try:
        actor = users.actor_for(job.owner_id, "page")
        with speaking(actor.language):
            made = _already(job, placed) or service.publish(actor, definitions, base=job.base, note=job.note, proven=True,
                                                            progress=lambda *told: _tell(number, *told))
    except Paused:
        return
    except RuntimeProblem as problem:
        made = _already(job, placed)        # paused and resumed in one moment, two workers had it
        if made is None:
            _note(number, state=FAILED, problem=problem.message)
            return
    with transaction() as tx:
        kept = tx.connection.scalar(sa.text(
            "SELECT documents FROM house.metadata_draft WHERE owner_id = :owner_id AND name = :name"),
            {"owner_id": job.owner_id, "name": job.name})
        if kept == placed:          # who went on working meanwhile keeps it, and brings both together
            drafts.drop(tx.connection, job.owner_id, job.name)
        _note(number, state=DONE, number=made)


def _already(job: Job, placed: Mapping[str, str]) -> int | None:
    """The version this job made before it was killed, just not noted yet."""
    with reading() as connection:
        return connection.scalar(sa.text(
            "SELECT number FROM house.metadata_version WHERE base = :base AND actor_id = :owner_id AND at >= :begun_at "
            "AND documents = cast(:documents AS jsonb)"),
            {"base": job.base, "owner_id": job.owner_id, "begun_at": job.begun_at, "documents": json.dumps(dict(placed))})


def _tell(number: int, field: str, done: int, last: int) -> None:
    if get(number).state == PAUSED:
        raise Paused
    _note(number, field=field, done=done, last=last)


def _note(job_id: int, *, only: tuple[str, ...] = (), **told: Any) -> bool:
    """only: where it is in one of these states."""
    values = ", ".join(f"{name} = :{name}" for name in told)
    states = " AND state = ANY(:states)" if only else ""
    parameters = told | {"at": clock.now(), "id": job_id} | ({"states": list(only)} if only else {})
    with transaction() as tx:
        return tx.execute(sa.text(f"UPDATE house.metadata_publishing SET {values}, at = :at WHERE id = :id{states}"),
                          parameters).rowcount == 1
