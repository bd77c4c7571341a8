"""Three-way merge: two sets of definitions over the one both began with, property by property, the order of lists included.

Documents, fields, sections, choices are matched by what they are (id, name, value), never by where they stand. What only
one side changed is taken from that side. What both changed differently is a conflict: `ours` stands until somebody chooses.
"""
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from metadata import shape
from metadata.definitions import Definitions, is_sound, mark_sound
from metadata.model.document import Document
from metadata.rename import carried

OURS, THEIRS = "ours", "theirs"
KEYS = (("id",), ("name",), ("value",), ("module", "field"), ("field",))
"""What an object of a list is known by: the first of these that every one of them has and no two share."""


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()
"""The value of a property, or document, that a side does not have."""


@dataclass(frozen=True)
class Conflict:
    """Both sides changed one thing. path: the document; place: where in it, "" for the whole; the three values, or MISSING.

    place "…~order" is the order of a list.
    """
    id: str
    path: str
    place: str
    base: Any
    ours: Any
    theirs: Any
    chosen: str = OURS

    @property
    def key(self) -> str:
        """What a choice names it by."""
        return f"{self.id}#{self.place}"


@dataclass(frozen=True)
class Merged:
    """What comes out. conflicts: decided by `choices`, else for ours."""
    definitions: Definitions
    conflicts: tuple[Conflict, ...] = ()

    @property
    def open(self) -> bool:
        return bool(self.conflicts)


def merge(base: Definitions, ours: Definitions, theirs: Definitions, *, catalogue: Any = None,
          choices: Mapping[str, str] | None = None) -> Merged:
    """choices: {conflict key: "ours" or "theirs"}. catalogue: carries a name one side changed into what the other has."""
    work = _Merge(choices or {})
    known = {side: {each.id: each for each in definitions.documents.values()}
             for side, definitions in (("base", base), (OURS, ours), (THEIRS, theirs))}
    order = _ordered(list(known["base"]), list(known[OURS]), list(known[THEIRS]))[0]
    placed: dict[str, Document] = {}
    for id in order:
        document = work.document(known["base"].get(id), known[OURS].get(id), known[THEIRS].get(id))
        if document is None:
            continue
        other = placed.get(document.path)
        if other is not None:
            mine = other if other.id in known[OURS] else document
            yours = document if mine is other else other
            document = work.choose(mine, document.path, "", MISSING, mine, yours)
        placed[document.path] = document
    merged = Definitions(dict(sorted(placed.items())))
    if catalogue is not None:
        for side in (base, theirs, ours):
            merged = carried(side, merged, catalogue)
    return Merged(merged, tuple(work.conflicts))


@dataclass
class _Merge:
    choices: Mapping[str, str]
    conflicts: list[Conflict] = field(default_factory=list)

    def document(self, base: Document | None, ours: Document | None, theirs: Document | None) -> Document | None:
        if ours == theirs or theirs == base:
            return ours
        if ours == base:
            return theirs
        some = ours or theirs
        if ours is None or theirs is None:                      # one side took away what the other changed
            kept = self.choose(some, some.path, "", base, ours or MISSING, theirs or MISSING, default=OURS if ours else THEIRS)
            return None if kept is MISSING else kept
        if type(ours) is not type(theirs):
            return self.choose(some, some.path, "", base or MISSING, ours, theirs)
        content = self.value(some, "", base.to_json() if base else {}, ours.to_json(), theirs.to_json())
        merged = type(ours).from_json(content)
        if is_sound(ours) and is_sound(theirs):
            mark_sound(merged)
        return merged

    def value(self, owner: Document, place: str, base: Any, ours: Any, theirs: Any) -> Any:
        if _same(ours, theirs) or _same(theirs, base):
            return ours
        if _same(ours, base):
            return theirs
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            return self._object(owner, place, base if isinstance(base, Mapping) else {}, ours, theirs)
        if _is_list(ours) and _is_list(theirs) and not (base is MISSING and _unsaid(owner, place)):
            key = _key_of(base if _is_list(base) else (), ours, theirs)
            if key is not None:
                return self._list(owner, place, base if _is_list(base) else (), ours, theirs, key)
        return self.choose(owner, owner.path, place, base, ours, theirs)

    def choose(self, owner: Document, path: str, place: str, base: Any, ours: Any, theirs: Any, default: str = OURS) -> Any:
        conflict = Conflict(owner.id, path, place, MISSING if base is None and not place else base, ours, theirs, default)
        chosen = self.choices.get(conflict.key, default)
        self.conflicts.append(conflict if chosen == default else Conflict(**{**vars(conflict), "chosen": chosen}))
        return theirs if chosen == THEIRS else ours

    def _object(self, owner: Document, place: str, base: Mapping[str, Any], ours: Mapping[str, Any],
                theirs: Mapping[str, Any]) -> dict[str, Any]:
        """A condition is one thought: it is taken whole."""
        if "operator" in ours or "operator" in theirs:
            return self.choose(owner, owner.path, place, base or MISSING, ours, theirs)
        merged = {}
        for name in _ordered(list(base), list(ours), list(theirs))[0]:
            value = self.value(owner, f"{place}.{name}" if place else name, base.get(name, MISSING), ours.get(name, MISSING),
                               theirs.get(name, MISSING))
            if value is not MISSING:
                merged[name] = value
        return merged

    def _list(self, owner: Document, place: str, base: Sequence[Any], ours: Sequence[Any], theirs: Sequence[Any],
              key: "_Key") -> list[Any]:
        sides = [{key(item): item for item in side} for side in (base, ours, theirs)]
        found = {}
        for name in dict.fromkeys((*sides[0], *sides[1], *sides[2])):
            value = self._item(owner, f"{place}.{name}", *(side.get(name, MISSING) for side in sides))
            if value is not MISSING:
                found[name] = value
        order, torn = _ordered(*(list(side) for side in sides))
        if torn:
            other, _ = _ordered(list(sides[0]), list(sides[2]), list(sides[1]))
            order = self.choose(owner, owner.path, f"{place}~order", list(sides[0]), order, other)
        return [found[name] for name in order if name in found]

    def _item(self, owner: Document, place: str, base: Any, ours: Any, theirs: Any) -> Any:
        """Taken away on one side, changed on the other: what was changed stays until somebody chooses."""
        if MISSING not in (ours, theirs) or any(_same(*pair) for pair in ((ours, theirs), (ours, base), (theirs, base))):
            return self.value(owner, place, base, ours, theirs)
        return self.choose(owner, owner.path, place, base, ours, theirs, default=THEIRS if ours is MISSING else OURS)


