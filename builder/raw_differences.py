"""Raw differences: the draft's documents against those it was begun on, property by property, as they are stored."""
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from builder.draft import Draft

MISSING = object()
KEYS = ("id", "name", "value", "key")
"""What tells the entries of a list apart, the first that all of them have."""


@dataclass(frozen=True)
class Line:
    """place: "fields.code.settings.max_length", "" for the whole; before, after: JSON, None where there is none."""
    place: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Difference:
    """Of one document. state: "added", "gone" or "changed"."""
    path: str
    state: str
    lines: tuple[Line, ...]


def of(draft: Draft) -> list[Difference]:
    """By path, like files."""
    before, after = draft.origin.documents, draft.definitions.documents
    found = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        lines = tuple(Line(place, _written(one), _written(other)) for place, one, other in between(
            old.to_json() if old else {}, new.to_json() if new else {}))
        found.append(Difference(path, "added" if old is None else "gone" if new is None else "changed", lines))
    return found


def between(old: Any, new: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(place, value before, value after) of every property that differs; MISSING where a side has none."""
    if old == new and type(old) is type(new):       # 1 and true are not the same
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            yield from between(old.get(name, MISSING), new.get(name, MISSING), f"{place}.{name}" if place else name)
    elif (keyed := _keyed(old, new)) is not None:
        one, other = keyed
        for name in dict.fromkeys((*one, *other)):
            yield from between(one.get(name, MISSING), other.get(name, MISSING), f"{place}[{name}]")
        if [name for name in one if name in other] != [name for name in other if name in one]:
            yield f"{place} (order)", list(one), list(other)
    else:
        yield place, old, new


def _keyed(old: Any, new: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Two lists of objects by what tells their entries apart; shown by name where they have one."""
    if not (isinstance(old, list) and isinstance(new, list)) or not all(isinstance(each, Mapping) for each in (*old, *new)):
        return None
    for key in KEYS:
        if all(isinstance(each.get(key), str) for each in (*old, *new)):
            one, other = {each[key]: each for each in old}, {each[key]: each for each in new}
            if len(one) == len(old) and len(other) == len(new):
                called = {name: each.get("name", name) for name, each in (one | other).items()}
                if len(set(called.values())) == len(called):
                    return {called[name]: each for name, each in one.items()}, {called[name]: each for name, each in other.items()}
                return one, other
    return None


def _written(value: Any) -> str | None:
    return None if value is MISSING else json.dumps(value, ensure_ascii=False, indent=2, default=str)
