"""Seal history: a minute after they were written, rows join the chain that shows when somebody changes them."""
from datetime import timedelta
from typing import Any

from runtime.kinds.chore import Chore
from runtime.records import seals


class SealHistory(Chore):
    name = "seal_history"
    label = "Seal the history of records"
    every = timedelta(minutes=1)
    long = True

    def run(self, tx: Any) -> None:
        seals.seal()
