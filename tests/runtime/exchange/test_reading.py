"""Reading: whatever wrote the file, it becomes headings and rows of text."""
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from runtime.errors import Invalid
from runtime.exchange import reading, service


def read(path):
    with reading.rows(path) as lines:
        return [list(line) for line in lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encoding_it_was_written_in(a_file, encoding):
    word = "Café" if encoding == "cp1252" else "Nguyễn"
    path = a_file(f"Name;City\n{word};Huế\n".replace("Huế", "Hue").encode(encoding))

    sheet = reading.sheet(path)

    assert sheet.headings == ("Name", "City")
    assert sheet.samples == ((word, "Hue"),)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen_in_the_first_line(a_file, mark):
    path = a_file(mark.join(["Name", '"Amount, net"', "City"]) + "\n" + mark.join(["A", '"1,5"', "B"]) + "\n")
    assert reading.sheet(path).headings == ("Name", "Amount, net", "City")
    assert reading.sheet(path).samples == (("A", "1,5", "B"),)


def test_blank_and_repeated_headings_get_names_of_their_own(a_file):
    path = a_file("Name,,Name,\nA,1,B,2\n")
    assert reading.sheet(path).headings == ("Name", "Column 2", "Name (2)", "Column 4")


def test_blank_lines_are_left_out_and_short_lines_filled(a_file):
    path = a_file("Name,City,Phone\r\n\r\nA\r\nB,Hue,1,too much\r\n")
    assert reading.sheet(path).samples == (("A", "", ""), ("B", "Hue", "1"))


def test_lines_inside_quotes_stay_in_their_cell(a_file):
    path = a_file('Name,Note\nA,"one\ntwo, ""three"""\n')
    assert reading.sheet(path).samples == (("A", 'one\ntwo, "three"'),)


def test_a_workbook_is_read_by_a_child_with_limits(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Name", "Amount", "Day"])
        sheet.write_row(1, 0, ["Huế", 12.5])
        sheet.write_datetime(1, 2, datetime(2026, 3, 5), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_formula(2, 0, "=1+1")

    assert read(path)[:2] == [["Name", "Amount", "Day"], ["Huế", "12.5", "2026-03-05"]]


def test_a_workbook_is_opened_once_and_kept_as_its_rows(lan, tmp_path):
    path = tmp_path / "deals.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Name", "Amount"])
        sheet.write_row(1, 0, ["Huế", 12.5])
    wanted = read(path)

    with open(path, "rb") as stream:
        kept = Path(service.upload(lan, "deals", stream, path.name).file_path)

    assert kept.read_bytes()[:1] == reading.UNPACKED
    assert read(kept) == wanted == [["Name", "Amount"], ["Huế", "12.5"]]


def test_rows_written_as_we_keep_them_are_refused_from_outside(lan, a_file):
    with open(a_file(b'\x1e["Name"]\n[1]\n'), "rb") as stream, pytest.raises(Invalid):
        service.upload(lan, "deals", stream, "deals.csv")


@pytest.mark.parametrize("content", [b"PK\x03\x04 no workbook", b"%PDF-1.7 ...", b"\xd0\xcf\x11\xe0 old", b""])
def test_what_is_no_table_is_refused_in_words(a_file, content):
    with pytest.raises(Invalid):
        reading.sheet(a_file(content))
