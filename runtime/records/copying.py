"""Copying: many new rows of one module by COPY, the fastest way PostgreSQL takes them.

Values are written column by column, because what holds for a whole column is asked once. Words of the search column are cut
here as `house.words` and `to_tsvector('simple', …)` would cut them. What this file does not know (a column of another SQL
type, words of another script) it leaves to the caller's INSERT … SELECT.
"""
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import repeat
from operator import itemgetter
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from runtime.db.transaction import Transaction
from runtime.records.pipeline import Pipeline
from runtime.values import Change

FEWEST = 20
"""Below this many rows one INSERT is as fast."""
PIECE = 200
"""Rows sent at once: while PostgreSQL stores them, the next are written here."""
PUNCTUATION = r"""@.-_/:,;()[]{}<>"'&+*#!?|\=%$~^`"""
MOST_WORDS = 200
NOTHING = r"\N"

Values = Mapping[str, Any]
Writer = Callable[[Sequence[Any]], Sequence[str]]

_GAPS = str.maketrans(dict.fromkeys(PUNCTUATION, " "))
_MARKS = dict.fromkeys(range(0x300, 0x370))
_BETWEEN = "\x1f"
_PLAIN_TEXTS = re.compile(r"[a-z0-9 \t\r\n\x1f]*")
_ODD_WORDS = re.compile(r"(?<![a-z0-9])[0-9]+e[0-9]|[a-z0-9]{200}")
"""What PostgreSQL's parser takes for a number in scientific writing, whatever follows; and words of no language."""
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\b": r"\b", "\f": r"\f", "\v": r"\v"})


def copied(tx: Transaction, pipe: Pipeline, changes: Sequence[Change], import_id: int | None, at: datetime) -> list[int] | None:
    """The new ids in order, or None where these rows must go in another way. Raises sqlalchemy's IntegrityError."""
    known = pipe.now.once(("copied", pipe.module.name), lambda: _columns(pipe))
    if known is None or len(changes) < FEWEST:
        return None
    rows = [change.after for change in changes]
    searched = _searched(pipe, rows)
    if searched is None:
        return None
    said = set().union(*map(dict.keys, rows))
    columns = [column for column in known if column[0] in said]
    ids: list[int] = tx.scalar(_IDS, {"table": f'records."{pipe.table.name}"', "count": len(changes)})
    by, origin = (NOTHING if number is None else str(number) for number in (changes[0].actor.user_id, import_id))
    written = at.isoformat()
    tail = f"{by}\t{written}\t{by}\t{origin}"
    paths, writers = [path for path, _name, _write in columns], [write for _path, _name, write in columns]

    def pieces() -> Iterator[str]:
        for first in range(0, len(rows), PIECE):
            some = rows[first:first + PIECE]
            cells: list[Any] = [write(column) for write, column in zip(writers, _columns_of(some, paths), strict=True)]
            made = [row.get("created_at") for row in some]          # records of another system keep their age
            ages = [written if one is None else one.isoformat() for one in made]
            cells += [map(str, ids[first:first + PIECE]), ages, repeat(tail)]
            if searched:
                cells.append(map(vector, searched[first:first + PIECE]))
            yield "\n".join(map("\t".join, zip(*cells, strict=False))) + "\n"

    names = [f'"{name}"' for _path, name, _write in columns]
    house = ["id", "created_at", "created_by", "updated_at", "updated_by", "import_id", *(["search"] if searched else [])]
    statement = f'COPY records."{pipe.table.name}" ({", ".join([*names, *house])}) FROM STDIN'
    try:
        with tx.connection.connection.driver_connection.cursor() as cursor, cursor.copy(statement) as copy:
            for piece in pieces():
                copy.write(piece)
    except psycopg.IntegrityError as problem:
        raise sa.exc.IntegrityError("COPY", None, problem) from problem
    except psycopg.Error as problem:
        raise sa.exc.DBAPIError("COPY", None, problem) from problem
    return ids


_IDS = sa.text("SELECT array_agg(nextval(pg_get_serial_sequence(:table, 'id'))) FROM generate_series(1, :count)")


def _columns_of(rows: Sequence[Values], paths: Sequence[str]) -> Sequence[Sequence[Any]]:
    """The values of rows by column; rows mostly say the same fields, and then each is asked once for all of them."""
    if len(paths) > 1:
        with suppress(KeyError):
            return list(zip(*map(itemgetter(*paths), rows), strict=True))
    return [[row.get(path) for row in rows] for path in paths]


def _columns(pipe: Pipeline) -> list[tuple[str, str, Writer]] | None:
    """(path, column, how its values are written); None where one is of a type that is not known here."""
    found = []
    for path, name in pipe.columns.items():
        write = _writer(pipe.table.c[name].type)
        if write is None:
            return None
        found.append((path, name, write))
    return found


def _writer(type: sa.types.TypeEngine) -> Writer | None:
    if isinstance(type, sa.Boolean):
        return lambda values: [NOTHING if value is None else "t" if value else "f" for value in values]
    if isinstance(type, (sa.Numeric, sa.Integer)):
        return lambda values: [NOTHING if value is None else str(value) for value in values]
    if isinstance(type, (sa.Date, sa.DateTime)):
        return _moments
    if isinstance(type, sa.String):
        return _texts
    if isinstance(type, ARRAY) and isinstance(type.item_type, sa.String):
        return lambda values: [NOTHING if value is None else _several(value) for value in values]
    return None


def _moments(values: Sequence[Any]) -> list[str]:
    """What was read once is one object, however many rows it stands in."""
    known: dict[int, str] = {id(None): NOTHING}
    return [known.get(key := id(value)) or known.setdefault(key, value.isoformat()) for value in values]


def _texts(values: Sequence[str | None]) -> list[str]:
    whole = "".join([value for value in values if value is not None])
    if whole.isprintable() and "\\" not in whole:
        return [NOTHING if value is None else value for value in values]
    return [NOTHING if value is None else escaped(value) for value in values]


def _several(items: Sequence[str]) -> str:
    quoted = [item.replace("\\", r"\\").replace('"', r"\"") for item in items]
    return escaped("{" + ",".join([f'"{item}"' for item in quoted]) + "}")


def escaped(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)


def _searched(pipe: Pipeline, rows: Sequence[Values]) -> list[str] | None:
    """The words of each row's search column, nothing where there is none; None where only the database can cut them."""
    names = pipe.module.search_fields
    if not names:
        return []
    return cut([" ".join([str(value) for name in names if (value := row.get(name)) is not None]) for row in rows])


def cut(texts: Sequence[str]) -> list[str] | None:
    """The words of each as `house.words` leaves them, for words of Latin letters and figures; None where one is not for us."""
    whole = _BETWEEN.join(texts)
    if whole.count(_BETWEEN) >= max(1, len(texts)):
        return None
    whole = _bare(whole)
    if not _PLAIN_TEXTS.fullmatch(whole) or _ODD_WORDS.search(whole):
        return None
    found = whole.split(_BETWEEN)
    too_long = any(len(words) > 2 * MOST_WORDS and len(words.split()) > MOST_WORDS for words in found)
    return None if too_long else found


def vector(words: str) -> str:
    """to_tsvector('simple', …) of words that were cut, as text. One that comes twice stands twice: PostgreSQL joins its places."""
    return " ".join([f"'{word}':{place}" for place, word in enumerate(words.split(), 1)])


def _bare(text: str) -> str:
    """Small letters without accents, gaps for punctuation."""
    if not text.isascii():
        text = unicodedata.normalize("NFD", text).translate(_MARKS).replace("đ", "d").replace("Đ", "d")
    return text.lower().translate(_GAPS)

