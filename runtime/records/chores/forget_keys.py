"""Forget idempotency keys after their 24 hours."""
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.kinds.chore import Chore


class ForgetKeys(Chore):
    name = "forget_keys"
    label = "Forget old idempotency keys"
    every = timedelta(hours=1)

    def run(self, tx: Any) -> None:
        tx.execute(sa.text("DELETE FROM house.idempotency WHERE at < :before"), {"before": clock.now() - timedelta(hours=24)})
