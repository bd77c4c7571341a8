"""Check values: a worker looks which values of a large module a change of type would lose; shown in the review meanwhile."""
from typing import Any

from runtime.kinds.event_handler import EventHandler
from runtime.publish import value_checks
from runtime.values import Event


class CheckValues(EventHandler):
    name = "check_values"
    label = "Check values that change their type"
    events = ("check.requested",)
    queue = "slow"
    always = True
    long = True

    def handle(self, event: Event, tx: Any) -> None:
        value_checks.run(event.payload["key"])
