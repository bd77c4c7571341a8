"""A change of type: a new column filled batch by batch while everybody works on, then switched in one moment.

The new column is called pending_<…> and unknown to everybody. A trigger notes which records change meanwhile; they are
read again before the switch. Progress is kept, so a publish that was killed goes on where it stopped. Values that do
not fit stay in the old column, which is put aside, never dropped.
"""
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from metadata import documents
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.db import clock
from runtime.db.transaction import in_transaction, reading
from runtime.tables import build, locks, migrate
from runtime.tables.migrate import fault
from runtime.tables.remembered import Remembering, earlier
from runtime.tables.storage import parts_of

BATCH = 2_000


@dataclass(frozen=True)
class Conversion:
    """One field from one type to another. table: as it is called before the publish; source: {part: column} of the old values."""
    module: Module
    table: str
    before: Field
    after: Field
    source: Mapping[str, str]
    live: bool = True
    """Whether the source is in use, so that values may change meanwhile."""

    @property
    def key(self) -> str:
        """The same change asked for again goes on with the same columns."""
        text = "\n".join((self.module.id, documents.compact(self.before.to_json()), documents.compact(self.after.to_json())))
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def to_json(self) -> dict[str, Any]:
        return {"module": self.module.to_json(), "table": self.table, "before": self.before.to_json(),
                "after": self.after.to_json(), "source": dict(self.source), "live": self.live}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(Module.from_json(kept["module"]), kept["table"], Field.from_json(kept["before"]),
                   Field.from_json(kept["after"]), kept["source"], kept["live"])

    def pending(self, catalogue: Any) -> dict[str, str]:
        return {part: build.part_column(f"pending_{self.key}", part) for part in parts_of(self.after, catalogue)}


def prepare(conversion: Conversion, catalogue: Any, progress: Callable[[int, int], None] | None = None) -> dict[str, str]:
    """Fill the new column, going on where an earlier try stopped. {part: pending column}.

    progress: (done up to this id, last id).
    """
    number = in_transaction(lambda tx: _begin(tx.connection, conversion, catalogue))
    table = _table(conversion, catalogue)
    convert = Remembering(conversion, catalogue)
    with reading() as connection:
        last = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0)))
    rounds = 0
    while (done := in_transaction(lambda tx: _batch(tx.connection, conversion, number, table, convert))) is not None:
        rounds += 1
        fault(f"conversion:{rounds}")
        if progress:
            progress(done, last)
    for _ in range(10):
        if in_transaction(lambda tx: _catch_up(tx.connection, number, conversion, table, convert)) < BATCH:
            break
    return conversion.pending(catalogue)


def finish(connection: sa.Connection, conversion: Conversion, catalogue: Any) -> str:
    """In the publishing transaction: nobody may write from here on, everybody may read; read what changed last.

    The statement that lets go of the old column, for which readers have to wait too: it belongs to the switch.
    """
    number = _number(connection, conversion)
    table = _table(conversion, catalogue)
    convert = Remembering(conversion, catalogue)
    connection.execute(sa.text(f"LOCK TABLE {_quoted(connection, table)} IN SHARE ROW EXCLUSIVE MODE"))
    while _catch_up(connection, number, conversion, table, convert):
        pass
    connection.execute(sa.text("DELETE FROM house.metadata_conversion_row WHERE conversion_id = :id"), {"id": number})
    connection.execute(sa.text("DELETE FROM house.metadata_conversion WHERE id = :id"), {"id": number})
    return f"DROP TRIGGER IF EXISTS conversion_{int(number)} ON {_quoted(connection, table)}"


def _number(connection: sa.Connection, conversion: Conversion) -> Any:
    """None where it has not begun."""
    return connection.scalar(sa.text("SELECT id FROM house.metadata_conversion WHERE key = :key"), {"key": conversion.key})


def abandon_others(wanted: Sequence[Conversion]) -> None:
    """Changes of type that were begun and are no longer asked for leave no column behind."""
    keys = {conversion.key for conversion in wanted}
    with reading() as connection:
        left = [row for row in connection.execute(sa.text("SELECT id, key FROM house.metadata_conversion"))
                if row.key not in keys]
    for row in left:
        in_transaction(lambda tx, row=row: _abandon(tx.connection, row.id, row.key))


