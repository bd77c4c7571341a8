"""A view kind: one way to show a module's records (table, kanban, calendar)."""
from typing import ClassVar

from runtime.kinds.kind import Kind


class ViewKind(Kind):
    family = "view_kinds"
    icon: ClassVar[str] = "table"
    template: ClassVar[str] = "records/list.html"
