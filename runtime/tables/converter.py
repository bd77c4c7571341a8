"""Values of one field type as values of another, in whichever spelling the new type understands."""
from collections.abc import Iterator, Mapping
from typing import Any

import marshmallow as ma

from metadata.model.field import Field
from runtime.locale.reader import Reader

MOST_KEPT = 50_000

Values = Mapping[str, Any]
"""{part: value} of one field of one record."""


class Converter:
    """Values of one type as values of another; remembers what it has met."""

    def __init__(self, before: Field, after: Field, catalogue: Any):
        self._before, self._after = before, after
        self._from = catalogue.get("field_types", before.type)
        self._to = catalogue.get("field_types", after.type)
        self._parts = tuple(self._to.columns(after))
        self._loaders = dict(self._to.values(after)) or {"": self._to.value(after)}
        self._known: dict[Any, dict[str, Any] | None] = {}
        self._reads_shown = bool(self._to.speaks == self._from.speaks == "text" and not self._to.stages(after))
        self._swift = self._loaders[""].swift({}) if hasattr(self._loaders.get(""), "swift") else None
        self._reader = Reader()
        self._moves = self._to.moved(before, after) if before.type == after.type else None

    def __call__(self, values: Values) -> dict[str, Any] | None:
        """{part: value} of the new type; None where the value does not fit. All empty stays all empty."""
        if all(value is None for value in values.values()):
            return dict.fromkeys(self._parts)
        key = tuple(str(value) for value in values.values())
        if key not in self._known:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            self._known[key] = self._converted(values)
        return self._known[key]

    def moves(self, values: Values) -> Iterator[tuple[str, str]]:
        """(choice, what takes its place) of the choices in a value that others take the place of."""
        for value in values.values():
            for each in self._from.held(value):
                if self._moves and each in self._moves:
                    yield each, self._moves[each]

    def shown(self, values: Values) -> str:
        """As people read it."""
        flat = {f"{self._before.name}.{part}" if part else self._before.name: value for part, value in values.items()}
        try:
            return self._from.show(self._before, self._from.pick(self._before, flat), self._reader)
        except (TypeError, ValueError, LookupError, AttributeError):
            return str(next(iter(values.values())))

    def _converted(self, values: Values) -> dict[str, Any] | None:
        made = dict.fromkeys(self._parts)
        if self._moves is not None:                          # the same type: what the list says nothing of stays as it is
            return made | {part: value if value is None else self._to.exchanged(self._after, value, self._moves)
                           for part, value in values.items()}
        if self._from.name == self._to.name or set(values) == set(self._parts) != {""}:
            for part in self._parts:
                if (value := values.get(part)) is not None:
                    loaded = self._loaded(part, self._spellings(part, value, values))
                    if loaded is None:
                        return None
                    made[part] = loaded
            return made
        main = values.get("")
        loaded = self._plainly(self.shown(values) if self._reads_shown else main)
        if loaded is None:
            loaded = self._loaded("", self._spellings("", main, values))
        if loaded is None:
            return None
        made[""] = loaded
        return made if "" in self._parts else None

    def _plainly(self, value: Any) -> Any:
        """The short way of what is written so that it can mean one thing only, in any language; else None."""
        if self._swift is None or not isinstance(value, str):
            return None
        if (self._to.speaks == "number" and not value.isdigit()) or self._to.speaks == "datetime":
            return None
        try:
            return self._swift(value)
        except (ma.ValidationError, ValueError):
            return None

    def _spellings(self, part: str, value: Any, values: Values) -> Iterator[Any]:
        """The value in the ways the new type may understand: as people read it first where it takes any text."""
        shown = self.shown(values) if part == "" else None
        plain = self._from.to_json(self._before, part, value) if value is not None else None
        spelled = [value, plain if isinstance(plain, str) or plain is None else str(plain)]
        if shown and self._reads_shown:
            spelled.insert(0, shown)
        elif shown:
            spelled.append(shown)
        yield from (each for each in spelled if each is not None)
        for each in (*spelled, shown):
            if isinstance(each, str):
                try:
                    yield self._to.parse_dirty(self._after, each, {})
                except (ma.ValidationError, ValueError, TypeError, LookupError):
                    continue

    def _loaded(self, part: str, spellings: Iterator[Any]) -> Any:
        loader = self._loaders.get(part)
        if loader is None:
            return next(spellings, None)
        for each in spellings:
            try:
                return loader.deserialize(each)
            except (ma.ValidationError, ValueError, TypeError, LookupError, ArithmeticError):
                continue
        return None
