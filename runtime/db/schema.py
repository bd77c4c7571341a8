"""The house's own tables, brought up to date: prepare() runs what is missing of `migrations/`."""
from pathlib import Path

import sqlalchemy as sa

from runtime.db import engine as engines

VERSIONS = Path(__file__).parent / "migrations" / "versions"
LOCK = 0x42414E59


def newest() -> str:
    """The last revision. A revision is named like its file, and files are in order."""
    return max(file.stem for file in VERSIONS.glob("[0-9]*.py"))


def revision(connection: sa.Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    if connection.scalar(sa.text("SELECT to_regclass('house.alembic_version')")) is None:
        return None
    return connection.scalar(sa.text("SELECT version_num FROM house.alembic_version"))


def prepare(engine: sa.Engine | None = None) -> bool:
    """Bring the house's tables up to date; True when there was something to do. Safe to call from several processes."""
    engine = engine or engines.engine()
    with engine.connect() as connection:
        if revision(connection) == newest():
            return False
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if revision(connection) == newest():
            return False
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS house"))
        _upgrade(connection)
    return True


def _upgrade(connection: sa.Connection) -> None:
    from alembic.config import Config  # here: costs 0.2 s at every start, and is needed at the first alone
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, script, fn=lambda at, _: script._upgrade_revs("head", at)) as environment:
        environment.configure(connection=connection, version_table_schema="house")
        environment.run_migrations()
