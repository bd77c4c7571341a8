"""Run import: a worker takes an import that somebody started, in batches; resumed after a crash where it stopped."""
from typing import Any

from runtime.db.transaction import transaction
from runtime.errors import RuntimeProblem
from runtime.exchange import run, store, undo
from runtime.exchange.service import SOON
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
        except run.Busy:
            with transaction() as again:        # whoever runs it may be lost yet: look once more
                again.emit(event.name, actor=run.actor_or_house(store.get(number)), payload=event.payload, after=SOON)
        except RuntimeProblem:
            pass        # the run itself says what stopped it; trying again would say the same


__all__ = ["RunImport"]
