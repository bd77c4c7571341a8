"""Capital and small letters, one for one, the same in Python and in PostgreSQL.

Unicode's simple mapping, as PostgreSQL 17+ has it in its built-in collation "pg_c_utf8" whatever the database's locale:
no letter ever becomes two ("ß" stays "ß"), and no letter looks at its neighbours. Older servers use the database's own
locale, which agrees for the letters people write with.
"""
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from metadata.expression.functions.function import FOLDING

_BUILT_IN = (17,)


class _Simple(dict[int, str]):
    """For str.translate: fills itself with the letters that turn up."""

    def __init__(self, fold: Any, exceptions: dict[int, str]):
        super().__init__(exceptions)
        self._fold = fold

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        found = self._fold(letter)
        self[code] = found if len(found) == 1 else letter
        return self[code]


def _to_capital(letter: str) -> str:
    capital = letter.upper()
    return capital if len(capital) == 1 else letter.title()


_SMALL = _Simple(str.lower, {0x130: "i"})
_CAPITAL = _Simple(_to_capital, {})


def small(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_SMALL)


def capital(text: str) -> str:
    return text.upper() if text.isascii() else text.translate(_CAPITAL)


class Small(FunctionElement[str]):
    """A column in small letters, for conditions."""
    name = "small"
    type = sa.Text()
    inherit_cache = True


@compiles(Small)
def _small(element: FunctionElement[str], compiler: Any, **options: Any) -> str:
    return f"lower(({compiler.process(element.clauses, **options)}){collation(compiler)})"


def collation(compiler: Any) -> str:
    version = getattr(compiler.dialect, "server_version_info", None) or _BUILT_IN
    return ' COLLATE "pg_c_utf8"' if version >= _BUILT_IN else ""


def words_sql(text: str) -> str:
    """Each word's first letter as a capital, the rest small; words are what single spaces part."""
    return (f"(SELECT string_agg(upper(left(word, 1){FOLDING}) || lower(substr(word, 2){FOLDING}), ' ' ORDER BY place) "
            f"FROM unnest(string_to_array({text}, ' ')) WITH ORDINALITY AS words(word, place))")


def words(text: str) -> str:
    return " ".join(capital(word[:1]) + small(word[1:]) for word in text.split(" "))
