"""The verbs: create, read, update, delete, restore. Form, API, import, portal and rules all enter here."""
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from metadata.model.module import Module
from runtime.db import clock
from runtime.db.statement import Statement
from runtime.db.transaction import Transaction, transaction
from runtime.errors import Conflict, NotFound, Refused, Stale
from runtime.locale.text import _
from runtime.records import history, links, query
from runtime.records.facts import Facts
from runtime.records.pipeline import Pipeline, moment_of, pipeline
from runtime.records.watch import watched
from runtime.security import policy
from runtime.tables import labels
from runtime.tables.kept import Kept
from runtime.values import Actor, Change, Record


@watched("create")
def create(actor: Actor, module: str, given: Mapping[str, Any]) -> Record:
    """A new record. given: {path: raw value}. Raises NotFound, Refused, Invalid, Conflict."""
    pipe = pipeline(module)
    raw = pipe.form.flat(given)
    policy.require(actor, "create", pipe.module, fields=raw)
    clean = _defaults(actor, pipe, raw) | pipe.form.load(raw)
    clean.setdefault("owner", actor.user_id)
    with transaction() as tx:
        change = Change(actor, pipe.module, "create", None, {}, clean, frozenset(raw), moment_of(actor))
        pipe.through_steps(tx, change)
        _may_give(actor, pipe, change)
        at = clock.now()
        change.record_id = pipe.insert(tx, change, at)
        pipe.after_steps(tx, change)
        pipe.record_change(tx, change, 1, "create", "record.created", at)
    return _seen(actor, pipe, change.record_id, 1, change.after, at)


def read(actor: Actor, module: str, record_id: int, paths: Sequence[str] | None = None, *, labels: bool = False,
         deleted: bool = False) -> Record:
    """One record; paths: None = everything this actor may read. Raises NotFound, Refused, BadQuery."""
    pipe = pipeline(module)
    if paths is None:
        policy.require(actor, "read", pipe.module)
        paths = readable_paths(actor, pipe.module)
    return query.one(actor, module, record_id, paths, labels=labels, deleted=deleted)


def readable_paths(actor: Actor, module: Module) -> tuple[str, ...]:
    """What `*` means for this actor, in the module's own order."""
    readable = policy.readable(actor, module)
    return tuple(field.name for field in module.all_fields if field.name in readable)


@watched("update")
def update(actor: Actor, module: str, record_id: int, given: Mapping[str, Any], *, seen_version: int | None) -> Record:
    """Change some values of a record.

    given: {path: raw value}; only these change. seen_version: the version the person was looking at; None only for
    rules, which work on the newest. Raises NotFound, Refused, Invalid, Stale, Conflict.
    """
    pipe = pipeline(module)
    raw = pipe.form.flat(given)
    policy.require(actor, "edit", pipe.module, fields=raw)
    clean = pipe.form.load(raw)
    with transaction() as tx:
        before = _locked(tx, actor, pipe, record_id, "edit")
        _still(actor, pipe, record_id, before, seen_version)
        change = Change(actor, pipe.module, "update", record_id, before, before | clean, frozenset(raw), moment_of(actor))
        pipe.through_steps(tx, change)
        if not change.touched:
            return _seen(actor, pipe, record_id, before["version"], before, before["updated_at"])
        _may_give(actor, pipe, change)
        version, at = before["version"] + 1, clock.now()
        pipe.update(tx, change, version, at)
        pipe.after_steps(tx, change)
        pipe.record_change(tx, change, version, "update", "record.updated", at)
    return _seen(actor, pipe, record_id, version, change.after, at)


def hold(tx: Transaction, actor: Actor, module: str, record_id: int) -> None:
    """Lock a record this actor may change, for work of several steps. Raises NotFound, Refused."""
    _locked(tx, actor, pipeline(module), record_id, "edit")


