"""plan, publish, rollback: a whole set of definitions against what is live, in one transaction or not at all."""
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from metadata import check, store
from metadata.changes import (
    AddModule,
    Change,
    ChangeDocument,
    ChangeField,
    ChangeFieldType,
    RenameModule,
    RestoreField,
    RestoreModule,
    between,
)
from metadata.definitions import Definitions
from metadata.errors import NoSuchVersion, Problem, StaleBase
from metadata.model.module import Module
from metadata.model.seed import Seed
from metadata.rename import carried
from runtime.db import clock
from runtime.db.transaction import Transaction, current, passing, reading, transaction, unhurried
from runtime.errors import Conflict, Invalid, NotFound, Unavailable
from runtime.kinds.kind import catalogue
from runtime.publish import conditions, fields, proofs, uniqueness
from runtime.security import policy
from runtime.tables import build, conversion, migrate, published
from runtime.tables.conversion import Conversion, Forecast
from runtime.values import Actor

LOCK = 0x7075626C
WAIT = 20.0
"""Seconds a publish tries to get its locks, each try waiting 100 ms at most: a waiting ALTER holds up every reader behind it."""


@dataclass(frozen=True)
class Plan:
    """What publishing would do. Publishable when there are no problems."""
    base: int
    definitions: Definitions
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    forecasts: Mapping[str, Forecast] = field(default_factory=dict)
    """{field id: how its values convert}, for changes of type."""
    relinked: frozenset[str] = frozenset()
    """Ids of fields that point to another module from now on; their values cannot follow."""

    following: frozenset[str] = frozenset()
    """Ids of what changes only because it names something that is renamed."""

    @property
    def sentences(self) -> list[str]:
        """One per change; what merely follows a rename is summed up in one."""
        told, follow = [], Counter[str]()
        for change in self.changes:
            noun = getattr(change, "field", None) or getattr(change, "document", None)
            if noun is not None and noun.id in self.following and isinstance(change, (ChangeField, ChangeDocument)):
                follow[noun.noun] += 1
            else:
                forecast = self._forecast(change)
                told.append(f"{change} {forecast}" if forecast else str(change))
        if follow:
            counts = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in sorted(follow.items()))
            told.append(f"What uses a renamed name follows: {counts}.")
        return told

    def _forecast(self, change: Change) -> str:
        changed = getattr(change, "field", None)
        forecast = self.forecasts.get(changed.id) if changed and _changes_field(change) else None
        return str(forecast) if forecast else ""


@dataclass(frozen=True)
class _State:
    """What is live, read at one moment."""
    number: int
    live: Definitions
    retired: Mapping[str, store.Retired]
    former: Mapping[str, Sequence[str]]

    @property
    def nouns(self) -> dict[str, Any]:
        """{id: module or field as it was}, of those that can still be brought back."""
        return {id: known.document for id, known in self.retired.items() if known.document is not None and not known.purged}


@unhurried()
def plan(definitions: Definitions, *, forecast: bool = True) -> Plan:
    """What publishing these definitions would do; touches nothing. forecast: count the values that change type."""
    with reading(snapshot=True) as connection:
        state = _state(connection)
        made = _plan(definitions, state, connection if forecast else None)
        if forecast and not made.problems:
            told = {each.after.id: conversion.forecast(connection, each, catalogue())
                    for each in _conversions(connection, made, state)}
            told |= {change.field.id: conversion.left_behind(connection, change, catalogue())
                     for change in made.changes if _changes_field(change) and change.field.id in made.relinked}
            made = replace(made, forecasts=told)
    return made


@unhurried()
def publish(actor: Actor, definitions: Definitions, *, base: int | None = None, note: str = "",
            progress: Callable[[str, int, int], None] | None = None,
            seed: tuple[Seed, Definitions | None] | None = None, override: str = "", proven: bool = False) -> int:
    """Make these definitions the published version; the number of the version that is live then.

    base: the version the draft was begun on; without it, the one that is live now. seed: the bundle this comes from;
    without definitions: the one that goes.
    progress: (field label, last id done, last id) while values change type. override: why red tests may be passed over;
    kept in the note. proven: they were run already.
    Raises Invalid with every problem, Red with every test that fails, Conflict when somebody published meanwhile, Refused
    for an actor who may not.
    """
    policy.require_build(actor, ())
    with reading() as connection:
        state = _state(connection)
        if base is not None and base != state.number:
            raise _came_second(StaleBase(base, state.number))
        made = _plan(definitions, state, connection)
    require(actor, made.changes if seed is None else None)
    if made.problems:
        raise Invalid(_by_path(made.problems))
    if not made.changes and seed is None:
        return state.number
    if not proven:
        found = proofs.red(state.live, made.definitions, whole=seed is not None)
        note = proofs.noted(note, proofs.require(found, override))
    with reading() as connection:
        conversions = _conversions(connection, made, state)
    ready = _prepare(conversions, progress)
    number = _patiently(lambda: _carry_out(actor, made, state, note, conversions, ready, seed))
    if current() is None:
        published.see(number)
    return number


