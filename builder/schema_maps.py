"""Mappings in forms: an object of name → value is drawn and read as rows, one for each name and value.

A value that may be several things is drawn as the fullest of them, an object. `short` in its schema names the property that
is written alone where nothing else is said ("amount" for {"path": "amount"}); several values of one name are several rows.
"""
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

KEY, VALUE = "key", "value"


def is_map(schema: Mapping[str, Any]) -> bool:
    """Names that are not known beforehand, each with a value that can be drawn."""
    if schema.get("properties") or "format" in schema:
        return False
    inner = schema.get("additionalProperties", False)
    return inner is True or bool(isinstance(inner, Mapping) and ("anyOf" not in inner or _full(inner)))


def rows(schema: Mapping[str, Any], value: Any) -> list[dict[str, Any]]:
    """As a form lists it."""
    full = _full(schema["additionalProperties"])
    found = []
    for name, each in value.items() if isinstance(value, Mapping) else ():
        if full is None:
            found.append({KEY: name, VALUE: each})
            continue
        for one in each if isinstance(each, (list, tuple)) else [each]:
            short = {full["short"]: one} if isinstance(one, str) and "short" in full else {}
            found.append({KEY: name} | (dict(one) if isinstance(one, Mapping) else short))
    return found


def items(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of such a row."""
    return _items(_Held(schema))


def mapping(schema: Mapping[str, Any], listed: list[dict[str, Any]], *, loose: bool = False) -> dict[str, Any]:
    """Back from rows. loose: with rows that have no name yet, for a form that is drawn again."""
    full = _full(schema["additionalProperties"])
    found: dict[str, Any] = {}
    for row in listed:
        name = row.get(KEY) or ""
        if not name and not loose:
            continue
        if full is None:
            found[name] = row.get(VALUE, "")
            continue
        one: Any = {key: each for key, each in row.items() if key != KEY}
        if list(one) == [full.get("short")]:
            one = next(iter(one.values()))
        found.setdefault(name, []).append(one or None)
    if full is None:
        return found
    return {name: several[0] if len(several) == 1 else [each for each in several if each] for name, several in found.items()}


def _full(schema: Any) -> Mapping[str, Any] | None:
    """The object a value may be, None where it is no object."""
    for each in schema.get("anyOf", (schema,)) if isinstance(schema, Mapping) else ():
        if isinstance(each, Mapping) and each.get("properties"):
            return each
    return None


class _Held:
    """A schema by its identity: they never change."""

    def __init__(self, schema: Mapping[str, Any]):
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.schema is other.schema


@lru_cache(maxsize=256)
def _items(held: _Held) -> dict[str, Any]:
    schema = held.schema
    names, value = schema.get("propertyNames", {}), schema["additionalProperties"]
    key = {"type": "string", "maxLength": 200, "title": "Name"} | dict(names) | (
        {"title": schema["named"]} if "named" in schema else {})
    full = _full(value)
    shown = full["properties"] if full else {VALUE: {"title": "Value"} | (dict(value) if isinstance(value, Mapping) else {})}
    more = {"records": schema["records"]} if "records" in schema else {}
    return {"type": "object", "required": [KEY], "properties": {KEY: key, **shown}} | more
