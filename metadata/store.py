"""The store: documents by content hash, versions as sets of (path, hash), seeds, and every id there ever was.

Works on the connection it is given and never opens or commits one. Version 0 is the empty one.
"""
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from metadata import documents
from metadata.definitions import Definitions, mark_sound
from metadata.errors import NoSuchVersion, StaleBase
from metadata.model.document import Document, noun_name
from metadata.model.field import Field
from metadata.model.module import Module
from metadata.model.nouns import noun_of
from metadata.model.seed import Seed
from metadata.words import say


@dataclass(frozen=True)
class Version:
    """One published version; changes: the sentences of its plan."""
    number: int
    at: datetime
    actor_id: int | None
    base: int
    note: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Retired:
    """A module or field that is no longer, as it was when it was retired."""
    id: str
    noun: str
    module_id: str | None
    name: str
    document: Document | None
    purged: bool


@dataclass(frozen=True)
class Installed:
    """A bundle that is laid down. at: since when in this version; actor_id: who laid it; fingerprint: of all it brought."""
    manifest: Seed
    installed_at: datetime
    at: datetime
    actor_id: int | None
    fingerprint: str


# Versions

def number(connection: sa.Connection) -> int:
    """The published version."""
    return connection.scalar(sa.text("SELECT number FROM house.metadata_published"))


def published(connection: sa.Connection) -> tuple[int, Definitions]:
    row = connection.execute(sa.text(
        "SELECT live.number, version.documents FROM house.metadata_published AS live "
        "LEFT JOIN house.metadata_version AS version USING (number)")).one()
    return row.number, definitions_of(connection, row.documents or {})


def at(connection: sa.Connection, version: int) -> Definitions:
    """Raises NoSuchVersion."""
    if version == 0:
        return Definitions()
    placed = connection.scalar(sa.text("SELECT documents FROM house.metadata_version WHERE number = :number"),
                               {"number": version})
    if placed is None:
        raise NoSuchVersion(say("There is no version %(version)s.", version=version))
    return definitions_of(connection, placed)


def history(connection: sa.Connection, limit: int = 1000) -> list[Version]:
    """The newest first."""
    rows = connection.execute(sa.text(
        "SELECT number, at, actor_id, base, note, changes FROM house.metadata_version ORDER BY number DESC LIMIT :limit"),
        {"limit": limit})
    return [Version(row.number, row.at, row.actor_id, row.base, row.note, tuple(row.changes)) for row in rows]


def publish(connection: sa.Connection, definitions: Definitions, *, base: int, actor_id: int | None, note: str = "",
            changes: Sequence[str] = (), at: datetime) -> int:
    """Make these definitions version base + 1. Raises StaleBase when another version is live by now."""
    new = base + 1
    swapped = connection.execute(
        sa.text("UPDATE house.metadata_published SET number = :new WHERE number = :base"), {"new": new, "base": base})
    if swapped.rowcount != 1:
        raise StaleBase(base, number(connection))
    placed = keep(connection, definitions)
    connection.execute(sa.text(
        "INSERT INTO house.metadata_version (number, at, actor_id, base, note, changes, documents) "
        "VALUES (:number, :at, :actor_id, :base, :note, cast(:changes AS jsonb), cast(:documents AS jsonb))"),
        {"number": new, "at": at, "actor_id": actor_id, "base": base, "note": note,
         "changes": json.dumps(list(changes)), "documents": json.dumps(placed)})
    return new


# Documents by hash

_known: dict[str, Document] = {}
"""Documents this process has met, by hash: unchanged ones are the same object in every version."""


def hash_of(document: Document) -> str:
    """Kept with the document, which is frozen."""
    kept = document.__dict__.get("_hash")
    if kept is None:
        kept = document.__dict__["_hash"] = documents.fingerprint(documents.compact(document.to_json()))
    return kept


