"""CSV: opens everywhere; cells that a spreadsheet would take for a formula are defused (safety D31)."""
import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from runtime.kinds.export_format import ExportFormat

_BLANKS = "".join(map(chr, range(33))) + "\x7f\u00a0\u200b\u200c\u200d\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u3000"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "|", "＝", "＋", "－", "＠")


def guarded(value: Any) -> str:
    """A cell's text with a leading ' where its first visible character could begin a formula."""
    text = "" if value is None else str(value)
    if text and (text[0] in "\t\r" or text.lstrip(_BLANKS)[:1] in _FORMULAS):
        return f"'{text}"
    return text


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
