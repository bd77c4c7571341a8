"""Run import: a worker takes an import that somebody started, in batches; resumed after a crash where it stopped."""
from typing import Any

from runtime.errors import RuntimeProblem
from runtime.exchange import run, store, undo
from runtime.kinds.event_handler import EventHandler
from runtime.locale.text import speaking
from runtime.values import Event


class RunImport(EventHandler):
    name = "run_import"
    label = "Run imports and their undoing"
    events = ("import.requested", "import.undo_requested")
    queue = "slow"
    always = True
    long = True

    def handle(self, event: Event, tx: Any) -> None:
        number = event.payload["import_id"]
        try:
            with speaking(run.actor_of(store.get(number)).language):        # reasons are kept as whoever began it reads them
                (run.go if event.name == "import.requested" else undo.go)(number)
        except RuntimeProblem:
            pass        # the run itself says what stopped it; trying again would say the same


__all__ = ["RunImport"]
