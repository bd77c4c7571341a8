"""The exchange room's own tables: runs, rows in waiting, problems."""
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by

from runtime.db.transaction import Transaction, engine, reading
from runtime.errors import NotFound
from runtime.locale.text import _

_LOCK = sa.text("SELECT pg_try_advisory_lock(7213, CAST(:number AS integer))")
_UNLOCK = sa.text("SELECT pg_advisory_unlock(7213, CAST(:number AS integer))")

_TOGETHER = sa.text("SELECT pg_advisory_xact_lock_shared(7214, 0)")
_ALONE = sa.text("SELECT pg_advisory_xact_lock(7214, 0)")
AT_REST = ("new", "done", "failed", "undone")
"""States in which nothing is under way."""

WIDEST = 4 * 1024 * 1024
"""How many bytes of rows wait in one piece, however few rows they are."""

meta = sa.MetaData(schema="house")
_COUNTS = ("rows", "done_to", "created", "updated", "unchanged", "skipped", "refused", "warned", "undone", "kept")
runs = sa.Table(
    "import_run", meta, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("actor_id", sa.BigInteger),
    *(sa.Column(name, sa.Text) for name in ("module_id", "file_name", "file_path", "file_hash")),
    sa.Column("state", sa.Text), sa.Column("headers", JSONB), sa.Column("mapping", JSONB),
    *(sa.Column(name, sa.BigInteger) for name in _COUNTS), sa.Column("problem", sa.Text),
    sa.Column("begun_at", sa.DateTime(timezone=True)), sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("put_back_to", sa.BigInteger))
waiting = sa.Table("import_row", meta, sa.Column("import_id", sa.BigInteger), sa.Column("row_no", sa.BigInteger),
                   sa.Column("cells", sa.Text))
problems = sa.Table(
    "import_problem", meta, sa.Column("import_id", sa.BigInteger), sa.Column("row_no", sa.BigInteger), sa.Column("kind", sa.Text),
    sa.Column("heading", sa.Text), sa.Column("value", sa.Text), sa.Column("reason", sa.Text), sa.Column("record_id", sa.BigInteger))


@dataclass(frozen=True)
class Run:
    """One import. state: new, staged, running, done, failed, undoing, undone. done_to: the last row that was dealt with.

    put_back_to: the row of history that undoing has come down to."""
    id: int
    actor_id: int | None
    module_id: str
    file_name: str
    file_path: str
    file_hash: str
    state: str
    headers: Sequence[str]
    mapping: Mapping[str, Any]
    rows: int
    done_to: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    refused: int
    warned: int
    undone: int
    kept: int
    problem: str | None
    begun_at: datetime
    finished_at: datetime | None
    put_back_to: int | None

    @property
    def sheets(self) -> Sequence[Mapping[str, str]]:
        """The sheets of a workbook that can be imported: [{name, path, hash}]."""
        return self.mapping.get("sheets", ())

    @property
    def sheet(self) -> str:
        return self.mapping.get("sheet", "")

    @property
    def done(self) -> int:
        return self.created + self.updated + self.unchanged + self.skipped + self.refused


@contextmanager
def alone(import_id: int) -> Iterator[bool]:
    """Whether this process is the only one that runs an import, for as long as the block lasts; the database forgets it
    with the process."""
    with engine().connect() as connection:
        mine = bool(connection.scalar(_LOCK, {"number": import_id}))
        connection.commit()
        try:
            yield mine
        finally:
            if mine:
                connection.execute(_UNLOCK, {"number": import_id})
                connection.commit()


def add(tx: Transaction, **values: Any) -> int:
    return tx.execute(runs.insert().values(**values).returning(runs.c.id)).scalar_one()


def change(tx: Transaction, import_id: int, **values: Any) -> None:
    tx.execute(runs.update().where(runs.c.id == import_id).values(**values))


def count(tx: Transaction, import_id: int, **more: int) -> None:
    """Add to a run's counters."""
    tx.execute(runs.update().where(runs.c.id == import_id).values({runs.c[name]: runs.c[name] + more[name] for name in more}))


def remove(tx: Transaction, import_id: int, states: Sequence[str]) -> list[str]:
    """Forget a run with its rows and problems, if it is in one of these states when it is deleted. Returns its files."""
    gone = tx.execute(sa.delete(runs).where(runs.c.id == import_id, runs.c.state.in_(states))
                      .returning(runs.c.file_path, runs.c.mapping)).first()
    return [] if gone is None else list(dict.fromkeys([gone.file_path, *(one["path"] for one in gone.mapping.get("sheets", ()))]))


def hold_files(tx: Transaction, *, alone: bool = False) -> None:
    """Until the end of the transaction no file is deleted that an import begins with; alone: no import begins."""
    tx.execute(_ALONE if alone else _TOGETHER)


def free(tx: Transaction, paths: Iterable[str]) -> list[str]:
    """Which of these files no run has."""
    return [path for path in paths if not tx.scalar(sa.select(sa.literal(1)).where(sa.or_(
        runs.c.file_path == path, runs.c.mapping["sheets"].contains([{"path": path}]))).limit(1))]


def past(tx: Transaction, before: datetime, limit: int = 500) -> list[int]:
    """Imports that nobody came back to, and finished ones whose file and error list have had their time."""
    return list(tx.scalars(sa.select(runs.c.id).where(runs.c.begun_at < before,
                                                      runs.c.state.in_(AT_REST)).limit(limit)))


