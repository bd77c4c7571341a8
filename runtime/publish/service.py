"""publish, rollback: a whole set of definitions in place of what is live, in one transaction or not at all."""
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from metadata import store
from metadata.changes import AddModule, Change, between
from metadata.definitions import Definitions
from metadata.errors import NoSuchVersion, Problem, StaleBase
from metadata.model.module import Module
from metadata.model.seed import Seed
from runtime.db import clock
from runtime.db.transaction import Transaction, current, passing, reading, transaction, unhurried
from runtime.errors import Conflict, Invalid, NotFound, Unavailable
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.publish import proofs
from runtime.publish.planning import Plan, State, conversions_of, look, plan, planned, problems_of, state_of
from runtime.security import policy
from runtime.tables import conversion, locks, migrate, published
from runtime.tables.conversion import Conversion
from runtime.values import Actor

__all__ = ["Plan", "look", "plan", "problems_of", "publish", "require", "rollback"]

LOCK = 0x7075626C
WAIT = 20.0
"""Seconds a publish tries to get its locks, each try waiting 50 ms at most (runtime/tables/locks.py)."""


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
        state = state_of(connection)
        if base is not None and base != state.number:
            raise _came_second(StaleBase(base, state.number))
        made = planned(definitions, state, connection)
    require(actor, made.changes if seed is None else None)
    if made.problems:
        raise Invalid(_by_path(made.problems))
    if not made.changes and seed is None:
        return state.number
    if not proven:
        found = proofs.red(state.live, made.definitions, whole=seed is not None)
        note = proofs.noted(note, proofs.require(found, override))
    with reading() as connection:
        conversions = conversions_of(connection, made)
    ready = _prepare(conversions, progress)
    number = _patiently(lambda: _carry_out(actor, made, state, note, conversions, ready, seed))
    with transaction() as tx:
        locks.settled(tx.connection)
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
    return publish(actor, definitions, base=number, note=note or _("Back to version %(number)s.", number=version), proven=True)


def require(actor: Actor, changes: Sequence[Change] | None = None) -> None:
    """Administrators, and roles that may use the builder; for these changes roles that design what they touch, too."""
    folders = ("*",) if changes is None else {getattr(getattr(each, "document", None), "folder", Module.folder) for each in changes}
    policy.require_build(actor, folders)


def _prepare(conversions: Sequence[Conversion], progress: Any) -> dict[str, dict[str, str]]:
    """{field id: {part: pending column}}, filled. Each in transactions of its own, so that nobody waits."""
    _patiently(lambda: conversion.abandon_others(conversions))
    ready = {}
    for each in conversions:
        told = (lambda done, last, label=each.after.label: progress(label, done, last)) if progress else None
        ready[each.after.id] = _patiently(lambda each=each, told=told: conversion.prepare(each, catalogue(), told))
    return ready


def _carry_out(actor: Actor, made: Plan, state: State, note: str, conversions: Sequence[Conversion],
               ready: Mapping[str, Mapping[str, str]], seed: tuple[Seed, Definitions | None] | None) -> int:
    with transaction() as tx:
        locks.hurry(tx.connection)
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if (live := store.number(tx.connection)) != state.number:
            raise _came_second(StaleBase(state.number, live))
        if seed is not None:
            _note_seed(tx.connection, actor, *seed)
        if not made.changes:
            return state.number
        number = state.number + 1
        locks.hold_off_vacuum(tx.connection, made.tables)
        work = migrate.Work(tx.connection, catalogue(), made.definitions, number, clock.now(), ready, made.relinked)
        for each in conversions:
            work.step()
            work.switches.append(conversion.finish(tx.connection, each, catalogue()))
        work.step()
        store.note_ids(tx.connection, state.live, made.definitions, version=number, at=clock.now())
        work.step()
        sentences = made.sentences
        store.publish(tx.connection, made.definitions, base=state.number, actor_id=actor.user_id, note=note,
                      changes=sentences, at=clock.now())
        work.step()
        _announce(tx, actor, number, made, sentences)
        migrate.carry_out_all(made.changes, work)       # readers wait from here on, so the tables come last
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
                raise Unavailable(_("Somebody is using these records without pause just now, so nothing was published. "
                                    "Try again in a minute.")) from problem
        time.sleep(random.uniform(0.5, 1.5) * pause)
        pause = min(pause * 2, 1.0)


def _came_second(problem: StaleBase) -> Conflict:
    """A 409 that says what the other one published."""
    with reading() as connection:
        try:
            base, live = store.at(connection, problem.base), store.at(connection, store.number(connection))
        except NoSuchVersion:
            return Conflict(_("There is no version %(version)s to build on.", version=problem.base))
    conflict = Conflict(str(problem))
    conflict.number, conflict.difference = problem.number, [str(change) for change in between(base, live)]
    return conflict


def _by_path(problems: Sequence[Problem]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.path, []).append(problem.message)
    return found
