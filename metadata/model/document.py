"""What every noun shares: a stable id, a folder of its own, and its JSON document."""
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Self


@dataclass(frozen=True, kw_only=True)
class Document:
    """A definition that lives at `folder/key` in a bundle, a draft and a published version.

    The JSON document has exactly the dataclass's fields; those at their default are left out.
    """
    folder: ClassVar[str]
    id: str
    name: str

    @property
    def path(self) -> str:
        """Where it lies: "modules/deals", "views/deals.open"."""
        return f"{self.folder}/{self.key}"

    @property
    def key(self) -> str:
        return self.name

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The document has passed its JSON Schema; "$schema" is dropped."""
        return cls(**{field.name: cls.read(field.name, document[field.name])
                      for field in fields(cls) if field.name in document})

    @classmethod
    def read(cls, name: str, value: Any) -> Any:
        """One property from JSON; lists become tuples. Nouns with nested nouns override."""
        return tuple(value) if isinstance(value, list) else value

    def to_json(self) -> dict[str, Any]:
        """In the order of the dataclass's fields, defaults left out."""
        document = {}
        for field in fields(self):
            value = getattr(self, field.name)
            default = field.default if field.default is not MISSING else (
                field.default_factory() if field.default_factory is not MISSING else MISSING)
            if default is MISSING or value != default:
                document[field.name] = _plain(value)
        return document


def _plain(value: Any) -> Any:
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
