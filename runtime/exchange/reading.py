"""Reading: a CSV or XLSX file as headings and rows of text, streamed, whatever wrote it."""
import codecs
import csv
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

import orjson

from runtime.errors import Invalid
from runtime.locale.text import _

LONGEST_CELL = 100_000
MOST_COLUMNS = 500
SAMPLE, SAMPLE_CELL = 1_000, 2_000
ENCODINGS = ("utf-8", "cp1252")
DELIMITERS = ",;\t|"
SECONDS = 120
WORKBOOK = b"PK\x03\x04"
UNPACKED = b"\x1e"
"""How a workbook begins, and a file that holds the rows of one, a JSON list per line."""


@dataclass(frozen=True)
class Sheet:
    """headings as in the file, blank ones named "Column 7", repeated ones numbered; samples: the first rows."""
    headings: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]


def sheet(path: Path) -> Sheet:
    """Raises Invalid for a file that is no table."""
    with rows(path) as lines:
        headings = _headings(next(lines, []))
        samples = []
        for line in lines:
            samples.append(tuple(cell[:SAMPLE_CELL] for cell in fitted(line, len(headings))))
            if len(samples) >= SAMPLE:
                break
    if not headings:
        raise Invalid({"file": [_("The file is empty. Its first line must hold the column headings.")]})
    return Sheet(headings, tuple(samples))


@contextmanager
def rows(path: Path) -> Iterator[Iterator[list[str]]]:
    """Every line of the file as a list of texts, the headings first; blank lines are left out."""
    with open(path, "rb") as file:
        head = file.read(8)
    if head[:4] == WORKBOOK:
        with _workbook(path) as lines:
            next(lines, None)
            yield takewhile(lambda line: not isinstance(line, str), lines)
    elif head[:1] == UNPACKED:
        with open(path, "rb") as file:
            file.seek(len(UNPACKED))
            yield map(orjson.loads, file)
    elif head[:4] in (b"\xd0\xcf\x11\xe0", b"%PDF") or head[:3] == b"GIF" or head[:4] == b"\x89PNG":
        raise Invalid({"file": [_("This is no table. Save it as CSV or XLSX and choose it again.")]})
    else:
        with _text(path) as lines:
            yield lines


def unpack(path: Path) -> list[tuple[str, Path]]:
    """Turn a workbook into files with the rows of its sheets: (name, file), the first in the workbook's place, so that it is
    opened once however often it is read. Other files stay as they are: []. Raises Invalid for what cannot be read; then it is
    unchanged."""
    with open(path, "rb") as file:
        head = file.read(4)
    if head[:1] == UNPACKED:        # only we write such files
        raise Invalid({"file": [_("This is no table. Save it as CSV or XLSX and choose it again.")]})
    if head != WORKBOOK:
        return []
    made: list[tuple[str, Path]] = []
    try:
        with _workbook(path) as lines:
            line = next(lines, None)
            while line is not None:
                with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                    made.append((str(line), Path(file.name)))
                    file.write(UNPACKED)
                    while isinstance(line := next(lines, None), list):
                        file.write(orjson.dumps(line) + b"\n")
    except BaseException:
        for _name, one in made:
            one.unlink()
        raise
    if not made:
        raise Invalid({"file": [_("The file is empty. Its first line must hold the column headings.")]})
    os.replace(made[0][1], path)
    return [(made[0][0], path), *made[1:]]


def count(path: Path) -> int:
    """How many rows stand below the headings."""
    with rows(path) as lines:
        return max(0, sum(1 for _line in lines) - 1)


def fitted(line: list[str], width: int) -> tuple[str, ...]:
    """A row with exactly as many cells as there are headings; what is beyond them must be blank to be dropped."""
    if len(line) == width:
        return tuple(line)
    return tuple(line[:width]) + ("",) * (width - len(line))


def _headings(line: list[str]) -> tuple[str, ...]:
    if len(line) > MOST_COLUMNS:
        raise Invalid({"file": [_("The file has more than %(most)s columns.", most=MOST_COLUMNS)]})
    seen: dict[str, int] = {}
    headings = []
    for number, cell in enumerate(line, 1):
        name = " ".join(cell.replace("\ufeff", "").split())[:200] or f"Column {number}"
        seen[name] = seen.get(name, 0) + 1
        headings.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(headings)


@contextmanager
def _text(path: Path) -> Iterator[Iterator[list[str]]]:
    encoding, begin = _encoding(path)
    with open(path, encoding=encoding, newline="", errors="strict" if encoding.startswith("utf") else "replace") as file:
        file.seek(begin)
        try:
            sample = file.read(64 * 1024)
        except UnicodeDecodeError as problem:       # UTF-16 by its mark alone is believed without having been read
            raise _unread(1, problem) from None
        file.seek(begin)
        csv.field_size_limit(64 * 1024 * 1024)
        yield _csv(file, _delimiter(sample))


def _csv(file: io.TextIOBase, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(file, delimiter=delimiter)
    try:
        for line in reader:
            if any(line):
                yield line
    except (csv.Error, UnicodeDecodeError) as problem:
        raise _unread(reader.line_num + 1, problem) from None


def _unread(line: int, problem: Exception) -> Invalid:
    return Invalid({"file": [_("Line %(line)s cannot be read: %(reason)s.", line=line, reason=str(problem))]})


@lru_cache(maxsize=64)
def _encoding(path: Path) -> tuple[str, int]:
    """(encoding, place of the first character). Uploads are kept under the hash of their content, so an answer stays true."""
    with open(path, "rb") as file:
        head = file.read(4)
        if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16", 0
        for encoding in ENCODINGS:
            decoder = codecs.getincrementaldecoder(encoding)()
            file.seek(0)
            try:
                while piece := file.read(1 << 20):
                    decoder.decode(piece)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            return encoding, len(codecs.BOM_UTF8) if encoding == "utf-8" and head.startswith(codecs.BOM_UTF8) else 0
    return "latin-1", 0


def _delimiter(sample: str) -> str:
    """The mark that stands most often outside quotes in the first line."""
    line, quoted = [], False
    for character in sample:
        if character == '"':
            quoted = not quoted
        elif character in "\r\n" and not quoted:
            break
        elif not quoted:
            line.append(character)
    return max(DELIMITERS, key=lambda mark: (line.count(mark), -DELIMITERS.index(mark)))


@contextmanager
def _workbook(path: Path) -> Iterator[Iterator[list[str] | str]]:
    """The sheets of a workbook that hold something, each its name and then its rows, read by a child process with
    little memory and time (safety T55)."""
    child = subprocess.Popen([sys.executable, "-m", "runtime.exchange.workbook", str(path)], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    try:
        yield _lines(child)
    finally:
        child.kill()
        child.wait()


def _lines(child: subprocess.Popen[bytes]) -> Iterator[list[str] | str]:
    name = None
    for line in child.stdout or ():
        cells = orjson.loads(line)
        if isinstance(cells, str):
            name = cells
        elif any(cells):
            if name is not None:
                yield name
                name = None
            yield cells
    if child.wait(SECONDS):
        said = (child.stderr.read() if child.stderr else b"").decode(errors="replace").strip().splitlines()
        raise Invalid({"file": [said[-1][2:200] if said and said[-1].startswith("! ") else
                                _("This workbook cannot be read. Save it again as XLSX or as CSV.")]})
