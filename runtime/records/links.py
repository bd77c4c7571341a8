"""Links: which of the records that values point to an actor may see. One that is deleted or not shared counts as none.

The query compiler answers so by itself (scope.py); this file does for values that are already in hand.
"""
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from metadata.model.field import Field
from metadata.model.module import Module
from runtime.db.statement import Statement
from runtime.db.transaction import reading
from runtime.records.history import Entry
from runtime.records.people import PEOPLE
from runtime.security import policy
from runtime.tables.kept import Kept
from runtime.tables.published import Published, current
from runtime.values import Actor, Record

Links = Mapping[str, Collection[int]]
"""{target module: ids}"""


def of(now: Published, module: Module) -> list[tuple[Field, str]]:
    """The fields of a module that point to another record or to a person and can be set, with what they point to."""
    return now.once(("links", module.name), lambda: [
        (field, target) for field in module.all_fields
        if (target := now.type(field).target(field)) and not (field.system and field.read_only)])


def seen(now: Published, connection: Any, actor: Actor, asked: Links) -> set[tuple[str, int]]:
    """The (module, id) pairs of those asked for that are there and that the actor may see; one statement for all."""
    targets = tuple(asked)
    if not targets:
        return set()
    kept = now.once("links asked", partial(Kept, 300))
    key = (targets, actor.everything, actor.roles, actor.user_id)
    question = kept.get(key)
    if question is None:
        question = _question(now, actor, targets)
        kept.keep(key, question)
    return set(question.rows(connection, {f"ids_{at}": list(asked[target]) for at, target in enumerate(targets)}))


def _question(now: Published, actor: Actor, targets: tuple[str, ...]) -> Statement:
    """Takes ids_0, ids_1, … as arrays, one per target."""
    parts = []
    for at, target in enumerate(targets):
        table = now.table(target)
        ids = sa.bindparam(f"ids_{at}", type_=ARRAY(sa.BigInteger))
        part = sa.select(sa.literal(target).label("module"), table.c.id).where(table.c.id == sa.any_(ids))
        if target != PEOPLE.name:
            part = part.where(table.c.deleted_at.is_(None))
            visible = policy.visible(actor, now.module(target), table)
            if visible is not None:
                part = part.where(visible)
        parts.append(part)
    return Statement(sa.union_all(*parts))


def as_seen(actor: Actor, record: Record, *, chosen: Collection[str] = ()) -> Record:
    """A record whose links to what the actor may not see are empty; those just chosen were looked at when they were."""
    now = current()
    pairs = [(field.name, target, value) for field, target in of(now, now.module(record.module))
             if field.name not in chosen and (value := record.values.get(field.name)) is not None]
    known = _ask(now, actor, [(target, value) for _name, target, value in pairs])
    unseen = {name: None for name, target, value in pairs if target != PEOPLE.name and (target, value) not in known}
    return replace(record, values={**record.values, **unseen}) if unseen else record


def past(actor: Actor, now: Published, module: Module, entries: list[Entry]) -> list[Entry]:
    """History as the actor may see it: links to what they may not see, once or now, are empty."""
    targets = {field.name: target for field, target in of(now, module) if target != PEOPLE.name}
    pairs = [(targets[path], value) for entry in entries for path in entry.changed.keys() & targets.keys()
             for value in entry.changed[path] if value is not None]
    known = _ask(now, actor, pairs)
    if known.issuperset(pairs):
        return entries
    return [replace(entry, changed={path: values if path not in targets else tuple(
        value if (targets[path], value) in known else None for value in values)
        for path, values in entry.changed.items()}) for entry in entries]


def _ask(now: Published, actor: Actor, pairs: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    asked: dict[str, set[int]] = defaultdict(set)
    for target, value in pairs:
        if target != PEOPLE.name:
            asked[target].add(value)
    if not asked:
        return set()
    with reading() as connection:
        return seen(now, connection, actor, asked)
