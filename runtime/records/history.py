"""History: every change of every record, kept as {path: [old, new]}, masked when it is read, sealed soon after (seals.py)."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from metadata.model.module import Module
from runtime.db.outbox import Ledger
from runtime.db.transaction import Transaction, reading
from runtime.tables.published import Published
from runtime.values import Actor

meta = sa.MetaData(schema="house")
history = sa.Table(
    "history", meta,
    sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("module_id", sa.Text), sa.Column("record_id", sa.BigInteger),
    sa.Column("version", sa.Integer), sa.Column("verb", sa.Text), sa.Column("at", sa.DateTime(timezone=True)),
    sa.Column("actor_id", sa.BigInteger), sa.Column("channel", sa.Text), sa.Column("import_id", sa.BigInteger),
    sa.Column("changed", JSONB))

LEDGER = Ledger("house.history", {
    "module_id": "text", "record_id": "bigint", "version": "integer", "verb": "text", "at": "timestamptz", "actor_id": "bigint",
    "channel": "text", "import_id": "bigint", "changed": "jsonb"})

PURGE = sa.text("SELECT house.purge_history(:module, cast(:records AS bigint[]), :at, cast(:actor AS bigint), :channel)")


@dataclass(frozen=True)
class Entry:
    """One change as it is shown: changed = {path: (old, new)} of clean values."""
    id: int
    version: int
    verb: str
    at: datetime
    actor_id: int | None
    actor_name: str | None
    channel: str
    changed: Mapping[str, tuple[Any, Any]]


def write(tx: Transaction, *, module: Module, record_id: int, version: int, verb: str, at: datetime, actor: Actor,
          changed: Mapping[str, Any], import_id: int | None = None) -> None:
    """changed: {path: [old, new]} already as JSON values."""
    tx.note(LEDGER, {"module_id": module.id, "record_id": record_id, "version": version, "verb": verb, "at": at,
                     "actor_id": actor.user_id, "channel": actor.channel, "import_id": import_id, "changed": changed})


def purge(tx: Transaction, module: Module, record_ids: Sequence[int], actor: Actor, at: datetime) -> int:
    """Forget the history of records that are gone for good; how many rows. One row stays that says so: the rows' ids, no value.

    The only door: the database refuses every other deletion (docs/decisions/0014).
    """
    return tx.scalar(PURGE, {"module": module.id, "records": list(record_ids), "at": at, "actor": actor.user_id,
                             "channel": actor.channel})


def of(now: Published, module: Module, record_id: int, *, readable: frozenset[str], limit: int = 50,
       before: int | None = None, earlier: datetime | None = None, since_version: int | None = None) -> list[Entry]:
    """Newest first, only the fields in `readable`. The caller has seen to it that the record may be read."""
    person = now.table("users")
    statement = (sa.select(history, person.c.name).select_from(history.outerjoin(person, person.c.id == history.c.actor_id))
                 .where(history.c.module_id == module.id, history.c.record_id == record_id)
                 .order_by(history.c.id.desc()).limit(limit))
    if before is not None:
        statement = statement.where(history.c.id < before)
    if earlier is not None:
        statement = statement.where(history.c.at < earlier)
    if since_version is not None:
        statement = statement.where(history.c.version > since_version)
    with reading() as connection:
        rows = connection.execute(statement).all()
    return [Entry(row.id, row.version, row.verb, row.at, row.actor_id, row.name, row.channel,
                  clean(now, module, row.changed, readable)) for row in rows]


def clean(now: Published, module: Module, changed: Mapping[str, Sequence[Any]],
          readable: frozenset[str] | None = None) -> dict[str, tuple[Any, Any]]:
    """History's JSON back to clean values; fields that are gone or not readable are left out.

    Keys in the history are "<field id>" or "<field id>.<part>", so that a rename keeps the past.
    """
    shown: dict[str, tuple[Any, Any]] = {}
    for key, (old, new) in changed.items():
        field_id, _, part = key.partition(".")
        field = module.by_id.get(field_id)
        if field is None or (readable is not None and field.name not in readable):
            continue
        kind = now.type(field)
        shown[f"{field.name}.{part}" if part else field.name] = (
            None if old is None else kind.from_json(field, part, old),
            None if new is None else kind.from_json(field, part, new))
    return shown


def as_json(now: Published, module: Module, before: Mapping[str, Any], after: Mapping[str, Any],
            paths: Sequence[str]) -> dict[str, list[Any]]:
    """{path: [old, new]} of JSON values keyed by field id, for history."""
    changed: dict[str, list[Any]] = {}
    for path in paths:
        name, _, part = path.partition(".")
        field = module.by_name[name]
        kind = now.type(field)
        old, new = before.get(path), after.get(path)
        changed[f"{field.id}.{part}" if part else field.id] = [
            None if old is None else kind.to_json(field, part, old),
            None if new is None else kind.to_json(field, part, new)]
    return changed
