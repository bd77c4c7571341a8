"""Example: somebody's files as the modules they would make: fields, types, choices, links between the files.

Everything proposed says how sure it is and which rows disagree, so that people can correct it before anything is made.
"""
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from runtime.errors import Invalid
from runtime.exchange import mapping, reading
from runtime.fields.dirt import folded
from runtime.fields.field_types.text import Text
from runtime.kinds.example import Example
from runtime.kinds.kind import catalogue

READ, KEPT, TRIED, TOLD = 50_000, 20_000, 2_000, 5
"""Rows read of each file, different cells kept of each column, tried for what disagrees, disagreeing rows told."""
COVERED = 0.6
"""The share of a link column's different cells that must be keys of the file its heading names."""
LINK = ""
"""The type of a part that points to another file: which field type that is, is said where the field is made."""
NAMED = 0.95
"""How sure a link by name is, beside one by key: names are written by people, and change."""
SINGLE = 0.98
"""The share of a file's names that must be different, for others to find its rows by them."""
_NAME = re.compile(r"^(?P<what>.*?)[\s_-]*(?:name|title|tên)$", re.IGNORECASE)
_KEY = re.compile(r"^(?P<what>.*?)[\s_-]*(?:id|no|number|code|key)$", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """One column as a field. sure: 0 to 1; link: (module label, heading of its key or name column) where it points to another file.

    disagreeing: (row in the file, cell) of cells that do not fit, the first few; unique: no two rows share it;
    filled: share of the rows that hold something.
    """
    heading: str
    type: str
    sure: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    link: tuple[str, str] | None = None
    disagreeing: tuple[tuple[int, str], ...] = ()
    unique: bool = False
    filled: float = 1.0


@dataclass(frozen=True)
class Proposal:
    """One file as a module. key: the heading its rows are told apart by; name: the heading a record is called by."""
    file: str
    label: str
    rows: int
    parts: tuple[Part, ...]
    key: str | None
    name: str | None

    def part(self, heading: str) -> Part | None:
        return next((part for part in self.parts if part.heading == heading), None)


def propose(files: Mapping[str, Path]) -> list[Proposal]:
    """{file name: where it lies} as modules, those that others point to first. Raises Invalid, naming what is no table."""
    tables = []
    for name, path in files.items():
        try:
            tables.append(_Table(name, path))
        except Invalid as problem:
            raise Invalid({"files": [f"{name}: {problem.message}"]}) from None
    for table in tables:
        table.find_key([other for other in tables if other is not table])
    found = [table.proposed([other for other in tables if other is not table]) for table in tables]
    return _linked_first(found)


class _Table:
    """A file, read once: every column as an Example, and where its odd cells stand."""

    def __init__(self, name: str, path: Path):
        self.file = name
        self.label = re.sub(r"[_\-]+", " ", Path(name).stem).strip().capitalize() or name
        sheet = reading.sheet(path)
        self.headings, self.rows = sheet.headings, 0
        counted: list[Counter[str]] = [Counter() for _heading in self.headings]
        self.first: list[dict[str, int]] = [{} for _heading in self.headings]
        self.different = [True] * len(self.headings)
        with reading.rows(path) as lines:
            next(lines, None)
            for number, line in enumerate(islice(lines, READ), 2):
                self.rows += 1
                for at, cell in enumerate(reading.fitted(line, len(self.headings))):
                    if cell := cell.strip():
                        self._take(at, cell, number, counted[at])
        hints = mapping.hints_of(sheet, sheet.headings)
        self.key: int | None = None
        self.columns = [Example(heading, counted[at], self.rows, hints.get(heading, {}))
                        for at, heading in enumerate(self.headings)]

    def _take(self, at: int, cell: str, number: int, counted: Counter[str]) -> None:
        if cell in counted:
            self.different[at] = False
        elif len(counted) >= KEPT:
            return
        else:
            self.first[at][cell] = number
        counted[cell] += 1

    def unique(self, at: int) -> bool:
        column = self.columns[at]
        return self.different[at] and column.filled == self.rows and self.rows > 1

    def find_key(self, others: Sequence["_Table"]) -> None:
        """The column that tells rows apart and says so by its heading ("QUOTEID", "Invoice Number"), unless it names another
        file: every deal may have a lead of its own."""
        own, foreign = _stem(self.label), {_stem(other.label) for other in others} - {_stem(self.label)}
        keys = [(at, _stem(found["what"])) for at, heading in enumerate(self.headings)
                if self.unique(at) and (found := _KEY.match(heading))]
        named = [at for at, stem in keys if stem == own]
        self.key = next(iter(named or [at for at, stem in keys if stem not in foreign]), None)

    def proposed(self, others: Sequence["_Table"]) -> Proposal:
        parts = tuple(self._part(at, others) for at in range(len(self.headings)))
        return Proposal(self.file, self.label, self.rows, parts, None if self.key is None else self.headings[self.key],
                        self._name(parts))

    def _names(self) -> int | None:
        """The column its rows are called by ("Product Name" of Products, "Name", "Product"), where hardly two are called alike."""
        own = _stem(self.label)
        for at, column in enumerate(self.columns):
            found = _NAME.match(column.heading)
            if (_stem(found["what"]) in (own, "") if found else _stem(column.heading) == own) and column.filled and \
                    len(column.cells) >= SINGLE * column.filled and at != self.key:
                return at
        return None

    def _part(self, at: int, others: Sequence["_Table"]) -> Part:
        column = self.columns[at]
        filled = column.filled / self.rows if self.rows else 0.0
        link = next(self._links(at, others), None) or next(self._named(at, others), None)
        if link is not None:
            other, found_by, sure = link
            keys = other.columns[found_by].cells
            return Part(column.heading, LINK, sure, {}, (other.label, other.headings[found_by]),
                        self._odd(at, lambda text: text in keys), filled=filled)
        likely = [(likeness.sure, kind, likeness.settings) for kind in catalogue().all("field_types")
                  if (likeness := kind.looks_like(column)) is not None] if column.cells else []
        if not likely:
            return Part(column.heading, Text.name, 0.0, filled=filled)
        sure, kind, settings = max(likely, key=lambda each: (each[0], each[1].name))
        return Part(column.heading, kind.name, round(sure, 2), settings, None, self._odd(at, _fits(kind, column)),
                    self.unique(at) and _KEY.match(column.heading) is not None, filled)

    def _links(self, at: int, others: Sequence["_Table"]) -> Iterator[tuple["_Table", int, float]]:
        """(file, its key column, how sure) of files whose key this column holds: its heading names them, its cells are theirs."""
        column = self.columns[at]
        found = _KEY.match(column.heading)
        if not found or not found["what"] or at == self.key or not column.cells:
            return
        wanted = _stem(found["what"])
        for other in others:
            if other.key is None:
                continue
            names = {_stem(other.label), _stem(_KEY.match(other.headings[other.key])["what"])}
            keys = other.columns[other.key].cells
            covered = sum(1 for cell in column.cells if cell in keys) / len(column.cells)
            if wanted in names and covered >= COVERED:
                yield other, other.key, round(covered, 2)

    def _named(self, at: int, others: Sequence["_Table"]) -> Iterator[tuple["_Table", int, float]]:
        """The same by the column that other file's rows are called by, where no key of its own leads there already."""
        column = self.columns[at]
        if at == self.key or not column.cells:
            return
        found = _NAME.match(column.heading)
        wanted = _stem(found["what"] if found else column.heading)
        for other in others:
            names = other._names() if wanted and wanted == _stem(other.label) != _stem(self.label) else None
            if names is None or any(next(self._links(mine, [other]), None) for mine in range(len(self.columns))):
                continue
            covered = sum(1 for cell in column.cells if cell in other.columns[names].cells) / len(column.cells)
            if covered >= COVERED:
                yield other, names, round(covered * NAMED * len(other.columns[names].cells) / other.columns[names].filled, 2)

    def _odd(self, at: int, fits: Any) -> tuple[tuple[int, str], ...]:
        odd = ((self.first[at][cell], cell[:80]) for cell in islice(self.columns[at].cells, TRIED) if not fits(cell))
        return tuple(islice(odd, TOLD))

    def _name(self, parts: Sequence[Part]) -> str | None:
        """The text that says "name", "subject" or "title"; else the first text that is filled."""
        texts = sorted((part for part in parts if part.link is None and part.filled > 0.5
                        and catalogue().get("field_types", part.type).searchable), key=lambda part: part.sure)
        for words in (("name", "subject", "title", "tên", "tiêu đề"), ("",)):
            for part in texts:
                if any(word in part.heading.casefold() for word in words) and "owner" not in part.heading.casefold():
                    return part.heading
        return None


def _fits(kind: Any, column: Example) -> Any:
    """Whether a cell, all by itself, looks like one of the type; where that cannot be said of one cell, each does."""
    if len(column.cells) < 3 or kind.looks_like(_one(column, next(column.commonest(1))[0])) is None:
        return lambda _text: True
    return lambda text: kind.looks_like(_one(column, text)) is not None


def _one(column: Example, text: str) -> Example:
    return Example(column.heading, {text: 1}, 1, column.hints)


def _stem(name: str) -> str:
    """"Sales Orders" and "sales order" alike."""
    plain = folded(name)
    return plain[:-3] + "y" if plain.endswith("ies") else plain.removesuffix("s")


def _linked_first(found: Sequence[Proposal]) -> list[Proposal]:
    """So that a file comes in after those it points to, where no circle keeps it from that."""
    waiting, done, names = list(found), [], set()
    while waiting:
        free = [one for one in waiting if all(part.link is None or part.link[0] in names or part.link[0] == one.label
                                              or part.link[0] not in {other.label for other in waiting} for part in one.parts)]
        for one in free or waiting[:1]:
            waiting.remove(one)
            done.append(one)
            names.add(one.label)
    return done
