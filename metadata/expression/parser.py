"""parse(): an expression's text as a tree, within fixed limits whatever the text."""
from decimal import Decimal
from functools import lru_cache
from pathlib import Path as File
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from metadata.expression.errors import ExpressionError
from metadata.expression.tree import (
    And,
    Call,
    Compare,
    In,
    Join,
    Literal,
    Negative,
    Node,
    Not,
    Or,
    Path,
    Product,
    Sum,
    walk,
)
from metadata.words import say

MOST_NODES = 500
DEEPEST = 32
MOST_TOKENS = 2_000
LONGEST_TEXT = 40_000
REMEMBERED, REMEMBERED_TEXT = 10_000, 400
"""So many trees are kept, of texts no longer than that: the same formulas are read again and again."""
LONGEST_LITERAL = 4_096
LONGEST_NAME = 40
MOST_STEPS = 10
MOST_DIGITS = 28
MOST_DECIMALS = 10

_ESCAPES = {"n": "\n", "t": "\t"}
_SAME = {"=": "==", "<>": "!="}
_SIGNS = frozenset({"_NOT", "ADD"})
_STEPS = frozenset({"NAME", "DOT"})
_OPENING, _CLOSING = frozenset({"_OPEN", "LSQB"}), frozenset({"_CLOSE", "RSQB"})


class _Tree(Transformer[Token, Any]):
    """Called by the parser at each reduction, so no tree is ever walked by recursion."""

    def __default_token__(self, token: Token) -> Token:
        return token

    def either(self, terms: list[Node]) -> Node:
        return terms[0] if len(terms) == 1 else Or(tuple(terms), terms[0].at)

    def both(self, terms: list[Node]) -> Node:
        return terms[0] if len(terms) == 1 else And(tuple(terms), terms[0].at)

    def negation(self, found: list[Node]) -> Node:
        return Not(found[0], found[0].at)

    def comparison(self, found: list[Any]) -> Node:
        left, sign, right = found
        return Compare(_SAME.get(str(sign), str(sign)), left, right, sign.start_pos)

    def membership(self, found: list[Any]) -> Node:
        item, options = found
        return In(item, options, item.at)

    def absence(self, found: list[Any]) -> Node:
        return Not(self.membership(found), found[0].at)

    def options(self, found: list[Node]) -> tuple[Node, ...]:
        return tuple(found)

    def held(self, found: list[Node]) -> Node:
        return found[0]

    def joined(self, terms: list[Node]) -> Node:
        return terms[0] if len(terms) == 1 else Join(tuple(terms), terms[0].at)

    def sum(self, found: list[Any]) -> Node:
        if len(found) == 1:
            return found[0]  # type: ignore[no-any-return]
        rest = tuple((str(sign), term) for sign, term in zip(found[1::2], found[2::2], strict=True))
        return Sum(found[0], rest, found[0].at)

    def product(self, found: list[Any]) -> Node:
        left, sign, right = found
        return Product(str(sign), left, right, left.at)

    def signed(self, found: list[Any]) -> Node:
        sign, operand = found
        if sign == "+":
            return operand  # type: ignore[no-any-return]
        if isinstance(operand, Literal) and isinstance(operand.value, Decimal):
            return Literal(operand.value.copy_negate() if operand.value else operand.value, sign.start_pos)
        return Negative(operand, sign.start_pos)

    def number(self, found: list[Token]) -> Node:
        token = found[0]
        whole, _, fraction = token.partition(".")
        if len(whole.lstrip("0")) > MOST_DIGITS or len(fraction) > MOST_DECIMALS:
            raise ExpressionError(say("A number has at most %(digits)s digits before the point and %(decimals)s "
                                      "behind it.", digits=MOST_DIGITS, decimals=MOST_DECIMALS), token.start_pos or 0)
        return Literal(Decimal(str(token)), token.start_pos or 0)

    def text(self, found: list[Token]) -> Node:
        token = found[0]
        at = token.start_pos or 0
        if len(token) > LONGEST_LITERAL:
            raise ExpressionError(say("A text in quotes has at most %(most)s characters.",
                                      most=f"{LONGEST_LITERAL:,}"), at)
        return Literal(_unquoted(token[1:-1], at), at)

    def true(self, found: list[Token]) -> Node:
        return Literal(True, found[0].start_pos or 0)

    def false(self, found: list[Token]) -> Node:
        return Literal(False, found[0].start_pos or 0)

    def null(self, found: list[Token]) -> Node:
        return Literal(None, found[0].start_pos or 0)

    def path(self, found: list[Token]) -> Node:
        if len(found) > MOST_STEPS or any(len(name) > LONGEST_NAME for name in found):
            raise _too_long_a_path(found[0].start_pos or 0)
        return Path(tuple(str(name) for name in found), found[0].start_pos or 0)

    def call(self, found: list[Any]) -> Node:
        return Call(str(found[0]).upper(), tuple(found[1:]), found[0].start_pos)


