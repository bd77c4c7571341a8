"""Drafts: a set of definitions somebody works on, with every step of the work, so that each can be taken back and done again.

A draft holds sound documents, though not a sound whole. Its name is "" for what an admin works on, else a branch.
Works on the connection it is given and never opens or commits one.
"""
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from metadata import store
from metadata.definitions import Definitions

MOST_STEPS = 500
"""So many steps can be taken back; older ones are forgotten, their work stays."""


@dataclass(frozen=True)
class Draft:
    """base: the version it was begun on; done, undone: the sentences of its steps, the latest last in both."""
    base: int
    definitions: Definitions
    at: datetime
    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Branch:
    """A named draft, as a list shows it."""
    owner_id: int
    name: str
    base: int
    at: datetime


def load(connection: sa.Connection, owner_id: int, name: str = "", *, lock: bool = False) -> Draft | None:
    """None where there is no draft. lock: nobody else changes it until this transaction ends."""
    row = connection.execute(sa.text(
        "SELECT base, documents, at, step FROM house.metadata_draft WHERE owner_id = :owner_id AND name = :name"
        + (" FOR UPDATE" if lock else "")), {"owner_id": owner_id, "name": name}).one_or_none()
    if row is None:
        return None
    steps = connection.execute(sa.text(
        "SELECT number, sentence FROM house.metadata_draft_step WHERE owner_id = :owner_id AND name = :name ORDER BY number"),
        {"owner_id": owner_id, "name": name}).all()
    return Draft(row.base, store.definitions_of(connection, row.documents), row.at,
                 tuple(step.sentence for step in steps if step.number <= row.step),
                 tuple(step.sentence for step in reversed(steps) if step.number > row.step))


def keep(connection: sa.Connection, owner_id: int, before: Definitions, after: Definitions, *, base: int, sentence: str,
         at: datetime, name: str = "", onto: int | None = None) -> None:
    """One step further: `after` instead of `before`. What had been taken back cannot be done again then.

    onto: the version the draft stands on from here; taking the step back puts it back on `base`.
    """
    old, new = store.keep(connection, before), store.keep(connection, after)
    step = connection.scalar(sa.text(
        "INSERT INTO house.metadata_draft AS known (owner_id, name, base, documents, at, step) "
        "VALUES (:owner_id, :name, :base, cast(:documents AS jsonb), :at, 1) "
        "ON CONFLICT (owner_id, name) DO UPDATE SET base = excluded.base, documents = excluded.documents, at = excluded.at, "
        "step = known.step + 1 RETURNING step"),
        {"owner_id": owner_id, "name": name, "base": base if onto is None else onto, "at": at,
         "documents": json.dumps(new)})
    connection.execute(sa.text(
        "DELETE FROM house.metadata_draft_step WHERE owner_id = :owner_id AND name = :name "
        "AND (number >= :step OR number <= :step - :most)"),
        {"owner_id": owner_id, "name": name, "step": step, "most": MOST_STEPS})
    connection.execute(sa.text(
        "INSERT INTO house.metadata_draft_step (owner_id, name, number, sentence, changes, at, bases) "
        "VALUES (:owner_id, :name, :step, :sentence, cast(:changes AS jsonb), :at, :bases)"),
        {"owner_id": owner_id, "name": name, "step": step, "sentence": sentence, "at": at,
         "changes": json.dumps(_difference(old, new)), "bases": None if onto is None else [base, onto]})


def undo(connection: sa.Connection, owner_id: int, *, at: datetime, name: str = "") -> str | None:
    """Take the last step back; its sentence, or None where there is none."""
    return _go(connection, owner_id, name, at, back=True)


def redo(connection: sa.Connection, owner_id: int, *, at: datetime, name: str = "") -> str | None:
    """Do the step again that was taken back last; its sentence, or None."""
    return _go(connection, owner_id, name, at, back=False)


def drop(connection: sa.Connection, owner_id: int, name: str = "") -> None:
    """The draft and its steps."""
    connection.execute(sa.text("DELETE FROM house.metadata_draft WHERE owner_id = :owner_id AND name = :name"),
                       {"owner_id": owner_id, "name": name})
    connection.execute(sa.text("DELETE FROM house.metadata_desk WHERE owner_id = :owner_id AND name = :name"),
                       {"owner_id": owner_id, "name": name})


def desk(connection: sa.Connection, owner_id: int) -> str:
    """The branch somebody works on, "" for their own draft."""
    return connection.scalar(sa.text("SELECT name FROM house.metadata_desk WHERE owner_id = :owner_id"),
                             {"owner_id": owner_id}) or ""


def sit_down(connection: sa.Connection, owner_id: int, name: str) -> None:
    """Work on this branch from now on; "" for one's own draft."""
    connection.execute(sa.text(
        "INSERT INTO house.metadata_desk (owner_id, name) VALUES (:owner_id, :name) "
        "ON CONFLICT (owner_id) DO UPDATE SET name = excluded.name"), {"owner_id": owner_id, "name": name})


def branches(connection: sa.Connection) -> list[Branch]:
    """Every named draft, of everybody."""
    rows = connection.execute(sa.text(
        "SELECT owner_id, name, base, at FROM house.metadata_draft WHERE name <> '' ORDER BY name, owner_id"))
    return [Branch(row.owner_id, row.name, row.base, row.at) for row in rows]


def _go(connection: sa.Connection, owner_id: int, name: str, at: datetime, *, back: bool) -> str | None:
    key = {"owner_id": owner_id, "name": name}
    draft = connection.execute(sa.text(
        "SELECT documents, step FROM house.metadata_draft WHERE owner_id = :owner_id AND name = :name FOR UPDATE"),
        key).one_or_none()
    if draft is None:
        return None
    number = draft.step if back else draft.step + 1
    step = connection.execute(sa.text(
        "SELECT sentence, changes, bases FROM house.metadata_draft_step "
        "WHERE owner_id = :owner_id AND name = :name AND number = :number"),
        key | {"number": number}).one_or_none()
    if step is None:
        return None
    placed = dict(draft.documents)
    for path, (old, new) in step.changes.items():
        wanted = old if back else new
        if wanted is None:
            placed.pop(path, None)
        else:
            placed[path] = wanted
    base = step.bases[0 if back else 1] if step.bases else None
    connection.execute(sa.text(
        "UPDATE house.metadata_draft SET documents = cast(:documents AS jsonb), step = :step, at = :at, "
        "base = coalesce(:base, base) WHERE owner_id = :owner_id AND name = :name"),
        key | {"documents": json.dumps(placed), "step": number - 1 if back else number, "at": at, "base": base})
    return step.sentence


def _difference(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """{path: (hash before, hash after)} of what is not the same."""
    return {path: (old.get(path), new.get(path)) for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)}
