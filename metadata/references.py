"""References: every place in a document that names a module, a field, a path, a condition or an expression.

The JSON Schemas say so themselves, in the nouns' schemas and in the kinds' settings schemas alike, by `format`:
module-name, field-name, path, criteria, expression, role-id, button-name. `in` says which module a name belongs to, where that is
not the document's own: a sibling property that names it, "^x" for a property one object further out, "@x" for the
module that the path in sibling x points to. `propertyNames` says it of the names in a mapping.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from metadata import paths, shape
from metadata.definitions import Definitions
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module

FORMATS = frozenset({"module-name", "field-name", "path", "criteria", "expression", "role-id", "button-name"})


@dataclass(frozen=True, slots=True)
class Reference:
    """One mention. home: the module its names belong to, None where that is not known; where: its place in the document."""
    format: str
    value: Any
    home: Module | None
    where: str


Visit = Callable[[Reference], Any]


class Walk:
    """Goes through documents and hands each reference to `visit`, which answers with what shall stand there instead."""

    def __init__(self, definitions: Definitions, catalogue: Any, visit: Visit,
                 module: Callable[[str], Any] | None = None):
        self._definitions, self._catalogue, self._visit = definitions, catalogue, visit
        self._module = module or definitions.module

    def document(self, document: Document, content: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON content of a document with each reference as `visit` wants it."""
        home = self._home_of(document)
        changed = dict(self._value(shape.schema(type(document)), content, home, (content,), ""))
        if "fields" in changed and isinstance(document, Module):
            changed["fields"] = [self.field(home, field, content) for field, content in
                                 zip(document.fields, changed["fields"], strict=True)]
        if document.kinds and changed.get("settings"):
            asked = self._kind(document.kinds, {"kind": document.kind, "settings": changed["settings"]}, "kind", home, "")
            changed["settings"] = asked["settings"]
        for name, (family, key) in document.chains.items():
            if changed.get(name):
                changed[name] = [self._kind(family, each, key, home, f"{name}.{position}")
                                 for position, each in enumerate(changed[name])]
        return changed

    def look(self, document: Document) -> None:
        """Hand every reference to `visit` and change nothing; dearer parts of the document are not even opened."""
        home = self._home_of(document)
        content = {name: value for name, value in vars(document).items() if name != "fields"}
        self._value(shape.schema(type(document)), content, home, (content,), "")
        for field in document.fields if isinstance(document, Module) else ():
            if field.settings:
                self.field(home, field, {"settings": field.settings})
        if document.kinds and document.settings:
            self._kind(document.kinds, {"kind": document.kind, "settings": document.settings}, "kind", home, "")
        for name, (family, key) in document.chains.items():
            for position, each in enumerate(getattr(document, name, ())):
                self._kind(family, each, key, home, f"{name}.{position}")

    def field(self, home: Module | None, field: Field, content: Mapping[str, Any]) -> dict[str, Any]:
        """A field's JSON content: only its settings refer to anything."""
        if not field.settings or not self._catalogue.has("field_types", field.type):
            return dict(content)
        schema = self._catalogue.get("field_types", field.type).settings_schema
        if not mentions(schema):
            return dict(content)
        settings = self._value(schema, content["settings"], home, (content["settings"],), f"fields.{field.name}.settings")
        return dict(content) | {"settings": settings}

    def _kind(self, family: str, content: Mapping[str, Any], key: str, home: Module | None, where: str) -> dict[str, Any]:
        if not content.get("settings") or not self._catalogue.has(family, content[key]):
            return dict(content)
        schema = self._catalogue.get(family, content[key]).settings_schema
        return dict(content) | {"settings": self._value(schema, content["settings"], home, (content["settings"],),
                                                        _join(where, "settings"))}

    def _value(self, schema: Any, value: Any, home: Module | None, around: tuple[Any, ...], where: str) -> Any:
        """around: the objects the value stands in, innermost last."""
        if not mentions(schema) or value is None:
            return value
        asked = schema.get("format")
        if asked in FORMATS:
            if value == "":
                return value
            return self._visit(Reference(asked, value, self._home(schema, home, around), where))
        if "anyOf" in schema:
            return self._value(_matching(schema["anyOf"], value), value, home, around, where)
        if _is_object(value):
            known, other = schema.get("properties", {}), schema.get("additionalProperties", False)
            keys = schema.get("propertyNames", False)
            return {self._value(keys, name, home, around, _join(where, name)):
                    self._value(known.get(name, other), item, home, _inside(known.get(name, other), item, around),
                                _join(where, name))
                    for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            items = schema.get("items", False)
            return [self._value(items, item, home, _inside(items, item, around),
                                _join(where, item["name"] if _is_object(item) and "name" in item else position))
                    for position, item in enumerate(value)]
        return value

    def _home(self, schema: Mapping[str, Any], home: Module | None, around: tuple[Any, ...]) -> Module | None:
        asked = schema.get("in")
        if asked is None:
            return home
        if asked.startswith("^"):
            name, inside = asked[1:], around[-2] if len(around) > 1 else {}
        else:
            name, inside = asked.lstrip("@"), around[-1]
        named = inside.get(name)
        if not isinstance(named, str):
            return None
        return self._pointed(home, named) if asked.startswith("@") else self._module(named)

    def _home_of(self, document: Document) -> Module | None:
        return document if isinstance(document, Module) else self._module(getattr(document, "module", "") or "")

    def _pointed(self, home: Module | None, path: str) -> Module | None:
        """The module a path points to."""
        place = paths.find(self._definitions, self._catalogue, home, path) if home else None
        target = paths.target_of(place.kind, place.field) if place else None
        return self._module(target) if target else None


_mentions: dict[int, tuple[Any, bool]] = {}


def mentions(schema: Any) -> bool:
    """Whether anything in a schema refers to something; remembered, schemas never change."""
    if not _is_object(schema):
        return False
    known = _mentions.get(id(schema))
    if known is None or known[0] is not schema:
        inner = [*schema.get("properties", {}).values(), schema.get("additionalProperties"), schema.get("items"),
                 schema.get("propertyNames"), *schema.get("anyOf", ())]
        known = _mentions[id(schema)] = (schema, schema.get("format") in FORMATS or any(mentions(each) for each in inner))
    return known[1]


def _inside(schema: Any, item: Any, around: tuple[Any, ...]) -> tuple[Any, ...]:
    """What stands around what is in an item; a condition is one reference, and its `in` looks beside it."""
    if not _is_object(item) or (_is_object(schema) and schema.get("format") in FORMATS):
        return around
    return *around, item


def _is_object(value: Any) -> bool:
    return value.__class__ is dict or isinstance(value, Mapping)


def _matching(schemas: list[Mapping[str, Any]], value: Any) -> Any:
    wanted = {str: "string", dict: "object", list: "array", tuple: "array"}.get(type(value), "null")
    return next((schema for schema in schemas if schema.get("type") == wanted), None)


def _join(where: str, step: Any) -> str:
    return f"{where}.{step}" if where else str(step)
