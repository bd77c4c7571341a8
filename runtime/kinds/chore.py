"""A chore: the house's own periodic work, fired by the clock once per due time."""
from datetime import timedelta
from typing import Any, ClassVar

from runtime.kinds.kind import Kind


class Chore(Kind):
    family = "chores"
    every: ClassVar[timedelta] = timedelta(days=1)
    queue: ClassVar[str] = "default"
    long: ClassVar[bool] = False
    """Called without a transaction (tx is None), as for event handlers."""

    def run(self, tx: Any) -> None:
        raise NotImplementedError
