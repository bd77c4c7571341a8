"""Forget exports: a file nobody needs any more goes after a week; who took what is remembered for a year."""
from datetime import timedelta
from typing import Any

from runtime.exchange import exports
from runtime.kinds.chore import Chore


class ForgetExports(Chore):
    name = "forget_exports"
    label = "Forget the files of exports"
    every = timedelta(hours=6)
    long = True

    def run(self, tx: Any) -> None:
        exports.sweep()
