"""A role: what its people may do with each module and each field."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class Role(Document):
    """modules: {module id or "*": {"read": "all"|"own"|"no", "create": bool, "edit": "all"|"own"|"no",
    "delete": "all"|"own"|"no", "import": bool, "export": bool, "give": bool,
    "fields": {field id: "hidden"|"read"|"edit"}}}. "give": may set another owner.

    "*" stands for modules not named; a field not named may be edited when the record may be. Several roles add up.
    """
    folder: ClassVar[str] = "roles"
    id: str
    name: str
    label: str
    description: str = ""
    modules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    builder: bool = False
    """May edit metadata (drafts and publishing)."""
    designs: tuple[str, ...] = ()
    """May edit and publish only these nouns ("layouts", "views"), by their folders; nothing more where `builder` is not set."""
