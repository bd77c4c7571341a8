"""Locks: how a change takes hold of a table people are reading, so that no read waits long behind it.

Whoever waits for a table holds up every reader behind, and so does whoever holds it: both are kept short. A publish that
cannot have its lock gives up at once and tries again later.
"""
from collections.abc import Iterable

import sqlalchemy as sa

from runtime.tables import build

WAIT = "50ms"
VACUUM = "1200ms"
"""A vacuum of the house's own gives way one second after somebody waits for it, unless that one looks sooner."""


def hurry(connection: sa.Connection) -> None:
    """Until this transaction ends: wait 50 ms for a lock at most, and let go of all of them without waiting for the disk.

    What is held would be held as long as a busy disk takes to answer. Who needs to know that the commit is there for good
    asks with `settled`; a crash before that leaves what was there before.
    """
    connection.execute(sa.text(
        "SELECT CASE WHEN has_parameter_privilege('deadlock_timeout', 'SET') "
        "THEN set_config('deadlock_timeout', '10ms', true) END, "
        f"set_config('lock_timeout', '{WAIT}', true), set_config('synchronous_commit', 'off', true)"))


def hold_off_vacuum(connection: sa.Connection, tables: Iterable[str]) -> None:
    """After this no vacuum is at work on these tables of records. Nobody who reads or writes them waits for it."""
    quote = connection.dialect.identifier_preparer.quote
    there = connection.scalars(sa.text(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(:schema) AND relkind = 'r' AND relname = ANY(:names) "
        "ORDER BY relname"), {"schema": build.SCHEMA, "names": list(tables)}).all()
    if there:
        listed = ", ".join(f"{build.SCHEMA}.{quote(name)}" for name in there)
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{VACUUM}'"))
        connection.execute(sa.text(f"LOCK TABLE {listed} IN SHARE UPDATE EXCLUSIVE MODE"))
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{WAIT}'"))


def settled(connection: sa.Connection) -> None:
    """This transaction's commit waits for the disk again, and with it for everything committed before."""
    connection.execute(sa.text("SET LOCAL synchronous_commit TO DEFAULT"))
    connection.execute(sa.text("SELECT pg_logical_emit_message(true, 'settled', '')"))
