"""Keeping: files that were sent, copied under their own hash; each sheet of a workbook is a file of its own."""
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from runtime.db import embedded
from runtime.errors import TooLarge
from runtime.exchange import reading
from runtime.locale.text import _

LARGEST = 2 * 1024 * 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """One table. sheet: what it is called in its workbook, "" in any other file."""
    path: Path
    hashed: str
    sheet: str = ""


def keep(stream: BinaryIO) -> list[Kept]:
    """The tables of a file, in CRM_HOME/imports, at least one; never held in memory. Raises Invalid, TooLarge."""
    folder = embedded.home() / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    hashed, size = hashlib.sha256(), 0
    handle, sent = tempfile.mkstemp(dir=folder)
    try:
        with open(handle, "wb") as file:
            while piece := stream.read(1 << 20):
                size += len(piece)
                if size > LARGEST:
                    raise TooLarge(_("The file is larger than 2 GB. Cut it into several."))
                hashed.update(piece)
                file.write(piece)
        sheets = reading.unpack(Path(sent))
    except BaseException:                           # refused, cut off, or the disk is full: no half of it stays
        os.unlink(sent)
        raise
    kept = []
    for number, (name, path) in enumerate(sheets or [("", Path(sent))]):
        own = hashed.hexdigest() + (f"-{number}" if number else "")
        os.replace(path, folder / own)
        kept.append(Kept(folder / own, own, name))
    return kept
