"""A trial: tables of given definitions that exist for one transaction only, empty, in place of the real ones.

Inside it the schemas `records` and `house` are others of the same name, which only this transaction sees: the records'
tables made from the definitions, the house's own tables with their shape and without their rows. Everything is rolled back,
whatever happens to the process; nobody else waits for anything, since the real tables are not touched and their schemas'
new names are never committed.
"""
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from metadata.definitions import Definitions
from metadata.model.module import USERS
from runtime.db.transaction import Transaction, rolled_back
from runtime.errors import Unavailable
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.tables import build, indexes, published
from runtime.tables.published import Published

LOCK = 0x747269616C
WAIT = 60
"""Seconds a trial waits for another one: one at a time, since both would rename the same schemas."""
STATEMENT = 10
"""Seconds one statement of a trial may take."""
_KEPT = ("setting", "rate")
"""Tables of the house whose rows a trial begins with."""
_AWAY = """
DO $trial$
DECLARE functions text[]; each record; made text;
BEGIN
  SELECT array_agg(pg_get_functiondef(oid) ORDER BY oid) INTO functions FROM pg_proc
   WHERE pronamespace = 'house'::regnamespace AND prokind = 'f' AND prorettype <> 'trigger'::regtype;
  ALTER SCHEMA house RENAME TO house_meanwhile;
  ALTER SCHEMA records RENAME TO records_meanwhile;
  CREATE SCHEMA house;
  CREATE SCHEMA records;
  FOREACH made IN ARRAY functions LOOP EXECUTE made; END LOOP;
  FOR each IN SELECT relname AS name, relkind AS kind FROM pg_class
               WHERE relnamespace = 'house_meanwhile'::regnamespace AND relkind IN ('r', 'v')
                 AND relname !~ '^(metadata|import|api|chore)_' AND relname <> 'session' LOOP
    IF each.kind = 'v' THEN
      EXECUTE format('CREATE TABLE house.%1$I AS SELECT * FROM house_meanwhile.%1$I WITH NO DATA', each.name);
    ELSE
      EXECUTE format('CREATE TABLE house.%1$I (LIKE house_meanwhile.%1$I INCLUDING DEFAULTS INCLUDING IDENTITY '
                     'INCLUDING CONSTRAINTS INCLUDING INDEXES)', each.name);
    END IF;
  END LOOP;
END $trial$"""


class Trial(Published):
    """Definitions as if they were published, over tables of a trial."""


@contextmanager
def trial(definitions: Definitions, modules: Collection[str], people: Sequence[Mapping[str, Any]] = ()) -> Iterator[Transaction]:
    """Inside, these definitions are the published ones, with the tables of these modules and of all they are linked with.

    people: {"id", "name", "email"} of those who may own records. Raises Unavailable while another trial lasts too long.
    """
    now = published.current()
    made = Trial(now.number, definitions)
    with rolled_back() as tx:
        token = published.pin(made)
        try:
            _begin(tx)
            _build(tx, made, connected(made, modules))
            for person in people:
                tx.execute(sa.text("INSERT INTO house.person (id, username, name, email, active) "
                                   "VALUES (:id, :email, :name, :email, true)"), person)
            yield tx
        finally:
            published.unpin(token)


def connected(now: Published, modules: Collection[str]) -> list[str]:
    """These modules and whatever is linked with them, in either direction, however far; in the definitions' order."""
    links: dict[str, set[str]] = {}
    for name, module in now.definitions.modules.items():
        for field in module.fields:
            if target := build.target(field, now.catalogue):
                links.setdefault(name, set()).add(target)
                links.setdefault(target, set()).add(name)
    found: set[str] = set()
    waiting = [name for name in modules if now.definitions.module(name) is not None and name != USERS.name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(links.get(name, ()))
    return [name for name in now.definitions.modules if name in found]


def _begin(tx: Transaction) -> None:
    run = tx.connection.exec_driver_sql
    run(f"SET LOCAL statement_timeout = '{WAIT + STATEMENT}s'; SET LOCAL lock_timeout = '{WAIT}s'; "
        f"SET LOCAL idle_in_transaction_session_timeout = '{WAIT}s'")
    try:
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    except sa.exc.OperationalError as problem:
        raise Unavailable(_("Other tests have been running for a minute. Try again later.")) from problem
    run(f"SET LOCAL statement_timeout = '{STATEMENT}s'; SET LOCAL lock_timeout = '2s'")
    run(_AWAY.replace("%", "%%"))
    for table in _KEPT:
        run(f"INSERT INTO house.{table} SELECT * FROM house_meanwhile.{table}")


def _build(tx: Transaction, now: Published, names: Sequence[str]) -> None:
    dialect, meta = postgresql.dialect(), sa.MetaData()
    made, links = [], []
    for name in names:
        module = now.module(name)
        table = build.table(module, meta, catalogue())
        made.append(str(sa.schema.CreateTable(table).compile(dialect=dialect)))
        for field in module.fields:
            if field.unique and now.type(field).stored:
                made.append(str(sa.schema.CreateIndex(indexes.unique(module, field).construct(table)).compile(dialect=dialect)))
            if (target := build.target(field, catalogue())) in names:
                links.append(f'ALTER TABLE records."{name}" ADD FOREIGN KEY ("{field.name}") REFERENCES records."{target}" (id) '
                             "ON DELETE SET NULL")
    if made:
        tx.connection.exec_driver_sql(";\n".join([*made, *links]).replace("%", "%%"))
