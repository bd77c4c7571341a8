"""Which control each property of a JSON Schema is drawn with, and which module its references mean."""
from collections.abc import Mapping
from typing import Any

from builder import choices
from builder.choices import KINDS
from builder.schema_maps import is_map
from metadata import paths
from metadata.definitions import Definitions
from metadata.model.module import Module
from runtime.kinds.kind import catalogue

LONG = 250
"""A text that may be longer is written in a box of several lines."""
NAMED = ("module-name", "field-name", "path", "role-id", "button-name", *KINDS)
"""Formats whose value is chosen from what there is."""

UNSHOWN = ("id", "kept")
"""Formats of what no control asks for: the house keeps it."""


def widget(name: str, schema: Any) -> str:
    """Which control a property is drawn with."""
    if not isinstance(schema, Mapping) or "anyOf" in schema or "$ref" in schema:
        return "json"
    asked, format = types(schema), schema.get("format")
    if format in ("criteria", "expression"):
        return format
    if format in NAMED:
        return "select"
    if "enum" in schema:
        return "colour" if name == "color" else "select"
    if name == "icon" or format == "icon":
        return "icon"
    if "array" in asked:
        return _listing(schema.get("items", {}))
    if "object" in asked:
        return "group" if schema.get("properties") else "settings" if name == "settings" else "map" if is_map(schema) else "json"
    if "boolean" in asked:
        return "switch"
    if "integer" in asked or "number" in asked:
        return "number"
    if "string" in asked:
        return "box" if schema.get("maxLength", 0) > LONG else "line"
    return "any"


def home(definitions: Definitions, module: Module | None, schema: Mapping[str, Any], around: tuple[Any, ...]) -> Module | None:
    """The module whose fields a reference means, by `in` (see metadata/references.py)."""
    asked = schema.get("in")
    if asked is None:
        return module
    inside = (around[-2] if len(around) > 1 else {}) if asked.startswith("^") else around[-1] if around else {}
    named = inside.get(asked.lstrip("^@"))
    if not isinstance(named, str) or not named:
        return None
    if asked.startswith("@"):
        place = paths.find(definitions, catalogue(), module, named) if module else None
        return definitions.module(paths.target_of(place.kind, place.field) or "") if place else None
    return definitions.module(named)


def settings_of(around: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of a property "settings": of the kind that a property beside it names."""
    for name, each in schema.get("properties", {}).items():
        if isinstance(each, Mapping) and each.get("format") in KINDS:
            return choices.settings_schema(KINDS[each["format"]], around.get(name, each.get("default")))
    return None


def types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    given = schema.get("type", ())
    return (given,) if isinstance(given, str) else tuple(given)


def _listing(items: Any) -> str:
    if not isinstance(items, Mapping) or "$ref" in items or "anyOf" in items:
        return "json"
    if items.get("format") in NAMED:
        return "names"
    if "enum" in items or items.get("format") == "choice":
        return "checks"
    if items.get("properties"):
        return "rows"
    return "lines" if "string" in types(items) else "json"
