"""Purge retired: columns and tables put aside more than 30 days ago are dropped, their ids stay taken."""
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.kinds.chore import Chore
from runtime.tables import build, locks

KEPT = timedelta(days=30)


class PurgeRetired(Chore):
    name = "purge_retired"
    label = "Purge removed fields and modules"
    every = timedelta(days=1)

    def run(self, tx: Any) -> None:
        before = clock.now() - KEPT
        locks.hurry(tx.connection)
        quote = tx.connection.dialect.identifier_preparer.quote
        tables = dict(tx.execute(sa.text(
            "SELECT attribute.attname, owner.relname FROM pg_attribute AS attribute "
            "JOIN pg_class AS owner ON owner.oid = attribute.attrelid JOIN pg_namespace AS space ON space.oid = owner.relnamespace "
            "WHERE space.nspname = 'records' AND owner.relkind = 'r' AND attribute.attname LIKE 'retired\\_%'")).all())
        for row in tx.execute(sa.text("SELECT id, columns FROM house.metadata_retired_column WHERE retired_at < :before"),
                              {"before": before}).all():
            for column in row.columns.values():
                if column in tables:
                    tx.execute(sa.text(f"ALTER TABLE {build.SCHEMA}.{quote(tables[column])} DROP COLUMN IF EXISTS {quote(column)}"))
            tx.execute(sa.text("DELETE FROM house.metadata_retired_column WHERE id = :id"), {"id": row.id})
        for id in tx.scalars(sa.text("SELECT id FROM house.metadata_id WHERE noun = 'module' AND retired_at < :before "
                                     "AND purged_at IS NULL"), {"before": before}).all():
            tx.execute(sa.text(f"DROP TABLE IF EXISTS {build.SCHEMA}.{quote(build.retired_name(id))} CASCADE"))
        tx.execute(sa.text("UPDATE house.metadata_id SET purged_at = :now WHERE retired_at < :before AND purged_at IS NULL"),
                   {"now": clock.now(), "before": before})
