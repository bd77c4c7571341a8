"""The types of the expression language, and what an expression asks of its surroundings."""
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from metadata.expression.tree import Value
from metadata.words import later, say


class Type(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    LIST = "list"
    NULL = "null"

    @property
    def words(self) -> str:
        return say(_WORDS[self])


_WORDS = {
    Type.TEXT: later("a text"), Type.NUMBER: later("a number"), Type.BOOLEAN: later("true or false"), Type.DATE: later("a date"),
    Type.DATETIME: later("a date with time"), Type.LIST: later("a list"), Type.NULL: later("nothing"),
}

_OF_VALUE: tuple[tuple[type, Type], ...] = (
    (bool, Type.BOOLEAN), (Decimal, Type.NUMBER), (int, Type.NUMBER), (datetime, Type.DATETIME), (date, Type.DATE),
    (str, Type.TEXT),
)


def type_of(value: Value) -> Type:
    """The type of a literal; the empty text is nothing."""
    if value is None or value == "":
        return Type.NULL
    return next(found for python, found in _OF_VALUE if isinstance(value, python))


class Scope(Protocol):
    """type: the type a path speaks ("text", "number", … or "list" of texts); None where there is no such field."""

    def type(self, path: tuple[str, ...]) -> str | None: ...


class Moment(Protocol):
    """When, where and for whom an expression is asked: runtime.values.Moment."""

    @property
    def now(self) -> datetime: ...
    @property
    def zone(self) -> str: ...
    @property
    def user_id(self) -> int | None: ...
    @property
    def today(self) -> Any: ...
