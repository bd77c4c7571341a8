"""A view kind: one way to show a module's records (table, kanban, calendar)."""
from typing import Any, ClassVar

from runtime.kinds.kind import Kind


class ViewKind(Kind):
    """The bar with filters, words and saved views is the same for all of them; a kind draws what stands below it."""
    family = "view_kinds"
    icon: ClassVar[str] = "table"
    template: ClassVar[str] = "records/_rows.html"
    """What stands below the bar."""
    styles: ClassVar[tuple[str, ...]] = ()
    scripts: ClassVar[tuple[str, ...]] = ()
    """Files under /static/ that a page with it needs besides the usual ones."""

    def held(self, view: Any) -> tuple[str, ...]:
        """The fields each part of the view holds to one value (a lane's choice): its index begins with them, and who may not
        read them is not shown the view."""
        return ()

    def problems(self, view: Any, module: Any, catalogue: Any) -> list[str]:
        """What a JSON Schema cannot say about the settings of a view. Sentences."""
        return []

    def context(self, at: Any, state: Any) -> dict[str, Any] | None:
        """What the template needs besides the bar; None = the rows of a table. at: a Visit; state: the list's state."""
        return None
