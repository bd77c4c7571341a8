"""Publishing by a worker: what takes long, and what is planned for a time. The page only looks on.

Paused or killed, it goes on where it stopped.
"""
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from metadata import drafts, store
from metadata.definitions import Definitions
from runtime.db import clock
from runtime.db.transaction import reading, transaction
from runtime.errors import Conflict, NotFound, RuntimeProblem, Unavailable
from runtime.locale.text import _, speaking
from runtime.publish import impact, proofs, service
from runtime.security import policy, users
from runtime.values import Actor

SCHEDULED, WAITING, RUNNING, PAUSED = "scheduled", "waiting", "running", "paused"
DONE, FAILED, CANCELLED = "done", "failed", "cancelled"

READ = "id, owner_id, name, base, note, state, field, done, last, number, problem, begun_at, at, due_at, ticked, override"
SAID = 5
"""Red tests that are named when a planned publishing did not happen."""
AGAIN = timedelta(seconds=30)
"""After so long a publishing that could not have its table is tried again."""


class Paused(Exception):
    """Somebody asked to stop for now."""


@dataclass(frozen=True)
class Job:
    """field, done, last: the field whose values convert, up to which record of which last one. number: the version made. due_at:
    the time it is planned for; ticked, override: what was agreed to then."""
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
    due_at: datetime | None
    ticked: list[str]
    override: str

    @property
    def over(self) -> bool:
        return self.state in (DONE, FAILED, CANCELLED)

    @property
    def share(self) -> int:
        """Of the field that converts now, in percent."""
        return 100 if self.state == DONE else min(99, self.done * 100 // self.last) if self.last else 0


def begin(actor: Actor, definitions: Definitions, *, base: int, name: str = "", note: str = "", override: str = "",
          due: datetime | None = None, ticked: Sequence[str] = (), proven: bool = False) -> int:
    """A worker publishes these definitions, at once or when they are due; the job's number. name: the draft that goes then.

    ticked: keys of the hazards somebody agreed to; when it is due, no other may stand in the way. Their tests are run first,
    and once more when it is due; proven: they need not be. Raises Red, unless override says why they may be passed over.
    """
    policy.require_build(actor, ())
    said = ""
    if not proven:
        with reading() as connection:
            _number, live = store.published(connection)
        said = proofs.require(proofs.red(live, definitions), override)
    now = clock.now()
    with transaction() as tx:
        call_off(tx.connection, actor.user_id, name, "", told=True)
        tx.execute(sa.text("UPDATE house.metadata_publishing SET told = true WHERE owner_id = :owner_id AND name = :name "
                           "AND due_at IS NOT NULL"), {"owner_id": actor.user_id, "name": name})
        number = tx.scalar(sa.text(
            "INSERT INTO house.metadata_publishing (owner_id, name, base, documents, note, state, begun_at, at, due_at, ticked, "
            "override) VALUES (:owner_id, :name, :base, cast(:documents AS jsonb), :note, :state, :at, :at, :due, :ticked, "
            ":override) RETURNING id"),
            {"owner_id": actor.user_id, "name": name, "base": base, "note": note if due else proofs.noted(note, said), "at": now,
             "state": SCHEDULED if due else WAITING, "due": due, "ticked": list(ticked), "override": override,
             "documents": json.dumps(store.keep(tx.connection, definitions))})
        tx.emit("publishing.requested", actor=actor, payload={"publishing_id": number}, after=due - now if due else None)
    return number


def get(number: int) -> Job:
    """Raises NotFound."""
    with reading() as connection:
        row = connection.execute(sa.text(f"SELECT {READ} FROM house.metadata_publishing WHERE id = :id"),
                                 {"id": number}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such publishing under way."))
    return Job(**row._mapping)


def planned(owner_id: int, name: str) -> Job | None:
    """What is planned for a draft, or what became of it as long as its owner has not read that."""
    with reading() as connection:
        row = connection.execute(sa.text(
            f"SELECT {READ} FROM house.metadata_publishing WHERE owner_id = :owner_id AND name = :name AND due_at IS NOT NULL "
            "AND NOT told ORDER BY id DESC LIMIT 1"), {"owner_id": owner_id, "name": name}).one_or_none()
    return Job(**row._mapping) if row else None


def cancel(number: int) -> bool:
    """Whether it was still to come."""
    return _note(number, state=CANCELLED, told=True, only=(SCHEDULED,))


def read_about(number: int) -> None:
    """Its owner has read what became of it."""
    _note(number, told=True, only=(DONE, FAILED, CANCELLED))


def call_off(connection: sa.Connection, owner_id: int, name: str, problem: str, *, told: bool = False) -> None:
    """What is planned for a draft does not happen, because the draft is not what was agreed to any more."""
    connection.execute(sa.text(
        "UPDATE house.metadata_publishing SET state = :state, problem = :problem, told = :told, at = :at "
        "WHERE owner_id = :owner_id AND name = :name AND state = :scheduled"),
        {"owner_id": owner_id, "name": name, "problem": problem, "told": told, "at": clock.now(), "state": CANCELLED,
         "scheduled": SCHEDULED})


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
    if not _note(number, state=RUNNING, only=(SCHEDULED, WAITING, RUNNING)):
        return
    with reading() as connection:
        placed = connection.scalar(sa.text("SELECT documents FROM house.metadata_publishing WHERE id = :id"), {"id": number})
        definitions = store.definitions_of(connection, placed)
    try:
        actor = users.actor_for(job.owner_id, "page")
        with speaking(actor.language):
            made = _already(job, placed)
            if made is None and job.due_at:
                _still_agreed(job, placed, definitions)
            made = made or service.publish(actor, definitions, base=job.base, note=job.note, override=job.override,
                                           proven=job.due_at is None, progress=lambda *told: _tell(number, *told))
    except Paused:
        return
    except Unavailable:                     # somebody holds the table: what is converted stays, and it is tried again
        with transaction() as tx:
            if _note(number, state=WAITING, only=(RUNNING,)):
                tx.emit("publishing.requested", actor=actor, payload={"publishing_id": number}, after=AGAIN)
        return
    except RuntimeProblem as problem:
        made = _already(job, placed)        # paused and resumed in one moment, two workers had it
        if made is None:
            more = [each.message for each in getattr(problem, "problems", ())][:SAID]
            _note(number, state=FAILED, problem=" ".join([problem.message, *(each for each in more if each != problem.message)]))
            return
    with transaction() as tx:
        if _kept(tx.connection, job) == placed:          # who went on working meanwhile keeps it, and brings both together
            drafts.drop(tx.connection, job.owner_id, job.name)
        _note(number, state=DONE, number=made)


def _still_agreed(job: Job, placed: Mapping[str, str], definitions: Definitions) -> None:
    """Raises Conflict where the draft, what is live or what publishing would cost is not what somebody agreed to."""
    with reading() as connection:
        if _kept(connection, job) != placed:
            raise Conflict(_("The draft was changed after the time was set."))
    plan = service.plan(definitions)
    if plan.base == job.base and not plan.problems and (left := impact.of(plan).unticked(job.ticked)):
        raise Conflict(_("This was not ticked: %(title)s.", title=left[0].title))


def _kept(connection: sa.Connection, job: Job) -> Mapping[str, str] | None:
    """The documents of its draft as it is now."""
    return connection.scalar(sa.text("SELECT documents FROM house.metadata_draft WHERE owner_id = :owner_id AND name = :name"),
                             {"owner_id": job.owner_id, "name": job.name})


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
