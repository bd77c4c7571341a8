"""The exchange room: files in and out. Imports are checked, run in batches through the record pipeline, and can be undone.

reading (a file as headings and rows) -> mapping (columns to fields) -> loading (cells to clean values, links found)
-> run (batches, checkpoint, resume) -> undo. The screens look at all of it through `look`. Exports of many rows are written by a
worker and wait to be fetched (`exports`).
"""
from collections.abc import Callable

from runtime.locale.text import lazy
from runtime.security import policy
from runtime.tables import published
from runtime.values import Actor
from runtime.web.menu import Item


def _may(verb: str) -> Callable[[Actor], bool]:
    return lambda actor: any(policy.may(actor, verb, module) for module in published.current().definitions.modules.values())


menu = (Item(lazy("Import"), "/import", "file-import", group=lazy("Administration"), position=900, shown=_may("import")),
        Item(lazy("Exports"), "/exports", "download", group=lazy("Administration"), position=901, shown=_may("export")))