def _begin(connection: sa.Connection, conversion: Conversion, catalogue: Any) -> int:
    number = _number(connection, conversion)
    if number is not None:
        return number
    locks.hurry(connection)
    locks.hold_off_vacuum(connection, [conversion.table])
    number = connection.scalar(sa.text(
        "INSERT INTO house.metadata_conversion (module_id, field_id, key, columns, at) "
        "VALUES (:module_id, :field_id, :key, cast(:columns AS jsonb), :at) RETURNING id"),
        {"module_id": conversion.module.id, "field_id": conversion.after.id, "key": conversion.key,
         "columns": json.dumps(conversion.pending(catalogue)), "at": clock.now()})
    work = migrate.Work(connection, catalogue, None, 0, clock.now())
    target = build.target(conversion.after, catalogue)
    for part, column in conversion.pending(catalogue).items():
        made = sa.Column(column, parts_of(conversion.after, catalogue)[part], nullable=True)
        if target and part == "":
            made.append_foreign_key(sa.ForeignKey(f"{build.SCHEMA}.{target}.id", ondelete="SET NULL"))
        work.op.add_column(conversion.table, made, schema=build.SCHEMA, inline_references=True)
    if conversion.live:
        table = _table(conversion, catalogue)
        quote = connection.dialect.identifier_preparer.quote
        columns = ", ".join(quote(column) for column in conversion.source.values())
        connection.execute(sa.text(
            f"CREATE TRIGGER conversion_{int(number)} AFTER INSERT OR UPDATE OF {columns} ON {_quoted(connection, table)} "
            f"FOR EACH ROW EXECUTE FUNCTION house.note_conversion_row('{int(number)}')"))
    return number


def _batch(connection: sa.Connection, conversion: Conversion, number: int, table: sa.Table, convert: Any) -> int | None:
    """The next records in order of id; the last id done, None when all are."""
    state = connection.execute(sa.text("SELECT last_id FROM house.metadata_conversion WHERE id = :id FOR UPDATE"),
                               {"id": number}).one()
    rows = connection.execute(_select(table, conversion).where(table.c.id > state.last_id)
                              .order_by(table.c.id).limit(BATCH)).all()
    if not rows:
        return None
    fits, fails = _write(connection, conversion, table, rows, convert)
    connection.execute(sa.text(
        "UPDATE house.metadata_conversion SET last_id = :last, converted = converted + :fits, refused = refused + :fails "
        "WHERE id = :id"), {"last": rows[-1].id, "fits": fits, "fails": fails, "id": number})
    return rows[-1].id


def _catch_up(connection: sa.Connection, number: int, conversion: Conversion, table: sa.Table, convert: Any) -> int:
    """Records that changed since they were read, again. Rows are locked before their notes go, so none is missed."""
    ids = list(connection.scalars(sa.text(
        "SELECT record_id FROM house.metadata_conversion_row WHERE conversion_id = :id ORDER BY record_id LIMIT :most"),
        {"id": number, "most": BATCH}))
    if ids:
        rows = connection.execute(_select(table, conversion).where(table.c.id.in_(ids)).order_by(table.c.id)
                                  .with_for_update()).all()
        _write(connection, conversion, table, rows, convert)
        connection.execute(sa.text("DELETE FROM house.metadata_conversion_row "
                                   "WHERE conversion_id = :id AND record_id = ANY(:ids)"), {"id": number, "ids": ids})
    return len(ids)


def _write(connection: sa.Connection, conversion: Conversion, table: sa.Table, rows: Sequence[Any],
           convert: Any) -> tuple[int, int]:
    """(how many fit, how many do not)."""
    parts = list(conversion.source)
    pending = conversion.pending(convert.catalogue)
    changed, fits, fails = [], 0, 0
    for row in rows:
        values = dict(zip(parts, row[1:1 + len(parts)], strict=True))
        made = convert.derived(convert(values, row), connection)
        empty = all(value is None for value in values.values())
        fits += made is not None and not empty
        fails += made is None
        changed.append({"on_id": row.id, **{f"to_{column}": (made or {}).get(part) for part, column in pending.items()}})
    if changed:
        targets = [table.c[column] for column in pending.values()]
        if any(isinstance(column.type, (sa.ARRAY, sa.JSON)) for column in targets):
            _update_each(connection, table, targets, changed)
        else:
            _update_together(connection, table, targets, changed)
    return fits, fails


