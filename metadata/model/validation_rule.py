"""A validation rule: what must never be saved, and the sentence that says why."""
from dataclasses import dataclass
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class ValidationRule(Document):
    """refuse_if: a criteria tree or {"expression": text}; the save is refused when it holds.

    field: beside which field the message stands ("" = on top of the form). on: "create", "update" or both.
    """
    folder: ClassVar[str] = "validation_rules"
    id: str
    name: str
    module: str
    refuse_if: Any
    message: str
    field: str = ""
    on: tuple[str, ...] = ("create", "update")
    active: bool = True

    @property
    def key(self) -> str:
        return f"{self.module}.{self.name}"
