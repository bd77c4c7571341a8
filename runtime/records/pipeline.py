"""The record pipeline's middle: steps, writing a row, history and event; shared by every verb of the service."""
import logging
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from metadata.model.module import Module
from runtime.db import clock
from runtime.db.statement import Statement
from runtime.db.transaction import Transaction
from runtime.errors import Conflict, Invalid, Refused, RuntimeProblem
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.records import guesses, history
from runtime.records.form import Form, form_of
from runtime.security import policy
from runtime.tables import labels
from runtime.tables.kept import Kept
from runtime.tables.published import Published, current
from runtime.values import Actor, Change

log = logging.getLogger(__name__)
SLOW_STEP = 0.020
WRITTEN = 100
"""How many sets of columns a module's writes are kept compiled for."""


class Pipeline:
    """Everything about writing one module's records that follows from the published version; built once per version."""

    def __init__(self, now: Published, name: str):
        self.now = now
        self.module: Module = now.module(name)
        self.table: sa.Table = now.table(name)
        steps = [step for step in catalogue().all("record_steps") if step.applies(self.module)]
        self.steps = sorted(steps, key=lambda step: (step.order, step.name))
        self.columns: dict[str, str] = {}
        for field in self.module.fields:
            for part in now.type(field).columns(field):
                self.columns[f"{field.name}.{part}" if part else field.name] = f"{field.name}__{part}" if part else field.name
        self.columns["owner"] = "owner"
        self._written = Kept(WRITTEN)

    @cached_property
    def form(self) -> Form:
        return form_of(self.now, self.module)

    @cached_property
    def selected(self) -> tuple[sa.ColumnElement, ...]:
        """Every stored value of a record and what the house keeps beside it."""
        house = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "import_id")
        return tuple(self.table.c[name] for name in (*house, *self.columns.values()))

    def values(self, row: Any) -> dict[str, Any]:
        """A selected row as {path: clean value}, the house's own values included."""
        paths = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "import_id",
                 *self.columns)
        return dict(zip(paths, row, strict=True))

    def through_steps(self, tx: Transaction, change: Change) -> None:
        """derive in order, then every guard; a step over 20 ms is logged by name. Raises Refused in a preview."""
        if self.now.read_only:
            raise Refused(_("This is a preview of a draft. Records can be saved once it is published."))
        for part in ("derive", "guard"):
            for step in self.steps:
                if change.verb in step.verbs:
                    started = time.perf_counter()
                    getattr(step, part)(tx, change)
                    took = time.perf_counter() - started
                    if took > SLOW_STEP:
                        log.warning("Record step %s of %s took %.0f ms in %s.", step.name, self.module.name, took * 1000, part)

    def after_steps(self, tx: Transaction, change: Change) -> None:
        for step in self.steps:
            if change.verb in step.verbs:
                step.after(tx, change)

    def search_words(self, values: Mapping[str, Any]) -> str:
        """The text of a record's search fields; the database folds it and makes it a tsvector."""
        return " ".join(str(values[name]) for name in self.module.search_fields if values.get(name) is not None)[:20_000]

    def _writing(self, row: Mapping[str, Any]) -> Statement:
        """Takes a row and, where search fields are in it, their WORDS; with RECORD it changes that one (no column's name is in
        capitals)."""
        names = tuple(row)
        kept = self._written.get(names)
        if kept is None:
            values = self._searched if "WORDS" in row else {}
            if "RECORD" in row:
                made: Any = self.table.update().where(self.table.c.id == sa.bindparam("RECORD")).values(values)
            else:
                made = self.table.insert().values(values).returning(self.table.c.id)
            kept = Statement(made, [name for name in names if name in self.table.c])
            self._written.keep(names, kept)
        return kept

    @property
    def _searched(self) -> dict[str, sa.ColumnElement]:
        words = sa.func.house.words(sa.bindparam("WORDS", type_=sa.Text))
        return {"search": sa.func.to_tsvector(sa.literal_column("'simple'::regconfig"), words)}

    def insert(self, tx: Transaction, change: Change, at: Any) -> int:
        """Write a new row; returns its id. Raises Invalid for a value that must be unique."""
        after = change.after
        row = {self.columns[path]: value for path, value in after.items() if path in self.columns}
        row |= {"created_at": at, "created_by": change.actor.user_id, "updated_at": at, "updated_by": change.actor.user_id}
        if self.module.search_fields:
            row["WORDS"] = self.search_words(after)
        guesses.refuse_guessing(change.actor)
        try:
            return tx.rows(self._writing(row), row)[0][0]
        except IntegrityError as problem:
            raise self._refused(change.actor, problem) from None

    def update(self, tx: Transaction, change: Change, version: int, at: Any) -> None:
        """Write the touched values of a row that is locked; version is the new one."""
        row = {self.columns[path]: change.after[path] for path in change.touched if path in self.columns}
        row |= {"version": version, "updated_at": at, "updated_by": change.actor.user_id, "RECORD": change.record_id}
        if any(path in self.module.search_fields for path in change.touched):
            row["WORDS"] = self.search_words(change.after)
        guesses.refuse_guessing(change.actor)
        try:
            tx.run(self._writing(row), row)
        except IntegrityError as problem:
            raise self._refused(change.actor, problem) from None

    def _refused(self, actor: Actor, problem: IntegrityError) -> RuntimeProblem:
        """That a value is taken answers a guess for whom not all records are."""
        if policy.visible(actor, self.module, self.table) is not None:
            guesses.answered(actor)
        return refused_by_database(self, problem)

    def record_change(self, tx: Transaction, change: Change, version: int, verb: str, event: str, at: Any) -> None:
        """History and event, in the transaction of the change itself."""
        touched = [path for path in change.touched if path in self.columns]
        changed = history.as_json(self.now, self.module, change.before, change.after, touched)
        history.write(tx, module=self.module, record_id=change.record_id, version=version, verb=verb, at=at,
                      actor=change.actor, changed=changed)
        by_path = dict(zip(touched, changed.values(), strict=True))
        tx.emit(event, actor=change.actor, module=self.module.name, record_id=change.record_id,
                payload={"version": version, "changed": by_path})


def pipeline(name: str) -> Pipeline:
    """Raises NotFound for a module that is not published."""
    now = current()
    return now.once(("pipeline", name), lambda: Pipeline(now, name))


def moment_of(actor: Actor) -> Any:
    return actor.moment(clock.now())


def refused_by_database(pipe: Pipeline, problem: IntegrityError) -> RuntimeProblem:
    """A constraint's refusal as ours; the database's own words, which may hold values, are dropped (safety T14)."""
    state = getattr(problem.orig, "sqlstate", "")
    name = getattr(getattr(problem.orig, "diag", None), "constraint_name", "") or ""
    if state == "23505":
        for field in pipe.module.fields:
            if name == f"uq_{field.id}":
                return Invalid({field.name: [_("This value is not available: %(label)s must be unique.",
                                               label=labels.of_field(pipe.module, field))]})
        return Conflict(_("A value that must be unique is already taken."))
    if state == "23503":
        return Conflict(_("A linked record was removed while you were saving. Choose it again."))
    return Conflict(_("The database refused this change; nothing was saved."))
