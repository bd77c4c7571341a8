"""Forms drawn from JSON Schemas, read back: a posted form as the JSON of a document, the work of its buttons included.

What cannot be read (a word where a number belongs) stays as it was typed; the schema's check says so beside the control.
"""
from collections.abc import Mapping
from typing import Any

from builder import criteria_editor, schema_maps
from builder.schema_widgets import UNSHOWN, home, settings_of, widget
from metadata.definitions import Definitions
from metadata.model.module import Module
from runtime.web import json

DO = "schema:do"
"""The name of the buttons that only draw the form again: "redraw", "add:PLACE", "remove:PLACE.2", "up:…", "down:…"."""
MOST = 1000


def pressed(form: Any) -> bool:
    """Whether such a button sent the form, or one of a condition in it: it is to be drawn again, and nothing saved."""
    return DO in form or criteria_editor.pressed(form)


def read(schema: Mapping[str, Any], form: Any, *, before: Mapping[str, Any] | None, draft: Any, module: Module | None,
         prefix: str = "", around: tuple[Any, ...] = (), loose: bool = False) -> dict[str, Any]:
    """The object as the form has it. Properties that the form did not draw stay as they were before.

    loose: with rows of conditions and maps that are not filled in yet, for a form that is drawn again.
    """
    definitions = draft if isinstance(draft, Definitions) else draft.definitions
    return _Reading(form, definitions, module, loose).object(schema, before or {}, prefix, around)


class _Reading:
    def __init__(self, form: Any, definitions: Definitions, module: Module | None, loose: bool = False):
        self.form, self.definitions, self.module = form, definitions, module
        self.verb, _colon, self.target = form.get(DO, "").partition(":")
        self.loose = loose or pressed(form)

    def object(self, schema: Mapping[str, Any], before: Mapping[str, Any], prefix: str, around: tuple[Any, ...]) -> dict[str, Any]:
        known, found = schema.get("properties", {}), dict(before)
        for name, each in known.items():
            if not isinstance(each, Mapping) or each.get("format") in UNSHOWN:
                continue
            kind = widget(name, each)
            if kind == "settings":
                own = settings_of(found, schema)
                each, kind = (own, "group") if own is not None else (each, "json")
            drawn, value = self.value(kind, each, f"{prefix}{name}", before.get(name), (*around, found))
            if not drawn:
                continue
            empty = value in ("", [], {}) or (value is None and "null" not in each.get("type", ()))
            if empty or (value == each.get("default") and name not in before):
                found.pop(name, None)
            else:
                found[name] = value
        return found

    def value(self, kind: str, schema: Mapping[str, Any], place: str, before: Any, around: tuple[Any, ...]) -> tuple[bool, Any]:
        """(whether the form has it, what it says)."""
        if kind == "group":
            read = self.object(schema, before or {}, f"{place}.", around)
            return bool(read) or before is not None, read
        if kind == "rows":
            return f"{place}:rows" in self.form, self.rows(schema["items"], place, before, around)
        if kind == "map":
            listed = self.rows(schema_maps.items(schema), place, schema_maps.rows(schema, before), around)
            return f"{place}:rows" in self.form, schema_maps.mapping(schema, listed, loose=self.loose)
        if kind == "criteria":
            where = home(self.definitions, self.module, schema, around)
            if where is None or (place not in self.form and f"{place}:part" not in self.form):
                return False, None
            return True, criteria_editor.read(self.form, place, self.definitions, where, loose=self.loose)
        if place not in self.form:
            return False, None
        given = self.form.getlist(place)[:MOST]
        if kind == "switch":
            return True, given[-1] == "1"
        if kind == "names":
            return True, self.names(place, given)
        if kind == "checks":
            return True, [each for each in given if each]
        text = given[-1]
        if kind == "lines":
            return True, [line.strip() for line in text.splitlines() if line.strip()]
        if kind == "number":
            return True, _number(text.strip())
        if kind == "json":
            return True, _json(text)
        if kind == "any":
            return True, before if text == anything(before) else _json(text) if text.startswith(("{", "[")) or text in (
                "true", "false") else text or None
        text = text.replace("\r\n", "\n").strip()
        if "enum" in schema:
            return True, next((each for each in schema["enum"] if str(each) == text), text or None)
        return True, None if text == "" and "null" in schema.get("type", ()) else text

    def rows(self, schema: Mapping[str, Any], place: str, before: Any, around: tuple[Any, ...]) -> list[Any]:
        """Objects in the order in which they stand in the form, whichever number they were drawn with."""
        numbers = [int(each) for each in self.form.getlist(f"{place}:rows")[:MOST] if each.isdecimal()]
        old = list(before or ())
        found = [(number, self.object(schema, old[number] if number < len(old) and isinstance(old[number], Mapping) else {},
                                      f"{place}.{number}.", around)) for number in numbers]
        found = self.moved(place, found, {})
        return [each for _number, each in found]

    def names(self, place: str, given: list[str]) -> list[str]:
        found = self.moved(place, list(enumerate(each for each in given if each)), None)
        added = self.form.get(f"{place}:add", "")
        return list(dict.fromkeys([*(each for _number, each in found), *([added] if added else [])]))

    def moved(self, place: str, listed: list[tuple[int, Any]], empty: Any) -> list[tuple[int, Any]]:
        """After the button that was pressed, where it is one of this list."""
        if self.verb == "add" and self.target == place and empty is not None:
            return [*listed, (len(listed), empty)]
        stem, _dot, number = self.target.rpartition(".")
        at = next((index for index, each in enumerate(listed) if stem == place and str(each[0]) == number), None)
        if at is None:
            return listed
        one = listed.pop(at)
        if self.verb in ("up", "down"):
            listed.insert(max(at - 1, 0) if self.verb == "up" else at + 1, one)
        elif self.verb != "remove":
            listed.insert(at, one)
        return listed


def anything(value: Any) -> str:
    """A value of any kind as one writes it in a line: words as they are, what has parts as JSON."""
    if isinstance(value, (Mapping, list, tuple)):
        return json.dumps(value).decode()
    return "" if value is None else str(value)


def _number(text: str) -> Any:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return text
    return int(text) if text.lstrip("+-").isdecimal() else int(value) if value.is_integer() else value


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text
