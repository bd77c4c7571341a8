"""The problem file: what an import refused or warned of, for a spreadsheet."""
import csv
import io
from collections.abc import Iterator
from typing import Any

from runtime.db import embedded
from runtime.exchange import store
from runtime.exchange.store import Run
from runtime.locale.text import _
from runtime.records.export_formats.csv import guarded


def lines(import_id: int) -> Iterator[str]:
    """The error file, line by line: row, column, value, reason; safe to open in a spreadsheet (safety D31)."""
    line = io.StringIO()
    writer = csv.writer(line)

    def written(*cells: Any) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow([cells[0], *map(guarded, cells[1:])])
        return line.getvalue()

    yield written(_("row"), _("kind"), _("column"), _("value"), _("reason"))
    for one in store.told(import_id):
        yield written(one.row_no, one.kind, one.heading, one.value, one.reason)


def kept(found: Run) -> str:
    path = embedded.home() / "imports" / f"import-{found.id}-problems.csv"
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        file.writelines(lines(found.id))
    return str(path)