def _unquoted(text: str, at: int) -> str:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ExpressionError(say("This text holds characters that cannot be stored."), at)
    if "\\" not in text:
        return text
    letters, source = [], iter(text)
    for letter in source:
        if letter == "\\":
            letter = next(source)
            letter = _ESCAPES.get(letter, letter)
        letters.append(letter)
    return "".join(letters)


_LARK = Lark(File(__file__).with_name("grammar.lark").read_text(encoding="utf-8"), parser="lalr",
             transformer=_Tree(), maybe_placeholders=False)


def parse(text: str) -> Node:
    """Raises ExpressionError with a sentence and the place. Every text is answered within milliseconds."""
    if not isinstance(text, str) or not text.strip():
        raise ExpressionError(say("The expression is empty."))
    if len(text) > LONGEST_TEXT:
        raise ExpressionError(say("The expression is longer than %(most)s characters.", most=f"{LONGEST_TEXT:,}"))
    return _remembered(text) if len(text) <= REMEMBERED_TEXT else _parsed(text)


def _parsed(text: str) -> Node:
    try:
        node = _read(text)
    except ExpressionError as problem:
        raise ExpressionError(problem.cause, problem.position, text) from None
    except UnexpectedInput as problem:
        raise _said(problem, text) from None
    for nodes, (found, depth) in enumerate(walk(node), start=1):
        if depth > DEEPEST:
            raise ExpressionError(say("The expression is nested more than %(most)s deep.", most=DEEPEST), found.at, text)
        if nodes > MOST_NODES:
            raise ExpressionError(say("The expression has more than %(most)s parts.", most=MOST_NODES), 0, text)
    return node


_remembered = lru_cache(REMEMBERED)(_parsed)


def _read(text: str) -> Node:
    """Token by token, so that neither length nor nesting can cost more than the limits allow."""
    reading = _LARK.parse_interactive(text)
    open_brackets = signs = steps = 0
    token = None
    for count, token in enumerate(reading.iter_parse(), start=1):
        if token.type in _OPENING:
            open_brackets += 1
        elif token.type in _CLOSING:
            open_brackets -= 1
        signs = signs + 1 if token.type in _SIGNS else 0
        steps = steps + 1 if token.type in _STEPS else 0
        if steps > 2 * MOST_STEPS:
            raise _too_long_a_path(token.start_pos or 0)
        if max(open_brackets, signs) > DEEPEST:
            raise ExpressionError(say("The expression is nested more than %(most)s deep.", most=DEEPEST), token.start_pos or 0)
        if count > MOST_TOKENS:
            raise ExpressionError(say("The expression has more than %(most)s parts.", most=MOST_NODES), token.start_pos or 0)
    return reading.feed_eof(token)  # type: ignore[no-any-return]


def _too_long_a_path(at: int) -> ExpressionError:
    return ExpressionError(say("A field's name has at most %(letters)s characters, a path at most %(names)s names.",
                               letters=LONGEST_NAME, names=MOST_STEPS), at)


def _said(problem: UnexpectedInput, text: str) -> ExpressionError:
    if isinstance(problem, UnexpectedToken):
        if problem.token.type == "$END":
            return ExpressionError(say("The expression ends too early; something is missing here."), len(text.rstrip()), text)
        at = problem.token.start_pos or 0
        shown = str(problem.token)[:40]
        if "NAME" not in problem.expected:
            cause = say("'%(text)s' does not fit here; an operator, ')' or the end is expected.", text=shown)
        else:
            cause = say("'%(text)s' does not fit here; a field, a value or a function is expected.", text=shown)
        return ExpressionError(cause, at, text)
    at = problem.pos_in_stream or 0
    letter = text[at:at + 1]
    if letter in "\"'":
        return ExpressionError(say("This text has no closing quote."), at, text)
    if isinstance(problem, UnexpectedCharacters) and letter.isascii() and letter.isprintable():
        return ExpressionError(say("'%(letter)s' has no meaning here.", letter=letter), at, text)
    return ExpressionError(say("The character U+%(code)s has no meaning here; names are written in a–z, 0–9 and _.",
                               code=f"{ord(letter or ' '):04X}"),
                           at, text)
