"""Guesses: what a cell of somebody's file looks like, for the field types' `looks_like`."""
import re
from collections.abc import Callable
from typing import Any

import marshmallow as ma

from metadata.model.field import Field
from runtime.errors import Invalid
from runtime.kinds.example import Example, Likeness

_SIGN = re.compile(r"[$€£¥₫đ₹₩]|\b(?:usd|eur|vnd|gbp|jpy)\b", re.IGNORECASE)
CHOICES, LONGEST_CHOICE = 40, 60
ENOUGH = 0.9
"""So many of the cells must fit before a column is thought to be of a type."""


def like(column: Example, sure: float, fits: Callable[[str], bool], least: float = ENOUGH) -> Likeness | None:
    """`sure`, less by the share of cells that do not fit; None below `least`, and for a column with nothing in it."""
    share = column.share(fits)
    return Likeness(sure * share, {}) if share >= least else None


def taken(kind: Any, text: str, column: Example) -> bool:
    """Whether a field of this type would take the cell as an import reads it."""
    field = Field(id="fld_example", name="example", label=column.heading, type=kind.name)
    try:
        kind.value(field).deserialize(kind.parse_dirty(field, text, column.hints))
    except (ma.ValidationError, Invalid, ValueError, ArithmeticError):
        return False
    return True


def has_time(text: str) -> bool:
    """Whether a date is followed by a clock: "15 Apr, 2021 00:03:00"."""
    before, colon, after = text.partition(":")
    return bool(colon) and before[-1:].isdigit() and after[:2].isdigit()


def has_sign(text: str) -> bool:
    """Whether a number says its currency: "$342.09K", "12 €", "2,45 tỷ đ", "USD 5"."""
    return _SIGN.search(text) is not None
