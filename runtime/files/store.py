"""The store: files by content hash in CRM_HOME/files, and a row per upload that says whose it is and where it belongs.

An upload belongs to who sent it until a record claims it; from then on whoever may read that field of that record may
fetch it. The id is random and says nothing; the name is only for showing.
"""
import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from runtime.db import clock, embedded
from runtime.errors import NotFound
from runtime.files.types import LARGEST, PICTURES, NotTaken, checked

_meta = sa.MetaData(schema="house")
FILE = sa.Table(
    "file", _meta, sa.Column("id", sa.Text, primary_key=True), sa.Column("sha256", sa.Text), sa.Column("name", sa.Text),
    sa.Column("size", sa.BigInteger), sa.Column("type", sa.Text), sa.Column("uploaded_by", sa.BigInteger),
    sa.Column("at", sa.DateTime(timezone=True)), sa.Column("module_id", sa.Text), sa.Column("field_id", sa.Text),
    sa.Column("record_id", sa.BigInteger))


@dataclass(frozen=True, slots=True)
class Stored:
    """A content that is in the store, and not yet anybody's upload."""
    sha256: str
    name: str
    size: int
    type: str


@dataclass(frozen=True, slots=True)
class File:
    """One upload. module_id, field_id, record_id: where it belongs, None until it is claimed."""
    id: str
    sha256: str
    name: str
    size: int
    type: str
    uploaded_by: int | None
    at: datetime
    module_id: str | None = None
    field_id: str | None = None
    record_id: int | None = None

    @property
    def picture(self) -> bool:
        return self.type in {f"image/{kind.lower()}" for kind in PICTURES.values()}


def keep(stream: BinaryIO, name: str) -> Stored:
    """Check a file and keep its content; the same content is kept once. Raises NotTaken."""
    content = stream.read(LARGEST + 1)
    fit = checked(content, name)
    digest = hashlib.sha256(fit.content).hexdigest()
    place = path_of(digest)
    if place.exists():
        place.touch()                               # it is spoken of again: the sweep leaves it alone
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        half = place.with_name(f".{digest}.{secrets.token_hex(4)}")
        try:
            with half.open("xb") as file:
                file.write(fit.content)
                file.flush()
                os.fsync(file.fileno())
            half.chmod(0o640)
            half.replace(place)
        except OSError:                             # a full disk keeps no half of it
            half.unlink(missing_ok=True)
            raise
    return Stored(digest, fit.name, len(fit.content), fit.type)


def put(connection: Any, stored: Stored, uploaded_by: int | None) -> File:
    """The upload of a kept content, on an open connection."""
    file = File(secrets.token_urlsafe(18), stored.sha256, stored.name, stored.size, stored.type, uploaded_by, clock.now())
    connection.execute(FILE.insert().values(
        id=file.id, sha256=file.sha256, name=file.name, size=file.size, type=file.type, uploaded_by=uploaded_by, at=file.at))
    return file


def find(connection: Any, file_id: str) -> File:
    """Raises NotFound. Who may fetch it is the caller's question."""
    row = connection.execute(sa.select(FILE).where(FILE.c.id == file_id)).mappings().first()
    if row is None:
        raise NotFound("There is no such file.")
    return File(**row)


def names(connection: Any, ids: list[str]) -> dict[str, str]:
    """{id: name} of some files."""
    return {row.id: row.name for row in connection.execute(sa.select(FILE.c.id, FILE.c.name).where(FILE.c.id.in_(ids)))}


def claim(connection: Any, file_id: str, *, actor_id: int | None, module_id: str, field_id: str, record_id: int | None,
          picture: bool = False) -> str:
    """Make an upload part of a record's field; returns its name. Raises NotFound, NotTaken.

    Only its uploader may, and only once (safety T52).

    record_id None: the record is being created; `settle` says later which one it became.
    """
    row = connection.execute(sa.select(FILE).where(FILE.c.id == file_id).with_for_update()).mappings().first()
    mine = row is not None and row["uploaded_by"] == actor_id and row["field_id"] is None
    here = row is not None and record_id is not None and (
        (row["module_id"], row["field_id"], row["record_id"]) == (module_id, field_id, record_id))
    if not (mine or here):
        raise NotFound("There is no such file.")
    if picture and not File(**row).picture:
        raise NotTaken("Choose a picture: PNG, JPEG, GIF or WebP.")
    connection.execute(FILE.update().where(FILE.c.id == file_id)
                       .values(module_id=module_id, field_id=field_id, record_id=record_id))
    return str(row["name"])


def settle(connection: Any, ids: list[str], record_id: int) -> None:
    """The record that claimed these while it was being created has this id."""
    connection.execute(FILE.update().where(FILE.c.id.in_(ids), FILE.c.record_id.is_(None)).values(record_id=record_id))


def abandon(connection: Any, module_id: str, record_ids: Sequence[int]) -> None:
    """These records are gone: their files are nobody's now, and swept."""
    connection.execute(FILE.update().where(FILE.c.module_id == module_id, FILE.c.record_id.in_(record_ids))
                       .values(module_id=None, field_id=None, record_id=None, uploaded_by=None))


def read(file: File) -> Path:
    """Where the content lies. Raises NotFound when it was lost."""
    place = path_of(file.sha256)
    if not place.exists():
        raise NotFound("The content of this file is missing from the store.")
    return place


def headers(file: File) -> Mapping[str, str]:
    """What every download says: pictures may stand in a page, everything else is saved."""
    manner = "inline" if file.picture else "attachment"
    ascii_name = file.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    return {"Content-Type": file.type, "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-cache",
            "Content-Disposition": f"{manner}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(file.name, safe='')}"}


def sweep(connection: Any, before: datetime) -> int:
    """Forget uploads nobody claimed since, and contents no upload speaks of any more; returns how many contents went."""
    unclaimed = FILE.delete().where(FILE.c.field_id.is_(None), FILE.c.at < before)
    gone = set(connection.execute(unclaimed.returning(FILE.c.sha256)).scalars())
    long_ago = min(before, clock.now() - timedelta(days=1)).timestamp()
    gone |= {place.name for place in (embedded.home() / "files").glob("??/*") if place.stat().st_mtime < long_ago}
    if gone:                                        # also contents whose save was refused: no upload ever spoke of them
        gone -= set(connection.execute(sa.select(FILE.c.sha256).where(FILE.c.sha256 == sa.any_(sa.literal(
            sorted(gone), ARRAY(sa.Text))))).scalars())
    swept = [path_of(digest.lstrip(".")).with_name(digest) for digest in gone]
    swept = [place for place in swept if place.exists() and place.stat().st_mtime < before.timestamp()]
    for place in swept:
        place.unlink(missing_ok=True)
    return len(swept)


def path_of(digest: str) -> Path:
    return embedded.home() / "files" / digest[:2] / digest
