"""Forget imports: 60 days after they began, uploads, error lists and the imports themselves go; the records stay."""
from datetime import timedelta
from typing import Any

from runtime.db import clock
from runtime.exchange import service, store
from runtime.kinds.chore import Chore

KEPT = timedelta(days=60)


class ForgetImports(Chore):
    name = "forget_imports"
    label = "Forget old imports and their files"
    every = timedelta(days=1)

    def run(self, tx: Any) -> None:
        for import_id in store.past(tx, clock.now() - KEPT):
            service.forget(import_id)
