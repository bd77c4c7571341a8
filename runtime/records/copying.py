"""Copying: many new rows of one module by COPY, the fastest way PostgreSQL takes them.

Words of the search column are cut here as `house.words` and `to_tsvector('simple', …)` would cut them. What this file
does not know (a column of another SQL type, words of another script) it leaves to the caller's INSERT … SELECT.
"""
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from runtime.db.transaction import Transaction
from runtime.records.pipeline import Pipeline
from runtime.values import Change

FEWEST = 20
"""Below this many rows one INSERT is as fast."""
PUNCTUATION = r"""@.-_/:,;()[]{}<>"'&+*#!?|\=%$~^`"""
MOST_WORDS = 200
NOTHING = r"\N"

_GAPS = str.maketrans(dict.fromkeys(PUNCTUATION, " "))
_MARKS = dict.fromkeys(range(0x300, 0x370))
_PLAIN_WORDS = re.compile(r"[a-z0-9 \t\r\n]*")
_ODD_WORDS = re.compile(r"(?<![a-z0-9])[0-9]+e[0-9]|[a-z0-9]{200}")
"""What PostgreSQL's parser takes for a number in scientific writing, whatever follows; and words of no language."""
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\b": r"\b", "\f": r"\f", "\v": r"\v"})


def copied(tx: Transaction, pipe: Pipeline, changes: Sequence[Change], import_id: int | None, at: datetime) -> list[int] | None:
    """The new ids in order, or None where these rows must go in another way. Raises sqlalchemy's IntegrityError."""
    columns = pipe.now.once(("copied", pipe.module.name), lambda: _columns(pipe))
    if columns is None or len(changes) < FEWEST:
        return None
    searched = _searched(pipe, changes)
    if searched is None:
        return None
    ids = list(tx.scalars(_IDS, {"table": f'records."{pipe.table.name}"', "count": len(changes)}).all())
    by, origin = (NOTHING if number is None else str(number) for number in (changes[0].actor.user_id, import_id))
    now = at.isoformat()
    tail = f"\t{by}\t{now}\t{by}\t{origin}"
    lines = []
    for record_id, change, words in zip(ids, changes, searched, strict=True):
        after = change.after
        cells = [NOTHING if (value := after.get(path)) is None else write(value) for path, _name, write in columns]
        made = after.get("created_at")
        lines.append("\t".join(cells) + f"\t{record_id}\t{now if made is None else made.isoformat()}{tail}{words}\n")
    names = [f'"{name}"' for _path, name, _write in columns]
    house = "id, created_at, created_by, updated_at, updated_by, import_id" + (", search" if pipe.module.search_fields else "")
    statement = f'COPY records."{pipe.table.name}" ({", ".join([*names, house])}) FROM STDIN'
    try:
        with tx.connection.connection.driver_connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write("".join(lines))
    except psycopg.IntegrityError as problem:
        raise sa.exc.IntegrityError("COPY", None, problem) from problem
    except psycopg.Error as problem:
        raise sa.exc.DBAPIError("COPY", None, problem) from problem
    return ids


_IDS = sa.text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")


def _columns(pipe: Pipeline) -> list[tuple[str, str, Callable[[Any], str]]] | None:
    """(path, column, how its values are written); None where one is of a type that is not known here."""
    found = []
    for path, name in pipe.columns.items():
        write = _writer(pipe.table.c[name].type)
        if write is None:
            return None
        found.append((path, name, write))
    return found


def _writer(type: sa.types.TypeEngine) -> Callable[[Any], str] | None:
    if isinstance(type, sa.Boolean):
        return lambda value: "t" if value else "f"
    if isinstance(type, (sa.Numeric, sa.Integer)):
        return str
    if isinstance(type, (sa.Date, sa.DateTime)):
        return lambda value: value.isoformat()
    if isinstance(type, sa.String):
        return escaped
    if isinstance(type, ARRAY) and isinstance(type.item_type, sa.String):
        return _several
    return None


def _several(items: Sequence[str]) -> str:
    quoted = [item.replace("\\", r"\\").replace('"', r"\"") for item in items]
    return escaped("{" + ",".join([f'"{item}"' for item in quoted]) + "}")


def escaped(value: Any) -> str:
    text = str(value)
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def _searched(pipe: Pipeline, changes: Sequence[Change]) -> list[str] | None:
    """What stands in each row's search column, with the tab before it; None where only the database can tell."""
    names = pipe.module.search_fields
    if not names:
        return [""] * len(changes)
    found = []
    for change in changes:
        after = change.after
        text = " ".join([str(value) for name in names if (value := after.get(name)) is not None])
        vector = tsvector(text)
        if vector is None:
            return None
        found.append(f"\t{vector}")
    return found


def tsvector(text: str) -> str | None:
    """to_tsvector('simple', house.words(text)) as text, for words of Latin letters and figures; else None."""
    if not text.isascii():
        text = unicodedata.normalize("NFD", text).translate(_MARKS).replace("đ", "d").replace("Đ", "d")
    words = text.lower().translate(_GAPS)
    if not _PLAIN_WORDS.fullmatch(words) or _ODD_WORDS.search(words):
        return None
    cut = words.split()
    if len(cut) > MOST_WORDS:
        return None
    places: dict[str, list[str]] = {}
    for place, word in enumerate(cut, 1):
        places.setdefault(word, []).append(str(place))
    return " ".join([f"'{word}':{','.join(at)}" for word, at in places.items()])
