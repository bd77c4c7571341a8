"""Rows: what was read of some rows of a file, as columns while that is enough, and as rows where each goes its own way."""
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from runtime.exchange.mapping import Target

UNSAID = ...
"""Stands in a column where the row says nothing of the field, not even that it is empty."""
Said = tuple[str, str, str]


@dataclass(slots=True)
class Loaded:
    """One row on its way. blank: paths whose cell is empty; problems and warnings: (heading, cell, sentence);
    later: (path, heading, cell) of links to records that may follow in the same file."""
    row_no: int
    values: dict[str, Any] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    problems: tuple[Said, ...] = ()
    warnings: tuple[Said, ...] = ()
    later: tuple[Said, ...] = ()


@dataclass(slots=True)
class Columns:
    """Some rows, column by column. numbers: those of the rows.

    full: columns whose every cell has a value; sparse: (path, column) where None is a blank cell; of two columns for one field
    the second wins. odd: {place: what else is to be said of that row}; links: (target, heading, cells) still to be found.
    """
    numbers: Sequence[int]
    full: dict[str, Sequence[Any]] = field(default_factory=dict)
    sparse: list[tuple[str, Sequence[Any]]] = field(default_factory=list)
    odd: dict[int, Loaded] = field(default_factory=dict)
    links: list[tuple[Target, str, Sequence[str]]] = field(default_factory=list)

    def put(self, path: str, column: Sequence[Any], *, alone: bool) -> None:
        """alone: no other column is for the same field."""
        if alone and None not in column and UNSAID not in column:
            self.full[path] = column
        else:
            self.sparse.append((path, column))

    def of(self, at: int) -> Loaded:
        """Where to say something else of a row."""
        found = self.odd.get(at)
        if found is None:
            found = self.odd[at] = Loaded(self.numbers[at])
        return found

    def rows(self) -> list[Loaded]:
        if self.full:
            paths = tuple(self.full)
            rows = [Loaded(number, dict(zip(paths, values, strict=True)))
                    for number, values in zip(self.numbers, zip(*self.full.values(), strict=True), strict=True)]
        else:
            rows = [Loaded(number) for number in self.numbers]
        for path, column in self.sparse:
            for row, value in zip(rows, column, strict=True):
                if value is None:
                    row.blank += (path,)
                elif value is not UNSAID:
                    row.values[path] = value
        for at, odd in self.odd.items():
            rows[at].problems, rows[at].warnings, rows[at].later = odd.problems, odd.warnings, odd.later
        return rows


def packed(columns: Columns) -> bytes:
    """For another process. Decimals travel as text, which is made and read much faster than the objects."""
    full = {path: _light(column) for path, column in columns.full.items()}
    return pickle.dumps((columns.numbers, full, [(path, _light(column)) for path, column in columns.sparse], columns.odd), 5)


def unpacked(piece: bytes) -> Columns:
    """What this program packed in a process of its own; never anything from elsewhere."""
    numbers, full, sparse, odd = pickle.loads(piece)
    return Columns(numbers, {path: _whole(column) for path, column in full.items()},
                   [(path, _whole(column)) for path, column in sparse], odd)


def _light(column: Sequence[Any]) -> tuple[bool, Sequence[Any]]:
    decimal = set(map(type, column)) == {Decimal}
    return decimal, list(map(str, column)) if decimal else column


def _whole(given: tuple[bool, Sequence[Any]]) -> Sequence[Any]:
    decimal, column = given
    return list(map(Decimal, column)) if decimal else column