def keep(connection: sa.Connection, definitions: Definitions) -> dict[str, str]:
    """{path: hash}; documents that are new to the database are written."""
    placed = {path: hash_of(document) for path, document in definitions.documents.items()}
    there = set(connection.scalars(sa.text("SELECT hash FROM house.metadata_document WHERE hash = ANY(:hashes)"),
                                   {"hashes": list(placed.values())}))
    rows = [{"hash": placed[path], "path": path, "content": documents.compact(document.to_json())}
            for path, document in definitions.documents.items() if placed[path] not in there]
    if rows:
        connection.execute(sa.text(
            "INSERT INTO house.metadata_document (hash, path, content) "
            "SELECT hash, path, content FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS given(hash text, path text, content text) "
            "ON CONFLICT DO NOTHING"), {"rows": json.dumps(rows)})
    return placed


def definitions_of(connection: sa.Connection, placed: Mapping[str, str]) -> Definitions:
    missing = [hash for hash in placed.values() if hash not in _known]
    if missing:
        if len(_known) > 20_000:
            _known.clear()
            missing = list(placed.values())
        rows = connection.execute(
            sa.text("SELECT hash, path, content FROM house.metadata_document WHERE hash = ANY(:hashes)"), {"hashes": missing})
        for row in rows:
            document = _read(row.path, json.loads(row.content))
            document.__dict__["_hash"] = row.hash
            _known[row.hash] = document
    return Definitions({path: _known[hash] for path, hash in sorted(placed.items())})


def _read(path: str, content: dict[str, Any]) -> Document:
    """What the store holds was checked before it came in."""
    document = noun_of(path.partition("/")[0], content).from_json(content)
    mark_sound(document)
    return document


def forget() -> None:
    """Let go of every document this process has met (tests that go from one database to another)."""
    _known.clear()


# Ids

def note_ids(connection: sa.Connection, before: Definitions, after: Definitions, *, version: int, at: datetime) -> None:
    """Write down new ids, retire those that went, take back those that return."""
    olds, news = _ids(before, after), _ids(after, before)
    added = [{"id": id, "noun": noun_name(type(noun)), "module_id": module_id, "name": noun.name}
             for id, (noun, module_id) in news.items() if id not in olds]
    gone = [{"id": id, "name": noun.name,
             "document": documents.compact(noun.to_json()) if isinstance(noun, (Module, Field)) else None}
            for id, (noun, _) in olds.items() if id not in news]
    renamed = [{"id": id, "name": noun.name} for id, (noun, _) in news.items() if id in olds and olds[id][0].name != noun.name]
    if added or renamed:
        connection.execute(sa.text(
            "INSERT INTO house.metadata_id AS known (id, noun, module_id, name) "
            "SELECT id, noun, module_id, name FROM jsonb_to_recordset(cast(:rows AS jsonb)) "
            "AS given(id text, noun text, module_id text, name text) "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, document = NULL, retired_in = NULL, retired_at = NULL, "
            "purged_at = NULL, names = CASE WHEN known.name = excluded.name THEN known.names "
            "ELSE array_append(array_remove(known.names, known.name), known.name) END"),
            {"rows": json.dumps(added + [{"noun": "", **row} for row in renamed])})
    if gone:
        connection.execute(sa.text(
            "UPDATE house.metadata_id AS known SET retired_in = :version, retired_at = :at, name = given.name, "
            "document = given.document FROM jsonb_to_recordset(cast(:rows AS jsonb)) "
            "AS given(id text, name text, document text) WHERE known.id = given.id"),
            {"rows": json.dumps(gone), "version": version, "at": at})


def _ids(definitions: Definitions, other: Definitions) -> dict[str, tuple[Document, str | None]]:
    """{id: (noun, id of its module)} of the documents that are not the very same in the other set."""
    found: dict[str, tuple[Document, str | None]] = {}
    for path, document in definitions.documents.items():
        if other.documents.get(path) is document:
            continue
        home = definitions.module(getattr(document, "module", "") or "")
        found[document.id] = (document, home.id if home else None)
        if isinstance(document, Module):
            found |= {field.id: (field, document.id) for field in document.fields}
    return found


