"""An event handler: listens to the outbox; runs in a worker, in one transaction together with its receipt."""
from typing import Any, ClassVar

from runtime.kinds.kind import Kind
from runtime.values import Event


class EventHandler(Kind):
    family = "event_handlers"
    events: ClassVar[tuple[str, ...]] = ()
    queue: ClassVar[str] = "default"
    """Which workers run it: "default", or "slow" for what takes minutes."""
    always: ClassVar[bool] = False
    """Heard even where a chain of rules is cut off (roll-ups, indexes, notices of the house)."""
    long: ClassVar[bool] = False
    """Called without a transaction (tx is None), opens its own and can be resumed; may run again after a crash."""

    tried: ClassVar[bool] = False
    """Heard in scenarios too (at once, in their throw-away tables): only what reaches nothing beyond the records."""

    def wants(self, event: Event) -> bool:
        """Asked at emit time, cheaply, so that no delivery is written that nobody needs."""
        return True

    def handle(self, event: Event, tx: Any) -> None:
        """Act on one event. Delivered twice, it must leave the same state; the receipt sees to the rest."""
        raise NotImplementedError