def _update_each(connection: sa.Connection, table: sa.Table, targets: Sequence[sa.Column], rows: Sequence[dict]) -> None:
    connection.execute(sa.update(table).where(table.c.id == sa.bindparam("on_id")).values(
        {column: sa.bindparam(f"to_{column.name}", type_=column.type) for column in targets}), rows)


def _update_together(connection: sa.Connection, table: sa.Table, targets: Sequence[sa.Column], rows: Sequence[dict]) -> None:
    """One statement over arrays, five times as fast."""
    arrays = [sa.bindparam("ids", [row["on_id"] for row in rows], type_=postgresql.ARRAY(sa.BigInteger))]
    arrays += [sa.bindparam(f"v{place}", [row[f"to_{column.name}"] for row in rows], type_=postgresql.ARRAY(column.type))
               for place, column in enumerate(targets)]
    given = sa.func.unnest(*arrays).table_valued("id", *(f"v{place}" for place in range(len(targets)))).render_derived("given")
    connection.execute(sa.update(table).where(table.c.id == given.c.id).values(
        {column: sa.cast(given.c[f"v{place}"], column.type) for place, column in enumerate(targets)}))


def _select(table: sa.Table, conversion: Conversion) -> sa.Select:
    others = [column for column in table.c if column.name.startswith("retired_")
              and column.name not in conversion.source.values()]
    return sa.select(table.c.id, *(table.c[column] for column in conversion.source.values()), *others)


def _table(conversion: Conversion, catalogue: Any) -> sa.Table:
    """The few columns a conversion touches, as they are called before the publish."""
    olds = parts_of(conversion.before, catalogue)
    news = parts_of(conversion.after, catalogue)
    table = sa.Table(
        conversion.table, sa.MetaData(), sa.Column("id", sa.BigInteger, primary_key=True),
        *(sa.Column(column, olds[part]) for part, column in conversion.source.items()),
        *(sa.Column(column, news[part]) for part, column in conversion.pending(catalogue).items()), schema=build.SCHEMA)
    aside = earlier(conversion, catalogue)
    for part, column in (aside.columns.items() if aside else ()):
        table.append_column(sa.Column(column, parts_of(aside.field, catalogue)[part]))
    return table


def _quoted(connection: sa.Connection, table: sa.Table) -> str:
    return connection.dialect.identifier_preparer.format_table(table)


def _abandon(connection: sa.Connection, number: int, key: str) -> None:
    locks.hurry(connection)
    rows = connection.execute(sa.text(
        "SELECT owner.relname AS table, attribute.attname AS column FROM pg_attribute AS attribute "
        "JOIN pg_class AS owner ON owner.oid = attribute.attrelid JOIN pg_namespace AS space ON space.oid = owner.relnamespace "
        "WHERE space.nspname = 'records' AND starts_with(attribute.attname, :name) AND NOT attribute.attisdropped "
        "AND owner.relkind = 'r'"), {"name": f"pending_{key}"}).all()
    quote = connection.dialect.identifier_preparer.quote
    locks.hold_off_vacuum(connection, {row.table for row in rows})
    for table in {row.table for row in rows}:
        connection.execute(sa.text(f"DROP TRIGGER IF EXISTS conversion_{int(number)} ON {build.SCHEMA}.{quote(table)}"))
    for row in rows:
        connection.execute(sa.text(f"ALTER TABLE {build.SCHEMA}.{quote(row.table)} DROP COLUMN {quote(row.column)}"))
    connection.execute(sa.text("DELETE FROM house.metadata_conversion_row WHERE conversion_id = :id"), {"id": number})
    connection.execute(sa.text("DELETE FROM house.metadata_conversion WHERE id = :id"), {"id": number})
