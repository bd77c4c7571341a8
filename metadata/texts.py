"""Texts: everything people read in definitions, and where a translation keeps its counterpart in another language.

The JSON Schemas say which properties are read, in the nouns and in the kinds' settings alike: format "label" (a name) or
"words" (a sentence). `shared` names a place that all definitions with the same text have in common (menu headings).

A text's address is its document's, then each step inside: an object of a list by what tells it from the others (its name,
its value, else what it must have), without the word "settings"; an object's own label by the object alone, unless that is
a definition: "modules.deals.fields.stage.label", "modules.deals.fields.stage.choices.Won", "layouts.deals.standard.sections.money".
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata import shape
from metadata.definitions import Definitions
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module

READ = frozenset({"label", "words"})
LABEL = "label"


@dataclass(frozen=True, slots=True)
class Text:
    """said: as the definition has it. folder: its noun's; module: the name of the one it belongs to, "" for none.
    what: the property's title; most: its longest length."""
    address: str
    said: str
    folder: str
    module: str
    what: str
    most: int = 500


def texts(definitions: Definitions, catalogue: Any) -> Iterator[Text]:
    """Each address once, in the order of the definitions: a module's own, then what belongs to it."""
    seen: set[str] = set()
    for document in definitions.documents.values():
        for text in of(document, catalogue):
            if text.address not in seen:
                seen.add(text.address)
                yield text


def of(document: Document, catalogue: Any) -> tuple[Text, ...]:
    """What people read of one document; kept with it, since documents never change."""
    known = document.__dict__.get("_texts")
    if known is None or known[0] is not catalogue:
        known = document.__dict__["_texts"] = (catalogue, tuple(_of(document, catalogue)))
    return known[1]  # type: ignore[no-any-return]


def _of(document: Document, catalogue: Any) -> Iterator[Text]:
    module = document.name if isinstance(document, Module) else getattr(document, "module", "") or ""
    walk = _Walk(document.folder, module)
    at = f"{document.folder}.{document.key}"
    own = {name: each for name, each in vars(document).items() if name != "fields"}
    yield from walk.object(shape.schema(type(document)), own, at)
    for field in document.fields if isinstance(document, Module) else ():
        place = f"{at}.fields.{field.name}"
        yield from walk.object(shape.schema(Field), vars(field), place)
        if field.settings and catalogue.has("field_types", field.type):
            yield from walk.object(catalogue.get("field_types", field.type).settings_schema, field.settings, place)
    if document.kinds and getattr(document, "settings", None) and catalogue.has(document.kinds, document.kind):
        yield from walk.object(catalogue.get(document.kinds, document.kind).settings_schema, document.settings, at)


class _Walk:
    def __init__(self, folder: str, module: str):
        self.folder, self.module = folder, module

    def value(self, schema: Any, value: Any, at: str) -> Iterator[Text]:
        if isinstance(value, str):
            if schema.get("format") in READ:
                place = f"{schema['shared']}.{value}" if "shared" in schema else at
                yield Text(place, value, self.folder, "" if "shared" in schema else self.module, schema.get("title", ""),
                           schema.get("maxLength", 500))
        elif isinstance(value, Mapping):
            yield from self.object(schema, value, at)
        elif isinstance(value, (list, tuple)):
            items = schema.get("items", {})
            for each in value:
                if isinstance(each, Mapping):
                    yield from self.object(items, each, f"{at}.{_called(items, each)}", listed=True)

    def object(self, schema: Mapping[str, Any], value: Mapping[str, Any], at: str, listed: bool = False) -> Iterator[Text]:
        for name, each in _read(schema):
            if held := value.get(name):
                own = name == "settings" or (listed and name == LABEL)
                yield from self.value(each, held, at if own else f"{at}.{name}")


def _called(schema: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """What tells an object of a list from its neighbours."""
    for name in ("name", "value"):
        if isinstance(row.get(name), str):
            return str(row[name])
    known = schema.get("properties", {})
    return ".".join(str(row[name]) for name in schema.get("required", ())
                    if isinstance(row.get(name), str) and known.get(name, {}).get("format") not in READ)


_known: dict[int, tuple[Any, tuple[tuple[str, Any], ...]]] = {}


def _read(schema: Any) -> tuple[tuple[str, Any], ...]:
    """The properties in which anything is read by people; remembered, schemas never change."""
    if not isinstance(schema, Mapping):
        return ()
    known = _known.get(id(schema))
    if known is None or known[0] is not schema:
        found = tuple((name, each) for name, each in schema.get("properties", {}).items() if isinstance(each, Mapping)
                      and (each.get("format") in READ or _read(each) or _read(each.get("items"))))
        known = _known[id(schema)] = (schema, found)
    return known[1]
