"""What every noun shares: a stable id, a folder of its own, and its JSON document."""
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Self


@dataclass(frozen=True, kw_only=True)
class Document:
    """A definition that lives at `folder/key` in a bundle, a draft and a published version.

    The JSON document has exactly the dataclass's fields; those at their default are left out.
    """
    folder: ClassVar[str]
    """The plural noun; "" for what has no file of its own among the nouns (a field lies in its module)."""
    schema: ClassVar[str] = ""
    """Name of its JSON Schema in metadata/schemas; the class's own name in small letters where it is empty."""
    kinds: ClassVar[str] = ""
    """The family of `kind`, where the document has one: `settings` are what that kind asks for."""
    chains: ClassVar[Mapping[str, tuple[str, str]]] = MappingProxyType({"actions": ("actions", "action")})
    """{property: (family, key)}: lists of kinds, each {key: name of the kind, "settings": what it asks for}."""
    id: str
    name: str

    @property
    def path(self) -> str:
        """Where it lies: "modules/deals", "views/deals.open"."""
        return f"{self.folder}/{self.key}"

    @property
    def key(self) -> str:
        return self.name

    @property
    def noun(self) -> str:
        """In words: "validation rule"."""
        return noun_name(type(self)).replace("_", " ")

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The document has passed its JSON Schema; "$schema" is dropped."""
        known = _properties(cls)
        return cls(**{name: cls.read(name, value) for name, value in document.items() if name in known})

    @classmethod
    def read(cls, name: str, value: Any) -> Any:
        """One property from JSON; lists become tuples. Nouns with nested nouns override."""
        return tuple(value) if isinstance(value, list) else value

    def to_json(self) -> dict[str, Any]:
        """In the order of the dataclass's fields, defaults left out."""
        document = {}
        for name, default in _defaults(type(self)):
            value = getattr(self, name)
            if default is MISSING or value != default:
                document[name] = value if isinstance(value, (str, int)) else _plain(value)
        return document


@cache
def noun_name(noun: type[Document]) -> str:
    """ValidationRule -> "validation_rule": also the name of its schema's file."""
    return noun.schema or re.sub(r"(?<!^)(?=[A-Z])", "_", noun.__name__).lower()


@cache
def _defaults(noun: type[Document]) -> tuple[tuple[str, Any], ...]:
    """(property, its default or MISSING), in order."""
    return tuple((field.name, field.default_factory() if field.default_factory is not MISSING else field.default)
                 for field in fields(noun))


@cache
def _properties(noun: type[Document]) -> frozenset[str]:
    return frozenset(field.name for field in fields(noun))


def _plain(value: Any) -> Any:
    if isinstance(value, Document):
        return value.to_json()
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
