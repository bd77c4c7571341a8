"""Tally: how much was ever written to a table. The same number means the same values, so nobody need look at them twice."""
import sqlalchemy as sa

from runtime.tables import build

_TALLY = sa.text(
    "SELECT oid, coalesce(pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid), 0) "
    "FROM pg_class WHERE oid = to_regclass(:name)")


def tally(connection: sa.Connection, table: str) -> int:
    """Rows ever written to a table of records; PostgreSQL counts them with a second's delay, or ten."""
    return of(connection, table)[1]


def of(connection: sa.Connection, table: str) -> tuple[int, int]:
    """(the table's own number, its tally); zeros where there is no such table."""
    name = f"{build.SCHEMA}.{connection.dialect.identifier_preparer.quote(table)}"
    row = connection.execute(_TALLY, {"name": name}).one_or_none()
    return (row[0], row[1]) if row else (0, 0)
