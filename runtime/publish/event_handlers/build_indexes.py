"""Build indexes: after a publish, the indexes its modules need now, without holding anybody up."""
from typing import Any

from runtime.kinds.event_handler import EventHandler
from runtime.tables import indexes, published
from runtime.values import Event


class BuildIndexes(EventHandler):
    name = "build_indexes"
    label = "Build indexes"
    events = ("metadata.published",)
    queue = "slow"
    always = True
    long = True

    def handle(self, event: Event, tx: Any) -> None:
        """Says what should be there, not what changed: repeated or late, it leaves the same state."""
        now = published.refresh()
        indexes.bring_up_to_date(now, event.payload.get("modules"))
