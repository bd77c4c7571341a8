"""A chore: the house's own periodic work, fired by the clock once per due time."""
from datetime import timedelta
from typing import Any, ClassVar

from runtime.kinds.kind import Kind


class Chore(Kind):
    family = "chores"
    every: ClassVar[timedelta] = timedelta(days=1)

    def run(self, tx: Any) -> None:
        raise NotImplementedError
