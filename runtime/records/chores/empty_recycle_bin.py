"""Empty the recycle bin: what has lain there for 60 days is gone for good, with its history and files."""
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.files import store
from runtime.kinds.chore import Chore
from runtime.records import history
from runtime.tables.published import current
from runtime.values import HOUSE

KEPT = timedelta(days=60)
BATCH = 1_000
MOST_BATCHES = 20
"""Of one module at one time; the rest goes six hours later."""


class EmptyRecycleBin(Chore):
    name = "empty_recycle_bin"
    label = "Empty the recycle bin after 60 days"
    every = timedelta(hours=6)

    def run(self, tx: Any) -> None:
        now = current()
        before = clock.now() - KEPT
        for module in now.definitions.modules.values():
            table = now.table(module.name)
            old = sa.select(table.c.id).where(table.c.deleted_at < before).limit(BATCH)
            for _batch in range(MOST_BATCHES):
                gone = tx.scalars(table.delete().where(table.c.id.in_(old)).returning(table.c.id)).all()
                if not gone:
                    break
                history.purge(tx, module, gone, HOUSE, clock.now())
                store.abandon(tx.connection, module.id, gone)
