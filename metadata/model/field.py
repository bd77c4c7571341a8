"""A field of a module: one value (or a few parts of one value) of every record."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class Field(Document):
    """type: name of a field type; settings: checked by that type's own schema.

    required: asked of people and of every other channel, never of the database.
    unique: no two records (outside the recycle bin) share the value.
    publish_result: a formula or roll-up may be read even by those who may not read its inputs (audited).
    aliases: other headings files use for it ("Potential Name"); only the import's guesses read them.
    """
    folder: ClassVar[str] = ""
    id: str
    name: str
    label: str
    type: str
    required: bool = False
    unique: bool = False
    read_only: bool = False
    publish_result: bool = False
    default: Any = None
    help: str = ""
    placeholder: str = ""
    aliases: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    system: ClassVar[bool] = False


class SystemField(Field):
    """Made by the house, in every module (id, owner, created_at, …); never stands in a document."""
    system: ClassVar[bool] = True
