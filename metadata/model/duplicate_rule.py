"""A duplicate rule: which records of a module are probably the same, and what happens when one more is saved."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class DuplicateRule(Document):
    """compare: [{"field", "by": "exact" | "folded" (case, accents and spaces do not count) | "similar" (words alike) |
    "digits" (phone numbers)}]; a record is a likely duplicate where all of them agree. action: "warn" (may be saved anyway)
    or "block"."""
    folder: ClassVar[str] = "duplicate_rules"
    id: str
    name: str
    label: str = ""
    module: str
    compare: tuple[Mapping[str, Any], ...]
    action: str = "warn"
    active: bool = True

    @property
    def key(self) -> str:
        return f"{self.module}.{self.name}"