def rollback(actor: Actor, version: int, *, note: str = "") -> int:
    """Publish an earlier version again, as a new one. What was added since is put aside, not lost.

    No test stands in the way back.
    """
    with reading() as connection:
        number = store.number(connection)
        try:
            definitions = store.at(connection, version)
        except NoSuchVersion as problem:
            raise NotFound(str(problem)) from None
    return publish(actor, definitions, base=number, note=note or f"Back to version {version}.", proven=True)


def require(actor: Actor, changes: Sequence[Change] | None = None) -> None:
    """Administrators, and roles that may use the builder; for these changes roles that design what they touch, too."""
    folders = ("*",) if changes is None else {getattr(getattr(each, "document", None), "folder", Module.folder) for each in changes}
    policy.require_build(actor, folders)


def _state(connection: sa.Connection) -> _State:
    number, live = store.published(connection)
    return _State(number, live, store.retired(connection), store.former_names(connection))


def problems_of(definitions: Definitions, retired: Mapping[str, store.Retired] | None = None) -> list[Problem]:
    """What keeps these definitions from being published: shapes, names, links, settings, formulas, conditions, defaults."""
    return check.problems(definitions, catalogue(), retired) or [
        *conditions.problems(definitions, catalogue()), *fields.problems(definitions, catalogue())]


def _plan(definitions: Definitions, state: _State, connection: sa.Connection | None) -> Plan:
    """With a connection the values that are there are looked at too."""
    draft = carried(state.live, definitions, catalogue(), state.former)
    problems = problems_of(draft, {**state.retired, **store.former(state.live, draft)})
    changes = () if problems else between(state.live, draft, state.nouns)
    if connection is not None:
        problems = problems or list(uniqueness.repeated(connection, changes, catalogue()))
    relinked = frozenset(change.field.id for change in changes if _changes_field(change)
                         and migrate.relinked(change.before, change.field, state.live, draft, catalogue()))
    return Plan(state.number, draft, tuple(problems), tuple(check.warnings(draft)), tuple(changes), relinked=relinked,
                following=_following(state.live, definitions) if draft is not definitions else frozenset())


def _following(live: Definitions, given: Definitions) -> frozenset[str]:
    """Ids of documents and fields that say what they said before, so that only the names in them can have changed."""
    before = {document.id: document for document in live.documents.values()}
    same = {document.id for document in given.documents.values()
            if not isinstance(document, Module) and before.get(document.id) == document}
    for module in given.modules.values():
        old = live.module_by_id(module.id)
        same |= {field.id for field in module.fields if old and old.by_id.get(field.id) == field}
    return frozenset(same)


def _changes_field(change: Change) -> bool:
    return isinstance(change, (ChangeField, ChangeFieldType))


def _conversions(connection: sa.Connection, made: Plan, state: _State) -> list[Conversion]:
    """The changes that need every value read and written."""
    changes = made.changes
    tables = {change.module.id: change.before.name for change in changes if isinstance(change, RenameModule)}
    tables |= {change.module.id: build.retired_name(change.module.id) for change in changes if isinstance(change, RestoreModule)}
    aside = {change.field.id for change in changes if isinstance(change, RestoreField)}
    found = []
    for change in changes:
        if (not _changes_field(change) or change.field.id in made.relinked
                or not migrate.needs_conversion(change.before, change.field, catalogue())):
            continue
        table = tables.get(change.module.id, change.module.name)
        source = {part: build.part_column(change.before.name, part)
                  for part in migrate.parts_of(change.before, catalogue())}
        if change.field.id in aside:
            kept = next((row for row in migrate.retired_columns(connection, change.field.id)
                         if migrate.storage(row.field, catalogue()) == migrate.storage(change.before, catalogue())), None)
            if kept is None:
                continue
            source = dict(kept.columns)
        found.append(Conversion(change.module, table, change.before, change.field, source, change.field.id not in aside))
    return found


