"""Settings: pieces of settings schemas that several types share, and choices read out of them."""
from collections.abc import Callable
from typing import Any, TypeVar

from metadata.model.field import Field
from runtime.locale.text import _

T = TypeVar("T")

TONES = ("grey", "blue", "teal", "green", "lime", "amber", "orange", "red", "violet", "pink", "brand")
"""The colours a choice may have: names of the design's tones, never a value."""


def schema(required: tuple[str, ...] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    """A closed settings schema."""
    made: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def choices(*, staged: bool = False) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "value": {"type": "string", "minLength": 1, "maxLength": 120, "title": "Value",
                  "description": "What is stored; never changes when the label does."},
        "label": {"type": "string", "format": "label", "minLength": 1, "maxLength": 120, "title": "Label",
                  "description": "What people read."},
        "color": {"type": "string", "enum": list(TONES), "title": "Colour", "description": "The tone of its pill."},
        "retired": {"type": "boolean", "default": False, "title": "No longer offered",
                    "description": "Records that have it keep it, and lists still find them by it."},
    }
    if staged:
        properties["stage"] = {"type": "string", "enum": ["open", "won", "lost"], "title": "Stage meaning",
                               "description": "Where the record stands: still open, won or lost."}
        properties["probability"] = {"type": "number", "minimum": 0, "maximum": 100, "title": "Probability",
                                     "description": "Chance in percent while a record is at this stage."}
    return {"type": "array", "minItems": 1, "maxItems": 500, "title": "Choices",
            "description": "In the order people see them.",
            "items": {"type": "object", "required": ["value", "label"], "properties": properties,
                      "additionalProperties": False}}


def replaced() -> dict[str, Any]:
    return {"type": "object", "title": "Replaced", "format": "kept", "maxProperties": 500,
            "description": "Values that are no longer in the list, each with the one that took its place.",
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 120}}


def limit(title: str, description: str) -> dict[str, Any]:
    return {"type": "number", "title": title, "description": description}


def decimals(most: int = 6) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": most, "title": "Decimals",
            "description": "Digits after the decimal point that may be entered."}


def longest(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most, "title": "Longest text",
            "description": "The most characters that may be entered."}


def labels(field: Field) -> dict[str, str]:
    """{value: label} of a field's choices, in order."""
    return {choice["value"]: choice["label"] for choice in field.settings.get("choices", ())}


def stages(field: Field) -> tuple[dict[str, Any], ...]:
    """A field's choices in order, as the contract hands them on."""
    return tuple(field.settings.get("choices", ()))


def moved(before: Field, after: Field) -> dict[str, str] | None:
    """{value: the one that takes its place}, where `after` says so; back again, where `after` is the older one.

    None where no stored value need be looked at.
    """
    was, now, kept = before.settings.get("replaced", {}), after.settings.get("replaced", {}), labels(after)
    going = {old: new for old, new in now.items() if old not in kept and old not in was}
    back = [old for old in was if old in kept]
    if not going and not back:
        return None
    return {was[old]: old for old in reversed(back) if was[old] not in kept} | going


def misplaced(field: Field) -> list[str]:
    """Sentences about replacements that lead nowhere."""
    kept = labels(field)
    return [_("'%(new)s', which replaces '%(old)s', is not one of the choices.", new=new, old=old)
            for old, new in field.settings.get("replaced", {}).items() if new not in kept]


def repeated_choices(field: Field) -> list[str]:
    """Sentences about choices that cannot be told apart."""
    seen: set[str] = set()
    problems = []
    for choice in field.settings.get("choices", ()):
        if choice["value"] in seen:
            problems.append(_("The choice '%(value)s' stands in the list twice.", value=choice["value"]))
        seen.add(choice["value"])
    return problems


def per_field(make: Callable[[Field], T]) -> Callable[[Field], T]:
    """Keep what is made of a field for as long as that very field is in use; a new version brings new fields."""
    kept: dict[int, tuple[Field, T]] = {}

    def get(field: Field) -> T:
        found = kept.get(id(field))
        if found is not None and found[0] is field:
            return found[1]
        if len(kept) > 5_000:
            kept.clear()
        made = make(field)
        kept[id(field)] = (field, made)
        return made

    return get
