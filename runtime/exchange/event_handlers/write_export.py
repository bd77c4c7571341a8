"""Write export: a worker writes the file that somebody asked for; a killed one is begun again."""
from typing import Any

from runtime.exchange import exports
from runtime.kinds.event_handler import EventHandler
from runtime.values import Event


class WriteExport(EventHandler):
    name = "write_export"
    label = "Write exports"
    events = ("export.requested",)
    queue = "slow"
    always = True
    long = True

    def handle(self, event: Event, tx: Any) -> None:
        exports.run(event.payload["export_id"])
