"""Installing a package with a worker, so that no page waits: what was agreed to, how far it is, what became of it.

Killed, it goes on: a package that is in already changes nothing, and sample records that are here by name are left alone.
"""
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from metadata import package
from metadata.package import Package
from runtime.db import clock
from runtime.db.transaction import reading, transaction
from runtime.errors import NotFound, RuntimeProblem
from runtime.exchange import samples
from runtime.files import store as files
from runtime.locale.text import _, speaking
from runtime.publish import packages
from runtime.security import users
from runtime.values import Actor

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
TESTS, TABLES, SAMPLES = "tests", "tables", "samples"
SAID = 5
"""Red tests that are named when nothing was installed."""


@dataclass(frozen=True)
class Job:
    """file_id: the upload; label: what the package is called; step: TESTS … SAMPLES; version: the one it made."""
    id: int
    owner_id: int
    file_id: str
    label: str
    agreed: list[str]
    choices: dict[str, str]
    override: str
    samples: bool
    state: str
    step: str
    version: int | None
    problem: str
    begun_at: datetime
    at: datetime

    @property
    def over(self) -> bool:
        return self.state in (DONE, FAILED)

    @property
    def steps(self) -> tuple[str, ...]:
        return (TESTS, TABLES, SAMPLES) if self.samples else (TESTS, TABLES)


def begin(actor: Actor, file_id: str, given: Package, *, label: str, agreed: Collection[str], choices: Mapping[str, str],
          override: str = "", with_samples: bool = False) -> int:
    """The job's number. What is missing from `agreed`, and what cannot be done at all, is refused at once: Refused, Invalid."""
    packages.require(actor, packages.check(given, choices), agreed)
    now = clock.now()
    with transaction() as tx:
        number = tx.scalar(sa.text(
            "INSERT INTO house.package_job (owner_id, file_id, label, agreed, choices, override, samples, begun_at, at) VALUES "
            "(:owner_id, :file_id, :label, :agreed, cast(:choices AS jsonb), :override, :samples, :at, :at) RETURNING id"),
            {"owner_id": actor.user_id, "file_id": file_id, "label": label, "agreed": list(agreed), "at": now,
             "choices": json.dumps(dict(choices)), "override": override, "samples": with_samples})
        tx.emit("package.requested", actor=actor, payload={"job_id": number})
    return number


def get(number: int) -> Job:
    """Raises NotFound."""
    with reading() as connection:
        row = connection.execute(sa.text(
            "SELECT id, owner_id, file_id, label, agreed, choices, override, samples, state, step, version, problem, begun_at, at "
            "FROM house.package_job WHERE id = :id"), {"id": number}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such installation under way."))
    return Job(**row._mapping)


def run(number: int) -> None:
    """What the worker does. Delivered twice, it leaves the same state."""
    job = get(number)
    if job.over:
        return
    _note(number, state=RUNNING, step=TESTS)
    try:
        actor = users.actor_for(job.owner_id, "page")
        with speaking(actor.language):
            _carry_out(job, actor)
    except RuntimeProblem as problem:
        more = [each.message for each in getattr(problem, "problems", ())][:SAID]
        _note(number, state=FAILED, problem=" ".join([problem.message, *(each for each in more if each != problem.message)]))
        return
    _note(number, state=DONE)


def _carry_out(job: Job, actor: Actor) -> None:
    with reading() as connection:
        file = files.find(connection, job.file_id)
    given = packages.opened(files.read(file).read_bytes())
    made = packages.install(actor, given, agreed=job.agreed, choices=job.choices, override=job.override,
                            proved=lambda: _note(job.id, step=TABLES))
    _note(job.id, version=made.version)
    if job.samples:
        _note(job.id, step=SAMPLES)
        with TemporaryDirectory() as folder:
            package.write_samples(given, Path(folder))
            samples.take(actor.through("import"), Path(folder))


def _note(number: int, **told: Any) -> None:
    values = ", ".join(f"{name} = :{name}" for name in told)
    with transaction() as tx:
        tx.execute(sa.text(f"UPDATE house.package_job SET {values}, at = :at WHERE id = :id"),
                   told | {"at": clock.now(), "id": number})
