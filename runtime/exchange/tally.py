"""Tally: what a look finds out about one column of a file, batch by batch, so that no row need be kept."""
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from runtime.exchange.rows import Loaded


class Tally:
    """first: some different cells; empty, wrong, missing: how many rows; unread: {cell text: how often}, with the first reason."""

    def __init__(self) -> None:
        self.first: dict[str, None] = {}
        self.empty = self.wrong = self.missing = 0
        self.sentence = ""
        self.unread: Counter[str] = Counter()

    def take(self, heading: str, cells: Sequence[str], rows: Sequence[Loaded]) -> None:
        self.empty += cells.count("")
        if len(self.first) < 3:
            self.first |= dict.fromkeys(islice(filter(None, dict.fromkeys(cells)), 3))
        for cell, row in zip(cells, rows, strict=True):
            if not row.problems and not row.warnings:
                continue
            found = [one for one in row.problems if one[0] == heading]
            lost = [] if found else [one for one in row.warnings if one[0] == heading]
            self.wrong += bool(found)
            self.missing += bool(lost)
            for _heading, _value, said in (*found, *lost)[:1]:
                self.unread[cell[:200]] += 1
                self.sentence = self.sentence or said
