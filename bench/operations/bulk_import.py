"""Importing a CSV file of 100,000 deals through every check, beside COPY of the very same rows into the same table.

The import runs in a process of its own, as a worker would run it. Its memory is what that process and the one that reads for it
take together at their peak, beyond what the first held before.
"""
import csv
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench.forms import FIELDS, NEW
from bench.serving import pss
from bench.stage import Row, Stage

ORDER = 80
ROWS = 100_000
COLUMNS = ", ".join((*FIELDS, "amount__currency", "amount__home", "owner", "created_at", "created_by", "updated_at", "updated_by",
                     "import_id", "search"))


def rows(stage: Stage) -> Iterator[Row]:
    count = ROWS // 10 if stage.quick else ROWS
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "deals.csv"
        names = stage.raw.execute("SELECT name FROM records.accounts WHERE id <= 1000 ORDER BY id").fetchall()
        _write(path, count, [name for name, in names])
        grown: list[float] = []
        kept = Path(folder) / "rows.copy"

        def product() -> float:
            seconds, more = _imported(path, stage.installation.user, count)
            grown.append(more)
            return count / seconds

        def copy() -> float:
            return count / _copied(stage, kept)

        took, raw = stage.rounds(product, copy)
    yield Row(f"import of {count:,} rows", "rows/s", took, None, raw, "raw", ">=", 0.4)
    yield Row("import, memory it grew by", "MiB", max(grown), target=100)


def _write(path: Path, count: int, accounts: list[str]) -> None:
    """Written as somebody would: labels as headings, the account by its name, amounts with separators."""
    headings = {name: name.replace("_", " ").capitalize() for name in FIELDS} | {"name": "Deal name", "source": "Lead source"}
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(headings.values())
        for number in range(count):
            row = FIELDS | {"name": FIELDS["name"].replace(NEW, str(number)), "account": accounts[number % len(accounts)],
                            "amount": f"{10_000 + number * 7 % 90_000:,}.50", "score": str(number % 101), "strategic": "yes",
                            "last_contact": "2026-11-20 09:30", "close_date": f"2026-{1 + number % 12:02}-{1 + number % 28:02}",
                            "email": f"c{number}@example.com", "phone": f"+8490{1_000_000 + number}"}
            lines.writerow(row.values())


def _imported(path: Path, user: int, count: int) -> tuple[float, float]:
    """(seconds, MiB) of one import."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        process, before = pool.apply(_ready)
        took = pool.apply_async(_import, (str(path), user, count))
        most = before
        while not took.ready():
            most = max(most, _held(process))
            took.wait(0.3)         # a look takes milliseconds from what is measured
        return took.get(), most - before


def _held(process: int) -> float:
    """MiB of a process and its children, pages they share counted once."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    held = 0.0
    for one in (process, *children):
        with suppress(OSError):     # a child that is just gone
            held += pss(int(one))
    return held


def _ready() -> tuple[int, float]:
    from runtime.cli.ready import ready  # only the child needs the exchange room

    ready()
    process = multiprocessing.current_process().pid
    return process, pss(process)


def _import(path: str, user: int, count: int) -> float:
    from runtime.exchange import service  # only the child needs the exchange room
    from runtime.security import users

    actor = users.actor_for(user, "import")
    began = time.perf_counter()
    told = service.import_file(actor, Path(path), "deals", match="", on_match="create")
    seconds = time.perf_counter() - began
    if told["created"] != count:
        raise RuntimeError(f"The import took {told['created']:,} of {count:,} rows: {told['reasons'][:3]}")
    return seconds


def _copied(stage: Stage, kept: Path) -> float:
    """Seconds to COPY the rows of the last import; both are taken away again, so that the next round finds the same table."""
    imported = stage.raw.execute("SELECT max(import_id) FROM records.deals").fetchone()[0]
    with kept.open("wb") as file, stage.raw.cursor().copy(
            f"COPY (SELECT {COLUMNS} FROM records.deals WHERE import_id = {imported} ORDER BY id) TO STDOUT") as out:
        for piece in out:
            file.write(piece)
    _forget(stage)
    began = time.perf_counter()
    with kept.open("rb") as file, stage.raw.cursor().copy(f"COPY records.deals ({COLUMNS}) FROM STDIN") as into:
        while piece := file.read(1 << 16):
            into.write(piece)
    seconds = time.perf_counter() - began
    _forget(stage)
    return seconds


def _forget(stage: Stage) -> None:
    stage.raw.execute("DELETE FROM records.deals WHERE import_id IS NOT NULL")
    stage.raw.execute("VACUUM records.deals")
    stage.raw.execute("CHECKPOINT")
