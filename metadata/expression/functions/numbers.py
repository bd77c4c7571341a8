"""Number functions. Exact decimals throughout; see exact.py for the rules of rounding."""
from decimal import Decimal
from typing import Any

from metadata.expression.functions.exact import (
    EXACT,
    LARGEST,
    PLACES,
    SHORT,
    cut,
    remainder,
    remainder_sql,
    rounded,
    whole_sql,
    within,
    within_sql,
)
from metadata.expression.functions.function import ORDERED, Closure, Function
from metadata.expression.types import Type

NUMBER = Type.NUMBER
MOST_EXPONENT = 100
_FINE = Decimal(1).scaleb(-40)
_RANGE = (str(-10**28), str(10**28))


def _places(places: Any) -> int | None:
    return within(int(places), -PLACES - 1, PLACES + 1)


def _round(value: Any, places: Any = 0) -> Decimal | None:
    count = _places(places)
    return None if count is None else rounded(value, count)


def _trunc(value: Any, places: Any = 0) -> Decimal | None:
    count = _places(places)
    return None if count is None else cut(value, count)


def _to_places(name: str) -> Any:
    def sql(value: str, places: str | None = None) -> str:
        return f"{name}({value})" if places is None else \
            f"{name}({value}, {whole_sql(places, -PLACES - 1, PLACES + 1)})"
    return sql


def _power(base: Any, exponent: Any) -> Decimal | None:
    times = within(int(exponent), -1, MOST_EXPONENT + 1)
    if times is None or within(base, -LARGEST, LARGEST) is None:
        return None
    result = SHORT.power(SHORT.quantize(base, _FINE), times) if times else Decimal(1)
    return within(rounded(result, PLACES) if abs(result) < LARGEST * 10 else result, -LARGEST, LARGEST)


def _power_sql(base: str, exponent: str) -> str:
    """Forty places on the way, so that PostgreSQL's power is finer than what it is rounded to."""
    fine = f"round({within_sql(base, *_RANGE)}, 40)"
    times = within_sql(f"trunc({exponent})", "-1", str(MOST_EXPONENT + 1))
    return within_sql(f"round(power({fine}, {times}), {PLACES})", *_RANGE)


def _root(value: Any) -> Decimal | None:
    if within(value, -1, LARGEST) is None:
        return None
    fine = SHORT.quantize(value, _FINE)
    return None if fine < 0 else rounded(SHORT.sqrt(fine), PLACES)


def _root_sql(value: str) -> str:
    fine = f"round({within_sql(value, '-1', _RANGE[1])}, 40)"
    below = f"{_FINE.copy_negate():f}"
    return f"round(sqrt(nullif(greatest({fine}, {below}), {below})), {PLACES})"


def _extreme(pick: Any) -> Any:
    def build(terms: list[Closure]) -> Closure:
        def extreme(row: Any, moment: Any) -> Any:
            found = [value for value in (term(row, moment) for term in terms) if value is not None]
            return pick(found) if found else None
        return extreme
    return build


FUNCTIONS = (
    Function("ABS(number)", (NUMBER,), NUMBER, "Without its sign.", ("ABS(-5)", "5"),
             EXACT.abs, lambda value: f"abs({value})"),
    Function("SIGN(number)", (NUMBER,), NUMBER, "1, 0 or -1.", ("SIGN(-5)", "-1"),
             lambda value: (value > 0) - (value < 0), lambda value: f"sign({value})"),
    Function("ROUND(number, places)", (NUMBER, NUMBER), NUMBER,
             "Rounded half away from zero, to -10 … 10 places behind the point; whole if places are left out.",
             ("ROUND(2.345, 2)", "2.35"), _round,
             _to_places("round"), optional=1),
    Function("TRUNC(number, places)", (NUMBER, NUMBER), NUMBER, "Cut, not rounded, behind so many places.",
             ("TRUNC(2.349, 2)", "2.34"), _trunc,
             _to_places("trunc"), optional=1),
    Function("FLOOR(number)", (NUMBER,), NUMBER, "The next whole number below.", ("FLOOR(-2.1)", "-3"),
             lambda value: Decimal(value.__floor__()), lambda value: f"floor({value})"),
    Function("CEIL(number)", (NUMBER,), NUMBER, "The next whole number above.", ("CEIL(2.1)", "3"),
             lambda value: Decimal(value.__ceil__()), lambda value: f"ceil({value})"),
    Function("MOD(number, divisor)", (NUMBER, NUMBER), NUMBER, "What a division leaves over, with the sign of the number. "
             "The same as %.", ("MOD(7, 3)", "1"), remainder, remainder_sql),
    Function("POWER(number, exponent)", (NUMBER, NUMBER), NUMBER,
             "To a whole power from 0 to 100, rounded to ten places; NULL beyond 28 digits.", ("POWER(1.1, 2)", "1.21"),
             _power, _power_sql),
    Function("SQRT(number)", (NUMBER,), NUMBER, "The square root, rounded to ten places; NULL below zero.",
             ("SQRT(2)", "1.4142135624"), _root, _root_sql),
    Function("MIN(value, …)", (ORDERED,), ORDERED, "The smallest number or the earliest date; blanks are passed over.",
             ("MIN(3, 2, 8)", "2"), _extreme(min), lambda *values: f"least({', '.join(values)})", repeats=1, lazy=True),
    Function("MAX(value, …)", (ORDERED,), ORDERED, "The largest number or the latest date; blanks are passed over.",
             ("MAX(3, 2, 8)", "8"), _extreme(max), lambda *values: f"greatest({', '.join(values)})", repeats=1, lazy=True),
)
