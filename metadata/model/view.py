"""A view: a saved way to look at a module's records."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class View(Document):
    """kind: a view kind ("table"); columns: paths ("name", "account.industry"); criteria: a criteria tree or None.

    sort: [{"field": path, "descending": bool}]; sums: paths totalled in the footer; settings: the kind's own.
    deadlines: dates among the columns that say so when they are late or today.
    """
    folder: ClassVar[str] = "views"
    kinds: ClassVar[str] = "view_kinds"
    id: str
    name: str
    module: str
    label: str
    kind: str = "table"
    columns: tuple[str, ...] = ()
    criteria: Mapping[str, Any] | None = None
    sort: tuple[Mapping[str, Any], ...] = ()
    sums: tuple[str, ...] = ()
    deadlines: tuple[str, ...] = ()
    position: int = 100
    default: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.module}.{self.name}"
