"""Exact numbers, the same in Python and in PostgreSQL.

Sums, differences and products are exact. Quotients and roots are rounded to ten places, half away from zero.
Dividing by zero gives NULL. What would leave the range a function promises gives NULL.
"""
from decimal import MAX_EMAX, MIN_EMIN, ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Any

PLACES = 10
LARGEST = Decimal(10) ** 28
EXACT = Context(prec=20_000, rounding=ROUND_HALF_UP, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
"""Wide enough that no sum or product of an expression's parts is ever rounded. Never made a thread's own context."""
SHORT = Context(prec=200, rounding=ROUND_HALF_UP, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])

_SHIFT = Decimal(10) ** (PLACES + 1)
_BACK = Decimal(1).scaleb(-(PLACES + 1))
_UNIT = Decimal(1).scaleb(-PLACES)
_UNITS = {places: Decimal(1).scaleb(-places) for places in range(-PLACES, PLACES + 1)}


def quotient(left: Any, right: Any) -> Decimal | None:
    """Cut after the eleventh place, then rounded to ten: exactly "half away from zero" of the true quotient."""
    if not right:
        return None
    cut = EXACT.multiply(EXACT.divide_int(EXACT.multiply(left, _SHIFT), right), _BACK)
    return cut.quantize(_UNIT, ROUND_HALF_UP, EXACT)


def quotient_sql(left: str, right: str) -> str:
    return f"round(div({left} * {_SHIFT}, nullif({right}, 0)) * {_BACK:f}, {PLACES})"


def remainder(left: Any, right: Any) -> Decimal | None:
    """What is left over, with the sign of the left side."""
    return EXACT.remainder(left, right) if right else None


def remainder_sql(left: str, right: str) -> str:
    return f"mod({left}, nullif({right}, 0))"


def rounded(value: Any, places: int = 0) -> Decimal:
    """Half away from zero; adding nothing makes 1.2E+3 1200, and -0 0."""
    return EXACT.add(Decimal(value).quantize(_UNITS[places], ROUND_HALF_UP, EXACT), 0)


def cut(value: Any, places: int = 0) -> Decimal:
    return EXACT.add(Decimal(value).quantize(_UNITS[places], ROUND_DOWN, EXACT), 0)


def whole(value: Any) -> int:
    """Without its fraction, towards zero."""
    return int(value)


def within(value: Any, above: Any, below: Any) -> Any:
    """The value, or None unless above < value < below."""
    return value if above < value < below else None


def within_sql(value: str, above: str, below: str) -> str:
    """The same with the value standing once in the statement; NULL stays NULL.

    greatest and least skip NULLs, so a NULL becomes the bound, and nullif makes the bound NULL again.
    """
    return f"nullif(least(nullif(greatest({value}, {above}), {above}), {below}), {below})"


def whole_sql(value: str, above: int, below: int) -> str:
    """The number cut to a whole one as an SQL integer; NULL unless above < whole number < below (bounds of an integer)."""
    return f"({within_sql(f'trunc({value})', str(above), str(below))})::integer"


def plain(value: Any) -> str:
    """A number as text without superfluous zeros: 1.50 is "1.5"."""
    if not value:
        return "0"
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
