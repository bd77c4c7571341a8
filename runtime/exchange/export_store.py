"""The list of exports: who asked for which rows, how far a worker is, and where the file lies until it is fetched."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from runtime.db import embedded
from runtime.db.transaction import Transaction, reading, transaction
from runtime.errors import NotFound
from runtime.locale.text import _

WAITING, RUNNING, DONE, FAILED, EXPIRED, SENT = "waiting", "running", "done", "failed", "expired", "sent"
UNDER_WAY = (WAITING, RUNNING)

_meta = sa.MetaData(schema="house")
exports = sa.Table(
    "export_run", _meta, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("actor_id", sa.BigInteger),
    *(sa.Column(name, sa.Text) for name in ("module_id", "said", "format")), sa.Column("asked", JSONB),
    sa.Column("ids", ARRAY(sa.BigInteger)), sa.Column("paths", ARRAY(sa.Text)), sa.Column("state", sa.Text),
    *(sa.Column(name, sa.BigInteger) for name in ("rows", "total", "size")), sa.Column("problem", sa.Text),
    sa.Column("begun_at", sa.DateTime(timezone=True)), sa.Column("finished_at", sa.DateTime(timezone=True)))


@dataclass(frozen=True)
class Export:
    """One export. said: what was asked, in the words of whoever asked; asked: the state of the list, as its address says it;
    ids: the ticked records, none = every match; paths: the fields in the file. rows of total are written; size in bytes."""
    id: int
    actor_id: int
    module_id: str
    said: str
    format: str
    asked: Mapping[str, str]
    ids: Sequence[int]
    paths: Sequence[str]
    state: str
    rows: int
    total: int
    size: int
    problem: str
    begun_at: datetime
    finished_at: datetime | None

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def path(self) -> Path:
        return folder() / str(self.id)


def folder() -> Path:
    return embedded.home() / "exports"


def add(tx: Transaction, **values: Any) -> int:
    return tx.execute(exports.insert().values(**values).returning(exports.c.id)).scalar_one()


def change(export_id: int, **values: Any) -> bool:
    """False where it was removed meanwhile."""
    with transaction() as tx:
        return tx.execute(exports.update().where(exports.c.id == export_id).values(**values)).rowcount == 1


def get(export_id: int) -> Export:
    """Raises NotFound."""
    with reading() as connection:
        row = connection.execute(sa.select(exports).where(exports.c.id == export_id)).one_or_none()
    if row is None:
        raise NotFound(_("There is no export with this number."))
    return Export(**row._mapping)


def latest(actor_id: int | None, limit: int = 50) -> list[Export]:
    """Somebody's exports, newest first; None: everybody's."""
    statement = sa.select(exports).order_by(exports.c.id.desc()).limit(limit)
    if actor_id is not None:
        statement = statement.where(exports.c.actor_id == actor_id)
    with reading() as connection:
        return [Export(**row._mapping) for row in connection.execute(statement)]


def under_way(tx: Transaction, actor_id: int) -> int:
    return tx.scalar(sa.select(sa.func.count()).where(exports.c.actor_id == actor_id, exports.c.state.in_(UNDER_WAY)))


def remove(export_id: int) -> None:
    with transaction() as tx:
        tx.execute(exports.delete().where(exports.c.id == export_id))


def expire(tx: Transaction, before: datetime) -> list[int]:
    """Those whose file has been there long enough; it may go once this is committed."""
    return list(tx.scalars(exports.update().where(exports.c.state == DONE, exports.c.finished_at < before)
                           .values(state=EXPIRED).returning(exports.c.id)))


def forget(tx: Transaction, before: datetime) -> None:
    tx.execute(exports.delete().where(exports.c.begun_at < before, exports.c.state.not_in(UNDER_WAY)))


def with_files(tx: Transaction) -> set[int]:
    """The numbers whose file must stay."""
    return set(tx.scalars(sa.select(exports.c.id).where(exports.c.state.in_((*UNDER_WAY, DONE)))))
