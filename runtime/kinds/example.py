"""An example: a column of somebody's file, as field types are asked whether it is one of theirs."""
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Example:
    """heading: as in the file; cells: {text: how often} of those that hold something; rows: how many there are in all.

    hints: what the column shows of its dates and numbers (runtime/locale/dirty.py).
    """
    heading: str
    cells: Mapping[str, int]
    rows: int
    hints: Mapping[str, Any]

    @cached_property
    def filled(self) -> int:
        return sum(self.cells.values())

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the heading, in small letters."""
        return frozenset("".join(letter if letter.isalnum() else " " for letter in self.heading.casefold()).split())

    def commonest(self, most: int = 400) -> Iterator[tuple[str, int]]:
        """(text, how often), the commonest first."""
        yield from Counter(self.cells).most_common(most)

    def share(self, fits: Any, most: int = 400) -> float:
        """The share of the filled cells, as far as they are looked at, of which `fits(text)` is true."""
        looked = list(self.commonest(most))
        every = sum(times for _text, times in looked)
        return sum(times for text, times in looked if fits(text)) / every if every else 0.0


@dataclass(frozen=True)
class Likeness:
    """sure: 0 to 1, how much a column looks like one of a type; settings: what the field's settings would be."""
    sure: float
    settings: Mapping[str, Any]
