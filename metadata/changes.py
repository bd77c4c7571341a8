"""Changes: from one set of definitions to another, each change a sentence. Everything is matched by id, so a rename is a rename."""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.definitions import Definitions
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module


@dataclass(frozen=True)
class Change:
    """One step of a plan; str() is its sentence. Those that touch tables are carried out by runtime/tables/migrate.py."""


@dataclass(frozen=True)
class RetireModule(Change):
    module: Module

    def __str__(self) -> str:
        return f"Remove module '{self.module.plural}'. Its records are kept for 30 days and can be brought back."


@dataclass(frozen=True)
class RenameModule(Change):
    before: Module
    module: Module

    def __str__(self) -> str:
        return (f"Rename module '{self.before.name}' to '{self.module.name}'. "
                "Its records stay; addresses, the API and files that use the old name must follow.")


@dataclass(frozen=True)
class RestoreModule(Change):
    """before: the module as it was when it was retired."""
    before: Module
    module: Module

    def __str__(self) -> str:
        return f"Bring back module '{self.module.plural}' with its records."


@dataclass(frozen=True)
class AddModule(Change):
    module: Module

    def __str__(self) -> str:
        fields = len(self.module.fields)
        return f"Add module '{self.module.plural}' with {fields} field{'' if fields == 1 else 's'}."


@dataclass(frozen=True)
class RetireField(Change):
    module: Module
    field: Field

    def __str__(self) -> str:
        return (f"Remove field '{self.field.label}' from {self.module.label}. "
                "Its values are kept for 30 days and can be brought back.")


@dataclass(frozen=True)
class RenameField(Change):
    module: Module
    before: Field
    field: Field

    def __str__(self) -> str:
        return (f"Rename field '{self.before.name}' of {self.module.label} to '{self.field.name}'. "
                "Its values stay; views, rules and formulas follow.")


@dataclass(frozen=True)
class RestoreField(Change):
    """before: the field as it was when it was retired."""
    module: Module
    before: Field
    field: Field

    def __str__(self) -> str:
        return f"Bring back field '{self.field.label}' of {self.module.label} with its values."


@dataclass(frozen=True)
class AddField(Change):
    module: Module
    field: Field

    def __str__(self) -> str:
        return f"Add field '{self.field.label}' to {self.module.label}."


@dataclass(frozen=True)
class ChangeFieldType(Change):
    """before.name may differ from field.name: a rename in the same step."""
    module: Module
    before: Field
    field: Field

    def __str__(self) -> str:
        return (f"Change the type of '{self.field.label}' of {self.module.label} from {self.before.type} to "
                f"{self.field.type}. Values that do not fit stay in the old column, where they can be brought back.")


@dataclass(frozen=True)
class ChangeField(Change):
    """Anything but name and type."""
    module: Module
    before: Field
    field: Field

    def __str__(self) -> str:
        return f"Change field '{self.field.label}' of {self.module.label}: {_differences(self.before, self.field)}."


@dataclass(frozen=True)
class AddDocument(Change):
    document: Document
    home: str = ""

    def __str__(self) -> str:
        return f"Add {_called(self.document, self.home)}."


@dataclass(frozen=True)
class RetireDocument(Change):
    document: Document
    home: str = ""

    def __str__(self) -> str:
        return f"Remove {_called(self.document, self.home)}."


@dataclass(frozen=True)
class ChangeDocument(Change):
    before: Document
    document: Document
    home: str = ""

    def __str__(self) -> str:
        return f"Change {_called(self.document, self.home)}: {_differences(self.before, self.document)}."


def between(live: Definitions, draft: Definitions, retired: Mapping[str, Document] | None = None) -> list[Change]:
    """The changes that make `live` into `draft`, in the order they are carried out.

    retired: {id: module or field as it was when it was retired}; a draft that names such an id brings it back.
    """
    retired = retired or {}
    found = [*_modules(live, draft, retired), *_documents(live, draft)]
    return sorted(found, key=lambda change: _ORDER.index(type(change)))


_ORDER = (RetireModule, RenameModule, RestoreModule, AddModule, RetireField, RenameField, RestoreField, AddField,
          ChangeFieldType, ChangeField, RetireDocument, ChangeDocument, AddDocument)


