"""The installation that is measured: servers and data of its own, filled once and kept while their shape is the same."""
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa

from bench import data
from metadata import bundle
from runtime import publish
from runtime.cli.ready import ready
from runtime.db import embedded, schema
from runtime.db import engine as engines
from runtime.security import store, users
from runtime.tables import indexes, published
from runtime.values import HOUSE

HERE = Path(__file__).parent
ROOT = HERE.parent
BUNDLE = HERE / "bundle"
ACCOUNTS = 100_000
REP = "rep"


@dataclass(frozen=True)
class Installation:
    """database: libpq address; user: the rep's id; key: an API key of theirs; deals: how many there are."""
    database: str
    user: int
    key: str
    deals: int

    def session(self) -> str:
        """A fresh session of the rep: the value of the cookie."""
        return store.start_session(self.user, {"csrf_token": "c" * 40}, agent="bench")

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.database, autocommit=True)


def use(deals: int, say) -> Installation:
    """Make what is missing; answers when the data is there, analyzed and as the last run found it."""
    home = ROOT / (".crm-bench" if deals == 1_000_000 else f".crm-bench-{deals}")
    for name in ("DATABASE_URL", "REDIS_URL", "CRM_EMBEDDED_FSYNC", "PUBLIC_URL", "SECRET_KEY"):
        os.environ.pop(name, None)                  # never somebody's real database
    os.environ["CRM_HOME"] = str(home)
    os.environ["CRM_API_RATE"] = "1000000 per minute"    # counted as ever, and never reached
    shape = _shape(deals)
    kept = home / "shape"
    if home.exists() and (not kept.exists() or kept.read_text() != shape):
        embedded.stop()
        shutil.rmtree(home)
    embedded.start()
    ready()
    _prepare()
    if not kept.exists():
        _fill(deals, say)
        kept.write_text(shape)
    _sweep(deals)
    person = users.get(REP)
    return Installation(_address(), person.id, users.token(person.id, "bench"),
                        deals)


@contextmanager
def beside(name: str) -> Iterator[None]:
    """Inside, this process and those it starts work on another database of the same servers; made when it is missing."""
    url = sa.make_url(embedded.addresses().database_url).set(database=name)
    with _connect() as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{name}"')
    os.environ |= {"DATABASE_URL": url.render_as_string(hide_password=False), "CRM_REDIS_PREFIX": name,
                   "SECRET_KEY": (embedded.home() / "secret_key").read_text()}
    _elsewhere()
    try:
        schema.prepare()
        yield
    finally:
        for each in ("DATABASE_URL", "CRM_REDIS_PREFIX", "SECRET_KEY"):
            del os.environ[each]
        _elsewhere()


def _elsewhere() -> None:
    engines.use(None)
    embedded.start()


def _shape(deals: int) -> str:
    """Changes with whatever the kept data depends on."""
    files = [*sorted(BUNDLE.rglob("*.json")), HERE / "data.py", *sorted((ROOT / "runtime/db/migrations/versions").glob("*.py")),
             ROOT / "runtime/tables/indexes.py"]
    return hashlib.sha256(b"\0".join([str(deals).encode(), *(file.read_bytes() for file in files)])).hexdigest()


def _prepare() -> None:
    """The bundle is live (a field a former run added is put aside), and the rep is there."""
    schema.prepare()
    if published.refresh().definitions != bundle.read(BUNDLE):
        publish.publish(HOUSE.through("cli"), bundle.read(BUNDLE))
        published.refresh()
    users.sync_roles()
    if users.find(REP) is None:
        users.create(REP, roles=(REP,), password="a rep measures", full_name="Lan Nguyễn")
        users.create("other", roles=(REP,), password="another measures", full_name="Minh Trần")


def fill_once(deals: int) -> None:
    """The same tables with that many deals, in the database that is worked on now."""
    _prepare()
    with _connect() as connection:
        there, = connection.execute("SELECT count(*) FROM records.deals").fetchone()
    if there != deals:
        _fill(deals, lambda *_: None)


def _fill(deals: int, say) -> None:
    """Rows straight into the tables, then the indexes the product itself wants, built as it builds them."""
    own, other = users.get(REP).id, users.get("other").id
    say(f"Filling {ACCOUNTS:,} accounts and {deals:,} deals (once) …")
    with _connect() as connection:
        for name, in connection.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'records' "
                                        "AND (indexname LIKE 'ix\\_%' OR indexname LIKE 'uq\\_%')").fetchall():
            connection.execute(f'DROP INDEX records."{name}"')
        for statement in data.statements(ACCOUNTS, deals, own, other):
            connection.execute(statement)
        say("Building the indexes …")
        indexes.bring_up_to_date(published.refresh())
        connection.execute("VACUUM ANALYZE")


def _sweep(deals: int) -> None:
    """Take away what a former run added."""
    with _connect() as connection:
        gone = connection.execute("DELETE FROM records.deals WHERE id > %s", (deals,)).rowcount
        for trigger in ("DISABLE", "ENABLE"):       # nothing else may forget history: docs/decisions/0014
            for table in ("history", "history_seal"):
                connection.execute(f"ALTER TABLE house.{table} {trigger} TRIGGER keep")
            if trigger == "DISABLE":
                connection.execute("TRUNCATE house.history, house.history_seal, house.history_purge")
        connection.execute("UPDATE house.history_head SET number = 0, hash = sha256('')")
        connection.execute("TRUNCATE house.event, house.delivery, house.idempotency CASCADE")
        connection.execute("DELETE FROM house.session")
        connection.execute("DELETE FROM house.api_key")
        if gone:
            connection.execute("VACUUM (ANALYZE) records.deals")
        connection.execute("CHECKPOINT")


def _connect() -> psycopg.Connection:
    return psycopg.connect(_address(), autocommit=True)


def _address() -> str:
    return embedded.addresses().database_url.replace("+psycopg", "")