def _prepare(conversions: Sequence[Conversion], progress: Any) -> dict[str, dict[str, str]]:
    """{field id: {part: pending column}}, filled. Each in transactions of its own, so that nobody waits."""
    _patiently(lambda: conversion.abandon_others(conversions))
    ready = {}
    for each in conversions:
        told = (lambda done, last, label=each.after.label: progress(label, done, last)) if progress else None
        ready[each.after.id] = _patiently(lambda each=each, told=told: conversion.prepare(each, catalogue(), told))
    return ready


def _carry_out(actor: Actor, made: Plan, state: _State, note: str, conversions: Sequence[Conversion],
               ready: Mapping[str, Mapping[str, str]], seed: tuple[Seed, Definitions | None] | None) -> int:
    with transaction() as tx:
        migrate.hurry(tx.connection, autovacuum=True)
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if (live := store.number(tx.connection)) != state.number:
            raise _came_second(StaleBase(state.number, live))
        if seed is not None:
            _note_seed(tx.connection, actor, *seed)
        if not made.changes:
            return state.number
        number = state.number + 1
        work = migrate.Work(tx.connection, catalogue(), made.definitions, number, clock.now(), ready, made.relinked)
        for each in conversions:
            work.step()
            conversion.finish(tx.connection, each, catalogue())
        work.step()
        store.note_ids(tx.connection, state.live, made.definitions, version=number, at=clock.now())
        work.step()
        sentences = made.sentences
        store.publish(tx.connection, made.definitions, base=state.number, actor_id=actor.user_id, note=note,
                      changes=sentences, at=clock.now())
        work.step()
        _announce(tx, actor, number, made, sentences)
        for each in conversions:            # readers wait from here on, so the tables come last
            work.step()
            conversion.let_go(tx.connection, each, catalogue())
        migrate.carry_out_all(made.changes, work)
        work.step()
        return number


def _note_seed(connection: sa.Connection, actor: Actor, manifest: Seed, definitions: Definitions | None) -> None:
    if definitions is None:
        store.lift_seed(connection, manifest.name)
    else:
        store.lay_seed(connection, manifest, definitions, at=clock.now(), actor_id=actor.user_id)


def _announce(tx: Transaction, actor: Actor, number: int, made: Plan, sentences: Sequence[str]) -> None:
    touched = [getattr(change, "module", None) or _home(made.definitions, change) for change in made.changes]
    tx.emit("metadata.published", actor=actor, payload={
        "number": number, "changes": sentences[:200],
        "modules": sorted({module.name for module in touched if module}),
        "added": sorted(change.module.name for change in made.changes if isinstance(change, AddModule))})


def _home(definitions: Definitions, change: Any) -> Module | None:
    document = getattr(change, "document", None)
    return document if isinstance(document, Module) else definitions.module(getattr(document, "module", "") or "")


def _patiently(work: Callable[[], Any]) -> Any:
    """Again with back-off while a lock cannot be had. Raises Unavailable after a while."""
    deadline, pause = time.monotonic() + WAIT, 0.05
    while True:
        try:
            return work()
        except StaleBase as problem:
            raise _came_second(problem) from None
        except sa.exc.DBAPIError as problem:
            if not passing(problem) or current() is not None:
                raise
            if time.monotonic() > deadline:
                raise Unavailable("Somebody is using these records without pause just now, so nothing was published. "
                                  "Try again in a minute.") from problem
        time.sleep(random.uniform(0.5, 1.5) * pause)
        pause = min(pause * 2, 1.0)


def _came_second(problem: StaleBase) -> Conflict:
    """A 409 that says what the other one published."""
    with reading() as connection:
        try:
            base, live = store.at(connection, problem.base), store.at(connection, store.number(connection))
        except NoSuchVersion:
            return Conflict(f"There is no version {problem.base} to build on.")
    conflict = Conflict(str(problem))
    conflict.number, conflict.difference = problem.number, [str(change) for change in between(base, live)]
    return conflict


def _by_path(problems: Sequence[Problem]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.path, []).append(problem.message)
    return found
