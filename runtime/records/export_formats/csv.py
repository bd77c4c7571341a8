"""CSV: opens everywhere; cells that a spreadsheet would take for a formula are defused (safety D31)."""
import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from runtime.kinds.export_format import ExportFormat

_UNSEEN = ("Z", "C")
"""Categories of letters nobody sees: blanks, controls, marks of direction and of no width."""
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "|", "＝", "＋", "－", "＠")


def guarded(value: Any) -> str:
    """A cell's text with a leading ' where its first visible character could begin a formula."""
    text = "" if value is None else str(value)
    if text and (text[0] in "\t\r" or _first_seen(text) in _FORMULAS):
        return f"'{text}"
    return text


def _first_seen(text: str) -> str:
    if text[0].isalnum():
        return text[0]
    return next((letter for letter in text if not unicodedata.category(letter).startswith(_UNSEEN)), "")


class Csv(ExportFormat):
    name = "csv"
    label = "CSV"
    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def write(self, target: BinaryIO, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
        text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow([guarded(column.label) for column in columns])
        count = 0
        for row in rows:
            writer.writerow([cell if column.numeric and cell is not None else guarded(cell)
                             for column, cell in zip(columns, row, strict=True)])
            count += 1
        text.flush()
        text.detach()
        return count
