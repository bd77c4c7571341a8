"""The exchange room: files in and out. Imports are checked, run in batches through the record pipeline, and can be undone.

reading (a file as headings and rows) -> mapping (columns to fields) -> loading (cells to clean values, links found)
-> run (batches, checkpoint, resume) -> undo. The screens look at all of it through `look`.
"""
from runtime.locale.text import lazy
from runtime.security import policy
from runtime.tables import published
from runtime.values import Actor
from runtime.web.menu import Item


def _may_import(actor: Actor) -> bool:
    return any(policy.may(actor, "import", module) for module in published.current().definitions.modules.values())


menu = (Item(lazy("Import"), "/import", "file-import", group=lazy("Administration"), position=900, shown=_may_import),)