@watched("delete")
def delete(actor: Actor, module: str, record_id: int, *, seen_version: int | None = None) -> None:
    """Put a record into the recycle bin, where it stays for 60 days."""
    pipe = pipeline(module)
    policy.require(actor, "delete", pipe.module)
    with transaction() as tx:
        before = _locked(tx, actor, pipe, record_id, "delete")
        _still(actor, pipe, record_id, before, seen_version)
        _turn(tx, actor, pipe, before, "delete", "record.deleted", deleted_at=clock.now(), deleted_by=actor.user_id)


@watched("restore")
def restore(actor: Actor, module: str, record_id: int) -> Record:
    """Take a record out of the recycle bin. Raises Conflict when a unique value has been taken meanwhile."""
    pipe = pipeline(module)
    policy.require(actor, "delete", pipe.module)
    with transaction() as tx:
        before = _locked(tx, actor, pipe, record_id, "delete", deleted=True)
        version = _turn(tx, actor, pipe, before, "restore", "record.restored", deleted_at=None, deleted_by=None)
    return _seen(actor, pipe, record_id, version, before, clock.now())


def defaults(actor: Actor, module: str) -> dict[str, Any]:
    """{path: clean value} a new record of this actor begins with."""
    pipe = pipeline(module)
    editable = policy.editable(actor, pipe.module)
    return {path: value for path, value in _defaults(actor, pipe, {}).items() if path.partition(".")[0] in editable}


def _turn(tx: Transaction, actor: Actor, pipe: Pipeline, before: dict[str, Any], verb: str, event: str,
          **columns: Any) -> int:
    """Deleting and restoring change no value: one UPDATE, the steps that care, history, event."""
    change = Change(actor, pipe.module, verb, before["id"], before, dict(before), frozenset(), moment_of(actor))
    pipe.through_steps(tx, change)
    version, at = before["version"] + 1, clock.now()
    try:
        tx.execute(pipe.table.update().where(pipe.table.c.id == before["id"])
                   .values(version=version, updated_at=at, updated_by=actor.user_id, **columns))
    except sa.exc.IntegrityError:
        raise Conflict(_("This record cannot come back: a value that must be unique is used by another one now.")) from None
    pipe.after_steps(tx, change)
    pipe.record_change(tx, change, version, verb, event, at)
    return version


