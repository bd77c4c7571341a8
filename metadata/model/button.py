"""A button: an action (or a chain) people can start on a record or a list."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class Button(Document):
    """place: "record", "row" or "bulk"; actions: [{"action": kind name, "settings": {…}}]; roles: () = everybody."""
    folder: ClassVar[str] = "buttons"
    id: str
    name: str
    module: str
    label: str
    place: str = "record"
    icon: str = "bolt"
    show_if: Any = None
    roles: tuple[str, ...] = ()
    confirm: str = ""
    actions: tuple[Mapping[str, Any], ...] = ()

    @property
    def key(self) -> str:
        return f"{self.module}.{self.name}"