def get(import_id: int, tx: Transaction | None = None) -> Run:
    """Locked where a transaction is given. Raises NotFound."""
    statement = sa.select(runs).where(runs.c.id == import_id)
    if tx is not None:
        row = tx.execute(statement.with_for_update()).first()
    else:
        with reading() as connection:
            row = connection.execute(statement).first()
    if row is None:
        raise NotFound(_("There is no import with this number."))
    return Run(**row._mapping)


def latest(actor_id: int | None, limit: int = 50, before: int | None = None) -> list[Run]:
    """Somebody's imports, newest first; None: everybody's. before: only those with a smaller number."""
    statement = sa.select(runs).order_by(runs.c.id.desc()).limit(limit)
    if actor_id is not None:
        statement = statement.where(runs.c.actor_id == actor_id)
    if before is not None:
        statement = statement.where(runs.c.id < before)
    with reading() as connection:
        return [Run(**row._mapping) for row in connection.execute(statement)]


def same(tx: Transaction, module_id: str, file_hash: str) -> int | None:
    """The import of the same file that is under way."""
    return tx.scalar(sa.select(runs.c.id).where(runs.c.module_id == module_id, runs.c.file_hash == file_hash,
                                                runs.c.state.in_(("staged", "running"))))


def stage(tx: Transaction, import_id: int, rows: Iterable[Sequence[str]], batch: int, first: int = 2) -> int:
    """COPY the rows into waiting, a batch in one piece; row numbers as a spreadsheet counts them. Returns how many.

    A batch's cells are one JSON list of lists: its only character that COPY would take for its own is the backslash.
    """
    cursor = tx.connection.connection.driver_connection.cursor()
    number, begun, size = first - 1, first, 0
    lines: list[Sequence[str]] = []
    with cursor.copy("COPY house.import_row (import_id, row_no, cells) FROM STDIN") as copy:
        def piece() -> bytes:
            return b"%d\t%d\t%s\n" % (import_id, begun, orjson.dumps(lines).replace(b"\\", b"\\\\"))

        for number, cells in enumerate(rows, first):
            lines.append(cells)
            size += sum(map(len, cells))
            if len(lines) >= batch or size >= WIDEST:
                copy.write(piece())
                begun, size = number + 1, 0
                lines.clear()
        if lines:
            copy.write(piece())
    return number - first + 1


def next_rows(import_id: int, after: int) -> list[tuple[int, list[str]]]:
    """The next batch. Rows in waiting never change: they may be read ahead of the transaction that takes them."""
    with reading() as connection:
        found = connection.execute(
            sa.select(waiting.c.row_no, waiting.c.cells)
            .where(waiting.c.import_id == import_id, waiting.c.row_no > after).order_by(waiting.c.row_no).limit(1)).first()
    return [] if found is None else list(enumerate(orjson.loads(found.cells), found.row_no))


def forget_rows(tx: Transaction, import_id: int) -> None:
    tx.execute(waiting.delete().where(waiting.c.import_id == import_id))


def note(tx: Transaction, import_id: int, found: Sequence[Mapping[str, Any]]) -> None:
    """Problems, warnings and links to be looked at later."""
    if found:
        tx.execute(problems.insert(), [{"record_id": None, **one, "import_id": import_id} for one in found])


def later(tx: Transaction, import_id: int, limit: int) -> list[Any]:
    """Links that waited for the rest of the file; taken out of the waiting."""
    chosen = (sa.select(sa.literal_column("ctid")).select_from(problems)
              .where(problems.c.import_id == import_id, problems.c.kind == "later").order_by(problems.c.row_no).limit(limit))
    return tx.execute(sa.delete(problems).where(sa.literal_column("ctid").in_(chosen)).returning(problems)).all()


def told(import_id: int, batch: int = 1_000) -> Iterator[Any]:
    """Every problem and warning in order of row, streamed."""
    after = (-1, "")
    while found := told_after(import_id, after, batch):
        yield from found
        if len(found) < batch:
            return
        after = (found[-1].row_no, found[-1].heading)


def told_after(import_id: int, after: tuple[int, str], limit: int) -> Sequence[Any]:
    """The problems and warnings that follow (row, heading); a few more than limit where several are of one cell."""
    with reading() as connection:
        return connection.execute(
            sa.select(problems).where(problems.c.import_id == import_id, problems.c.kind != "later",
                                      sa.tuple_(problems.c.row_no, problems.c.heading) > after)
            .order_by(problems.c.row_no, problems.c.heading).fetch(limit, with_ties=True)).all()


def reasons(import_id: int, limit: int = 20) -> list[dict[str, Any]]:
    """The commonest reasons, with how often and the first row that has it. Those that differ only in what they quote are one."""
    alike = (problems.c.kind, problems.c.heading, sa.func.regexp_replace(problems.c.reason, "[‘“'].*[’”']", ""))

    def first(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return sa.func.array_agg(aggregate_order_by(column, problems.c.row_no), type_=ARRAY(sa.Text))[1]

    statement = (sa.select(problems.c.kind, problems.c.heading, sa.func.count().label("times"),
                           first(problems.c.value).label("example"), first(problems.c.reason).label("reason"),
                           sa.func.min(problems.c.row_no).label("row_no"))
                 .where(problems.c.import_id == import_id, problems.c.kind != "later")
                 .group_by(*alike).order_by(sa.desc("times"), sa.asc("row_no")).limit(limit))
    with reading() as connection:
        return [dict(row._mapping) for row in connection.execute(statement)]