def former(live: Definitions, draft: Definitions) -> dict[str, Retired]:
    """{id: what it is now} of the live nouns a draft touches: in the draft they are the same, or they are retired by it."""
    return {id: Retired(id, noun_name(type(noun)), module_id, noun.name, None, False)
            for id, (noun, module_id) in _ids(live, draft).items()}


def former_names(connection: sa.Connection) -> dict[str, tuple[str, ...]]:
    """{id: names it had before, the latest last} of everything that was ever renamed."""
    rows = connection.execute(sa.text(
        "SELECT id, names FROM house.metadata_id WHERE names <> '{}' AND noun IN ('module', 'field') AND retired_in IS NULL"))
    return {row.id: tuple(row.names) for row in rows}


def retired(connection: sa.Connection) -> dict[str, Retired]:
    """{id: what it was} of every id that is not in use any more."""
    rows = connection.execute(sa.text(
        "SELECT id, noun, module_id, name, document, purged_at FROM house.metadata_id WHERE retired_in IS NOT NULL"))
    found = {}
    for row in rows:
        noun = {"module": Module, "field": Field}.get(row.noun)
        document = noun.from_json(json.loads(row.document)) if noun and row.document else None
        found[row.id] = Retired(row.id, row.noun, row.module_id, row.name, document, row.purged_at is not None)
    return found


# Seeds

def seed(connection: sa.Connection, name: str) -> Definitions | None:
    """The bundle of this name as it was laid down last."""
    placed = connection.scalar(sa.text("SELECT documents FROM house.metadata_seed WHERE name = :name"), {"name": name})
    return None if placed is None else definitions_of(connection, placed)


def seeds(connection: sa.Connection) -> list[str]:
    return list(connection.scalars(sa.text("SELECT name FROM house.metadata_seed ORDER BY at, name")))


def lay_seed(connection: sa.Connection, manifest: Seed, definitions: Definitions, *, at: datetime,
             actor_id: int | None = None) -> None:
    """Remember this bundle as laid down."""
    placed = keep(connection, definitions)
    said = documents.compact({"manifest": manifest.to_json(), "documents": placed})
    connection.execute(sa.text(
        "INSERT INTO house.metadata_seed AS known (name, manifest, documents, at, version, installed_at, actor_id, fingerprint) "
        "VALUES (:name, cast(:manifest AS jsonb), cast(:documents AS jsonb), :at, :version, :at, :actor_id, :fingerprint) "
        "ON CONFLICT (name) DO UPDATE SET manifest = excluded.manifest, documents = excluded.documents, at = excluded.at, "
        "version = excluded.version, actor_id = excluded.actor_id, fingerprint = excluded.fingerprint "
        "WHERE known.fingerprint <> excluded.fingerprint"),
        {"name": manifest.name, "manifest": json.dumps(manifest.to_json()), "at": at, "version": manifest.version,
         "actor_id": actor_id, "fingerprint": documents.fingerprint(said), "documents": json.dumps(placed)})


def lift_seed(connection: sa.Connection, name: str) -> None:
    """Forget that this bundle was laid down."""
    connection.execute(sa.text("DELETE FROM house.metadata_seed WHERE name = :name"), {"name": name})


def installed(connection: sa.Connection) -> dict[str, Installed]:
    """{name: bundle}, in the order they came."""
    rows = connection.execute(sa.text(
        "SELECT name, manifest, installed_at, at, actor_id, fingerprint FROM house.metadata_seed ORDER BY installed_at, name"))
    return {row.name: Installed(Seed.from_json(row.manifest), row.installed_at, row.at, row.actor_id, row.fingerprint)
            for row in rows}