def _modules(live: Definitions, draft: Definitions, retired: Mapping[str, Document]) -> Iterator[Change]:
    for module in live.modules.values():
        if draft.module_by_id(module.id) is None:
            yield RetireModule(module)
    for module in draft.modules.values():
        before = live.module_by_id(module.id)
        if before is module:
            continue
        if before is None:
            before = retired.get(module.id)
            if not isinstance(before, Module):
                yield AddModule(module)
                continue
            yield RestoreModule(before, module)
        elif before.name != module.name:
            yield RenameModule(before, module)
        yield from _fields(before, module, retired)
        if _properties(before) != _properties(module) or _order(before, module) != _order(module, before):
            yield ChangeDocument(before, module)


def _fields(before: Module, module: Module, retired: Mapping[str, Document]) -> Iterator[Change]:
    olds = {field.id: field for field in before.fields}
    news = {field.id: field for field in module.fields}
    for field in before.fields:
        if field.id not in news:
            yield RetireField(module, field)
    for field in module.fields:
        old = olds.get(field.id)
        if old is None:
            old = retired.get(field.id)
            if not isinstance(old, Field):
                yield AddField(module, field)
                continue
            yield RestoreField(module, old, field)
        elif old.name != field.name:
            yield RenameField(module, old, field)
        if old.type != field.type:
            yield ChangeFieldType(module, old, field)
        elif _properties(old) != _properties(field):
            yield ChangeField(module, old, field)


def _documents(live: Definitions, draft: Definitions) -> Iterator[Change]:
    olds = {document.id: document for document in live.documents.values() if not isinstance(document, Module)}
    kept = set()
    for document in draft.documents.values():
        if isinstance(document, Module):
            continue
        kept.add(document.id)
        before = olds.get(document.id)
        if before is None:
            yield AddDocument(document, _home(draft, document))
        elif before is not document and before != document:
            yield ChangeDocument(before, document, _home(draft, document))
    for id, document in olds.items():
        if id not in kept:
            yield RetireDocument(document, _home(live, document))


def _home(definitions: Definitions, document: Document) -> str:
    """The label of the module it belongs to, "" where it belongs to none."""
    module = definitions.module(getattr(document, "module", "") or "")
    return module.label if module else ""


def _properties(noun: Document) -> dict[str, Any]:
    """All but the name, and the fields of a module, which have changes of their own."""
    content = noun.to_json()
    content.pop("name")
    if isinstance(noun, Module):
        content.pop("fields", None)
    return content


def _order(module: Module, other: Module) -> list[str]:
    """The ids of the fields both have, in this one's order."""
    return [field.id for field in module.fields if field.id in other.by_id]


def _called(document: Document, home: str) -> str:
    label = getattr(document, "label", "") or document.name
    return f"{document.noun} '{label}'{f' of {home}' if home else ''}"


def _differences(before: Document, after: Document) -> str:
    """What differs, in words: "required from no to yes, settings (choices)"."""
    olds, news = before.to_json(), after.to_json()
    parts = []
    for name in dict.fromkeys([*olds, *news]):
        old, new = olds.get(name), news.get(name)
        if old == new or name == "fields":
            continue
        word = name.replace("_", " ")
        if isinstance(old, dict) or isinstance(new, dict):
            inner = [key for key in dict.fromkeys([*(old or {}), *(new or {})]) if (old or {}).get(key) != (new or {}).get(key)]
            parts.append(f"{word} ({', '.join(inner[:6])})")
        elif isinstance(old, list) or isinstance(new, list):
            parts.append(f"{word}{_listed(old or [], new or [])}")
        else:
            parts.append(f"{word} from {_word(old)} to {_word(new)}")
    return ", ".join(parts) or "the order of its fields"


def _listed(old: list[Any], new: list[Any]) -> str:
    if not all(isinstance(item, str) for item in old + new):
        return ""
    added, gone = [item for item in new if item not in old], [item for item in old if item not in new]
    told = ([f"with {', '.join(added[:5])}"] if added else []) + ([f"without {', '.join(gone[:5])}"] if gone else [])
    return f" ({'; '.join(told) or 'in another order'})"


def _word(value: Any) -> str:
    return {None: "nothing", True: "yes", False: "no"}.get(value) if value is None or isinstance(value, bool) \
        else f"'{str(value)[:60]}'"
