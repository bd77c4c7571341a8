"""A workbook as lines of JSON on standard output, each sheet its name and then its rows: the child process that reads what
strangers send.

Values only, no formulas, no links; of the first 50 sheets at most 1,000,000 rows of 500 cells each, 1 GB when unpacked,
1.5 GiB of memory and 120 s of processor time.
"""
import json
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineWorkbook

MOST_SHEETS, MOST_ROWS, MOST_CELLS, UNPACKED, MEMORY, SECONDS = 50, 1_000_000, 500, 10**9, 1536 * 1024 * 1024, 120


def main(path: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    with zipfile.ZipFile(path) as packed:
        if sum(part.file_size for part in packed.infolist()) > UNPACKED:
            print("! The workbook unpacks to more than 1 GB. Save its first sheet as CSV.", file=sys.stderr)
            return 3
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names[:MOST_SHEETS]:
        sheet = book.get_sheet_by_name(name)
        if sheet.height > MOST_ROWS or sheet.width > MOST_CELLS:
            print(f"! The sheet “{name}” has more than {MOST_ROWS:,} rows or {MOST_CELLS} columns.", file=sys.stderr)
            return 3
        sys.stdout.write(json.dumps(name, ensure_ascii=False) + "\n")
        for row in sheet.iter_rows():
            sys.stdout.write(json.dumps([_text(cell) for cell in row], ensure_ascii=False) + "\n")
    return 0


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
