"""Dirt: cells of other programs' exports as raw input, each refusal a sentence for the import's error file."""
import unicodedata
from collections.abc import Mapping
from datetime import date as Day
from datetime import datetime as Moment
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from runtime.fields.values import refuse, shortened
from runtime.locale import dirty

NEAR, SLIP = 0.9, 5
"""How alike a misspelt choice must be, and how long at least."""


def number(text: str, hints: Mapping[str, Any], unit: str | None = None) -> Decimal:
    if unit:
        text = text.strip().removesuffix(unit).strip()
    try:
        return dirty.number(text, hints)
    except (ValueError, ArithmeticError):
        raise refuse("'%(given)s' cannot be read as a number.", given=shortened(text)) from None


def date(text: str, hints: Mapping[str, Any]) -> Day:
    try:
        return dirty.date(text, hints)
    except ValueError:
        raise refuse("'%(given)s' cannot be read as a date.", given=shortened(text)) from None


def datetime(text: str, hints: Mapping[str, Any]) -> Moment:
    try:
        return dirty.datetime(text, hints)
    except ValueError:
        raise refuse("'%(given)s' cannot be read as a date and time.", given=shortened(text)) from None


def choice(text: str, labels: Mapping[str, str]) -> str:
    """The choice whose value or label is written here, whatever its case, accents and blanks, with a slip of the pen
    ("technolgy") where only one choice is that near; else the text itself."""
    if text in labels:
        return text
    wanted = folded(text)
    near: set[str] = set()
    for value, label in labels.items():
        for known in {folded(label), folded(value)}:
            if known == wanted:
                return value
            if len(wanted) >= SLIP and SequenceMatcher(None, known, wanted).ratio() >= NEAR:
                near.add(value)
    return near.pop() if len(near) == 1 else text


def folded(text: str) -> str:
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(letter))
    return "".join(letter for letter in bare.replace("đ", "d") if letter.isalnum())
