"""Export formats: what goes out opens everywhere, figures are figures, and no cell is ever a formula or a link."""
import csv
import io
import zipfile
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from runtime.exchange import reading
from runtime.kinds.kind import catalogue
from runtime.records.export import Column
from runtime.records.export_formats.csv import Csv, guarded
from runtime.records.export_formats.xlsx import LONGEST_CELL, Xlsx

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1:A9)", "\t=1+1", "\r=1+1", "  =1+1", "\n=1+1", "|calc", "\u200b=1+1",
    "\ufeff=1+1", "\u202e=1+1", "\u00a0=1", "\u3000=1", "＝1+1", "＋1", "－1", "＠SUM(A1)", "=HYPERLINK(\"http://x.example\",\"y\")",
    "=IMPORTXML(\"http://x.example\",\"//a\")", "=DDE(\"a\";\"b\";\"c\")", "\x00=1", "-",
    "\u200f=1+1", "\u2003=1+1", "\u2066\u00ad=1+1", "+84 905 118 226", "\"=1+1"]
PLAIN = ["Sông Hàn", "O'Neill & <Sons>", "a=b", "1-2", "user@example.com", "", "'quoted", "12 %", "x\n=1+1 in a second line"]
COLUMNS = [Column("Name", False), Column("Amount", True)]


def written(kind, rows, columns=COLUMNS):
    target = io.BytesIO()
    count = kind.write(target, columns, rows)
    return count, target.getvalue()


@pytest.mark.parametrize("text", FORMULAS[:-1])
def test_a_cell_a_spreadsheet_would_calculate_is_defused_in_csv(text):
    _count, body = written(Csv(), [[text, None]])
    cell = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))[1][0]
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_other_texts_come_out_as_they_are(text):
    assert guarded(text) == text


def test_a_heading_is_defused_as_well():
    _count, body = written(Csv(), [], [Column("=1+1", False)])
    assert body.decode("utf-8-sig").strip() == "'=1+1"


def test_negative_figures_stay_figures_in_csv():
    _count, body = written(Csv(), [["A", Decimal("-12.50")], ["B", 0]])
    assert body.decode("utf-8-sig").splitlines()[1:] == ["A,-12.50", "B,0"]


@pytest.mark.parametrize("text", FORMULAS + PLAIN)
def test_a_workbook_holds_texts_as_texts(text):
    if "\x00" in text or "\r" in text:
        pytest.skip("XML cannot hold it as it is")
    _count, body = written(Xlsx(), [[text, Decimal("-1.5")]])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0)
    assert sheet.to_python()[1] == [text, -1.5]
    assert b"<f>" not in _sheet(body) and b"hyperlink" not in _sheet(body)


def test_a_workbook_cuts_what_excel_cannot_hold_and_leaves_blanks_blank():
    _count, body = written(Xlsx(), [["x" * 40_000, None], ["", 1]])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert (len(rows[1][0]), rows[2]) == (LONGEST_CELL, ["", 1.0])


def test_control_characters_do_not_break_a_workbook():
    _count, body = written(Xlsx(), [["a\x01\x0bb\x1f\ufffe", 1]])
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()) == 2


@pytest.mark.parametrize("kind", list(catalogue().all("export_formats")), ids=lambda kind: kind.name)
def test_what_a_format_writes_the_import_reads(kind, tmp_path):
    count, body = written(kind, (row for row in [["Huế", Decimal("12.5")], ["Đà Nẵng; “2”", Decimal("-3")]]))
    path = tmp_path / f"out.{kind.extension}"
    path.write_bytes(body)

    sheet = reading.sheet(path)

    assert count == 2
    assert sheet.headings == ("Name", "Amount")
    assert sheet.samples == (("Huế", "12.5"), ("Đà Nẵng; “2”", "-3"))


def _sheet(body: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return book.read("xl/worksheets/sheet1.xml")
