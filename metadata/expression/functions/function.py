"""The contract of a function: signature, doc line and both faces side by side.

Rules every face keeps, so that PostgreSQL and Python agree: it never raises, whatever the values; it uses each of its
arguments once in SQL (nesting must not multiply the statement); it gives NULL where there is no answer.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.expression.types import Type

Closure = Callable[[Mapping[str, Any], Any], Any]
"""(a record's values by dotted path, the moment) -> value; what an expression becomes in Python."""


class Term(str):
    """The SQL text of an argument, and its type. No text of a user ever stands in it: values are marks for parameters."""
    __slots__ = ("kind",)
    kind: Type

    def __new__(cls, text: str, kind: Type) -> "Term":
        term = super().__new__(cls, text)
        term.kind = kind
        return term


FOLDING = "\ue002"
"""Stands for the collation that folds letters alike on every server (letters.py), where there is one."""


@dataclass(frozen=True)
class Like:
    """A parameter of any of some types, the same for every parameter of this name in one call."""
    name: str
    among: frozenset[Type]


@dataclass(frozen=True)
class OneOf:
    """A parameter that must be written out: one of these words in quotes."""
    words: tuple[str, ...]


Parameter = Type | frozenset[Type] | Like | OneOf

ANY = Like("any", frozenset({Type.TEXT, Type.NUMBER, Type.BOOLEAN, Type.DATE, Type.DATETIME}))
RESULT = Like("result", ANY.among)
ORDERED = Like("ordered", frozenset({Type.NUMBER, Type.DATE, Type.DATETIME}))


@dataclass(frozen=True)
class Function:
    """signature: for people, "LEFT(text, count)"; the name is what stands before the bracket.

    takes: types of the parameters; the last `optional` may be left out; `repeats` of them (before the optional ones)
    come again as often as wanted. gives: a type, or the Like whose type the result has.
    example: (expression, its value written as text).
    python: values -> value. strict: it is never called with None, one None makes the result None.
    lazy: instead of values it gets the arguments' closures and returns the closure of the call.
    sql: SQL texts of the arguments -> SQL text of the result, whole in itself (brackets around an operator).
    moment: both faces get the moment (now, today, zone, user_id) first; in SQL its parts are SQL texts as well.
    """
    signature: str
    takes: tuple[Parameter, ...]
    gives: Type | Like
    doc: str
    example: tuple[str, str]
    python: Callable[..., Any]
    sql: Callable[..., str]
    optional: int = 0
    repeats: int = 0
    strict: bool = True
    lazy: bool = False
    moment: bool = False

    @property
    def name(self) -> str:
        return self.signature.partition("(")[0]

    def parameters(self, count: int) -> tuple[Parameter, ...] | None:
        """The parameters of a call with so many arguments; None where the number does not fit."""
        required = len(self.takes) - self.optional
        if not self.repeats:
            return self.takes[:count] if required <= count <= len(self.takes) else None
        fixed, group = self.takes[:required - self.repeats], self.takes[required - self.repeats:required]
        tail = self.takes[required:]
        rounds, left = divmod(count - len(fixed), self.repeats)
        if rounds < 1 or left > len(tail):
            return None
        return fixed + group * rounds + tail[:left]
