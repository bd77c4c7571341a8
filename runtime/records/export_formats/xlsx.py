"""XLSX: a workbook of one sheet; figures are figures, everything else is text and never a formula or a link."""
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import xlsxwriter

from runtime.kinds.export_format import ExportFormat

LONGEST_CELL = 32_767


class Xlsx(ExportFormat):
    name = "xlsx"
    label = "Excel"
    extension = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def write(self, target: BinaryIO, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
        with tempfile.TemporaryDirectory() as folder, xlsxwriter.Workbook(target, {
                "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
                "tmpdir": folder}) as book:
            sheet = book.add_worksheet()
            bold = book.add_format({"bold": True})
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column.label, bold)
            count = 0
            for count, row in enumerate(rows, 1):
                for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
                    if cell is None or cell == "":
                        continue
                    if column.numeric:
                        sheet.write_number(count, place, float(cell))
                    else:
                        sheet.write_string(count, place, str(cell)[:LONGEST_CELL])
        return count
