"""Forget imports: 60 days after they began, uploads, error lists and the imports themselves go; the records stay.

So do files of the same age that no import has.
"""
from datetime import timedelta
from typing import Any

from runtime.db import clock
from runtime.exchange import forgetting, store
from runtime.kinds.chore import Chore

KEPT = timedelta(days=60)


class ForgetImports(Chore):
    name = "forget_imports"
    label = "Forget old imports and their files"
    every = timedelta(days=1)

    def run(self, tx: Any) -> None:
        before = clock.now() - KEPT
        for import_id in store.past(tx, before):
            forgetting.forget(import_id)
        forgetting.sweep(tx, before)
