"""Who hears what: the catalogue's event handlers and chores, told to the outbox."""
from typing import Any

from runtime.db import outbox
from runtime.kinds.kind import Catalogue
from runtime.values import Event

CHORE = "chore:"


def register(catalogue: Catalogue) -> None:
    """Called once by every roof (web, worker, command line) before anything is emitted."""
    heard: dict[str, list[outbox.Listener]] = {}
    for handler in catalogue.all("event_handlers"):
        wants = handler.wants if _asks(handler) else None
        for name in handler.events:
            heard.setdefault(name, []).append(outbox.Listener(handler.name, handler.queue, wants, handler.always))
    for chore in catalogue.all("chores"):
        heard.setdefault("chore.due", []).append(
            outbox.Listener(CHORE + chore.name, chore.queue, _is_due(chore.name), always=True))
    outbox.listen(heard)


def _asks(handler: Any) -> bool:
    return any("wants" in vars(one) for one in type(handler).__mro__ if one.__name__ != "EventHandler")


def _is_due(name: str):
    def is_due(event: Event) -> bool:
        return event.payload.get("chore") == name
    return is_due