@dataclass(frozen=True)
class _Key:
    """names: () for lists of plain values, which are their own key."""
    names: tuple[str, ...]

    def __call__(self, item: Any) -> Hashable:
        return "/".join(str(item[name]) for name in self.names) if self.names else item


def _key_of(*sides: Iterable[Any]) -> _Key | None:
    """What the items of a list are known by; None where nothing tells them apart."""
    lists = [list(side) for side in sides]
    items = [item for side in lists for item in side]
    if all(isinstance(item, (str, int)) for item in items):
        return _Key(()) if all(len(set(side)) == len(side) for side in lists) else None
    if not all(isinstance(item, Mapping) for item in items):
        return None
    for names in KEYS:
        key = _Key(names)
        if all(isinstance(item.get(name), (str, int)) for item in items for name in names) \
                and all(len({key(item) for item in side}) == len(side) for side in lists):
            return key
    return None


def _ordered(base: Sequence[Any], ours: Sequence[Any], theirs: Sequence[Any]) -> tuple[list[Any], bool]:
    """(one order for everything on any side, whether both sides had moved what both know, differently).

    The side that moved something leads; what only the other has follows the neighbour it stood behind.
    """
    ours_moved, theirs_moved = _moved(base, ours), _moved(base, theirs)
    leads, other = (theirs, ours) if theirs_moved and not ours_moved else (ours, theirs)
    torn = ours_moved and theirs_moved and _common(ours, theirs) != _common(theirs, ours)
    order = list(leads)
    for listed in (other, base):
        for position, name in enumerate(listed):
            if name not in order:
                before = next((one for one in reversed(listed[:position]) if one in order), None)
                order.insert(order.index(before) + 1 if before is not None else 0, name)
    return order, torn


def _moved(base: Sequence[Any], side: Sequence[Any]) -> bool:
    return _common(base, side) != _common(side, base)


def _common(these: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    known = set(others)
    return [one for one in these if one in known]


def _unsaid(owner: Document, place: str) -> bool:
    """Whether a list that is not there means something else than an empty one: then two that appear are two thoughts."""
    schema = shape.schema(type(owner))["properties"].get(place, {})
    return "default" in schema and schema["default"] is None


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is not true."""
    if one is MISSING or other is MISSING:
        return one is other
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if _is_list(one) and _is_list(other):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    return one == other


def edits(base: Any, side: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """(place, value there) of every leaf a side holds otherwise than the base; MISSING where it took something away."""
    if _same(base, side):
        return
    if isinstance(base, Mapping) and isinstance(side, Mapping) and "operator" not in base and "operator" not in side:
        for name in dict.fromkeys((*base, *side)):
            yield from edits(base.get(name, MISSING), side.get(name, MISSING), f"{place}.{name}" if place else name)
    elif _is_list(base) and _is_list(side) and (key := _key_of(base, side)) is not None:
        before, after = {key(item): item for item in base}, {key(item): item for item in side}
        for name in dict.fromkeys((*before, *after)):
            yield from edits(before.get(name, MISSING), after.get(name, MISSING), f"{place}.{name}")
        if _moved(list(before), list(after)):
            yield f"{place}~order", list(after)
    else:
        yield place, side
