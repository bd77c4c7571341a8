"""Sweep files: uploads that no record ever took are thrown away after a day."""
from datetime import timedelta
from typing import Any

from runtime.db import clock
from runtime.files import store
from runtime.kinds.chore import Chore


class SweepFiles(Chore):
    name = "sweep_files"
    label = "Throw away uploads that no record took"
    every = timedelta(hours=12)

    def run(self, tx: Any) -> None:
        store.sweep(tx.connection, clock.now() - timedelta(days=1))
