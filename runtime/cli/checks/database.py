"""Is the database there, new enough, durable, and are the house's own tables current?"""
import sqlalchemy as sa

from runtime.db import schema
from runtime.kinds.check import Check, Finding

OLDEST = 150000


class Database(Check):
    name = "database"
    label = "Database"

    def look(self, connection: sa.Connection) -> Finding:
        version = int(connection.scalar(sa.text("SHOW server_version_num")))
        durable = [connection.scalar(sa.text(f"SHOW {name}")) for name in ("fsync", "full_page_writes")]
        revision = schema.revision(connection)
        figures = {"version": version, "revision": revision,
                   "size": connection.scalar(sa.text("SELECT pg_database_size(current_database())"))}
        if version < OLDEST:
            return Finding(False, f"PostgreSQL {version // 10000} is too old; 15 is the oldest that serves.", figures)
        if revision != schema.newest():
            return Finding(False, f"The tables are at {revision}, the code at {schema.newest()}. `crm run` updates them.",
                           figures)
        if durable != ["on", "on"]:
            return Finding(False, "fsync or full_page_writes is off: a power cut may lose what was saved.", figures)
        return Finding(True, f"PostgreSQL {version // 10000}.{version % 10000}, tables at {revision}.", figures)