def _defaults(actor: Actor, pipe: Pipeline, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Clean values of the fields that were not given and have a default."""
    moment = moment_of(actor)
    initial = {}
    for field in pipe.module.fields:
        if field.name not in raw:
            value = pipe.now.type(field).initial(field, moment, actor)
            if value is not None:
                initial[field.name] = value
    return pipe.form.load({path: value for path, value in pipe.form.flat(initial).items() if path in pipe.form.entries})


def _may_give(actor: Actor, pipe: Pipeline, change: Change) -> None:
    """The finished record must still be one this actor may write, and a new owner one they may choose (safety T27)."""
    owner, before = change.after.get("owner"), change.before.get("owner")
    if change.verb == "create":
        before = actor.user_id
    if owner != before and not policy.may(actor, "give", pipe.module):
        raise Refused(_("You may not give a %(label)s to somebody else.", label=labels.of_module(pipe.module)))


def _locked(tx: Transaction, actor: Actor, pipe: Pipeline, record_id: int, verb: str, *,
            deleted: bool = False) -> dict[str, Any]:
    """The row this actor may write, locked. NotFound where they cannot even see it, Refused where they only see it."""
    if record_id > query.LARGEST_ID:
        raise query.missing(pipe.module)
    kept = pipe.now.once("locking", partial(Kept, 300))
    key = (pipe.module.name, verb, deleted, actor.everything, actor.roles, actor.user_id)
    question = kept.get(key)
    if question is None:
        question = _locking(actor, pipe, verb, deleted)
        kept.keep(key, question)
    found = tx.rows(question, {"record_id": record_id})
    if not found:
        raise query.missing(pipe.module)
    *row, allowed = found[0]
    if not allowed:
        raise Refused(_("You may look at this %(label)s, but not change it.", label=labels.of_module(pipe.module)))
    return pipe.values(row)


def _locking(actor: Actor, pipe: Pipeline, verb: str, deleted: bool) -> Statement:
    """The stored values of record_id where the actor may see it, locked, and whether they may do that to it."""
    table = pipe.table
    where = [table.c.id == sa.bindparam("record_id", type_=sa.BigInteger),
             table.c.deleted_at.is_not(None) if deleted else table.c.deleted_at.is_(None)]
    seen = policy.visible(actor, pipe.module, table, "read")
    if seen is not None:
        where.append(seen)
    allowed = policy.visible(actor, pipe.module, table, verb)
    asked = sa.select(*pipe.selected, sa.true() if allowed is None else allowed)
    return Statement(asked.where(*where).with_for_update(key_share=True))


def _still(actor: Actor, pipe: Pipeline, record_id: int, before: dict[str, Any], seen_version: int | None) -> None:
    """Raises Stale with who came first and what they changed, as this actor may see it."""
    if seen_version is None or before["version"] == seen_version:
        return
    readable = policy.readable(actor, pipe.module)
    entries = history.of(pipe.now, pipe.module, record_id, readable=readable,
                         since_version=min(seen_version, before["version"]))
    base = {path: old for entry in entries for path, (old, _new) in entry.changed.items()}
    latest = entries[0] if entries else None
    raise Stale(_("Someone saved this %(label)s while you were editing it.", label=labels.of_module(pipe.module)),
                version=before["version"],
                current={path: before[path] for path in before if path.partition(".")[0] in readable},
                who=latest.actor_name if latest else None, when=latest.at if latest else before["updated_at"],
                base=base)


def _seen(actor: Actor, pipe: Pipeline, record_id: int, version: int, values: Mapping[str, Any], at: Any) -> Record:
    """What the writer gets back: only what they may read."""
    known = {**values, "id": record_id, "updated_at": at, "updated_by": actor.user_id}
    if version == 1:
        known |= {"created_at": at, "created_by": actor.user_id}
    paths, facts = pipe.now.once(("seen", pipe.module.name, actor.everything, actor.roles), lambda: _shown_paths(actor, pipe))
    if facts.behind:
        return read_own(actor, pipe.module.name, record_id)
    known = facts.gather(known, moment_of(actor))
    return Record(pipe.module.name, record_id, version, {path: known.get(path) for path in paths})


def _shown_paths(actor: Actor, pipe: Pipeline) -> tuple[list[str], Facts]:
    """Every path the actor may read, parts included, and what is needed to work out the formulas among them."""
    paths: list[str] = []
    formulas: set[tuple[str, ...]] = set()
    for name in readable_paths(actor, pipe.module):
        field = pipe.module.by_name[name]
        kind = pipe.now.type(field)
        if not kind.stored:
            formulas.add((name,))
        paths += [f"{name}.{part}" if part else name for part in kind.columns(field)] if kind.stored else [name]
    return paths, Facts(pipe.now, pipe.module, formulas)


def read_own(actor: Actor, module: str, record_id: int) -> Record:
    """What the writer gets back after a write: everything they may read; just the id where they may no longer see it."""
    try:
        return read(actor, module, record_id)
    except NotFound:
        return Record(module, record_id, 0, {})


def history_of(actor: Actor, module: str, record_id: int, *, limit: int = 50,
               before: int | None = None, earlier: datetime | None = None) -> list[history.Entry]:
    """Every change of a record this actor may see, newest first, only the fields they may read.

    before: only entries below this id; earlier: only those before this moment.
    """
    pipe = pipeline(module)
    query.one(actor, module, record_id, ("id",))
    entries = history.of(pipe.now, pipe.module, record_id, readable=policy.readable(actor, pipe.module), limit=limit,
                         before=before, earlier=earlier)
    return links.past(actor, pipe.now, pipe.module, entries)
