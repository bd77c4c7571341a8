"""Number functions. Exact decimals throughout; see exact.py for the rules of rounding."""
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from metadata.expression.functions.exact import (
    EXACT, LARGEST, PLACES, SHORT, cut, remainder, remainder_sql, rounded, whole_sql, within, within_sql,
)
from metadata.expression.functions.function import ORDERED, Closure, Function
from metadata.expression.types import Type

NUMBER = Type.NUMBER
MOST_EXPONENT = 100
_FINE = Decimal(1).scaleb(-40)


def _numeric(name: str, *args: Any) -> sa.ColumnElement[Any]:
    return getattr(sa.func, name)(*args, type_=sa.Numeric())


def _places(places: Any) -> int | None:
    return within(int(places), -PLACES - 1, PLACES + 1)


def _round(value: Any, places: Any = 0) -> Decimal | None:
    count = _places(places)
    return None if count is None else rounded(value, count)


def _trunc(value: Any, places: Any = 0) -> Decimal | None:
    count = _places(places)
    return None if count is None else cut(value, count)


def _places_sql(places: sa.ColumnElement[Any] | None) -> Any:
    return 0 if places is None else whole_sql(places, -PLACES - 1, PLACES + 1)


def _power(base: Any, exponent: Any) -> Decimal | None:
    times = within(int(exponent), -1, MOST_EXPONENT + 1)
    if times is None or within(base, -LARGEST, LARGEST) is None:
        return None
    result = SHORT.power(SHORT.quantize(base, _FINE), times) if times else Decimal(1)
    return within(rounded(result, PLACES) if abs(result) < LARGEST * 10 else result, -LARGEST, LARGEST)


def _power_sql(base: Any, exponent: Any) -> Any:
    fine = _numeric("round", within_sql(base, -LARGEST, LARGEST), 40)
    times = within_sql(_numeric("trunc", exponent), -1, MOST_EXPONENT + 1)
    return within_sql(_numeric("round", _numeric("power", fine, times), PLACES), -LARGEST, LARGEST)


def _root(value: Any) -> Decimal | None:
    if within(value, -1, LARGEST) is None:
        return None
    fine = SHORT.quantize(value, _FINE)
    return None if fine < 0 else rounded(SHORT.sqrt(fine), PLACES)


def _root_sql(value: Any) -> Any:
    """Forty places on the way, so that PostgreSQL's root is finer than what it is rounded to."""
    fine = _numeric("round", within_sql(value, -1, LARGEST), 40)
    below = sa.literal(_FINE.copy_negate(), sa.Numeric())
    root = _numeric("sqrt", sa.func.nullif(sa.func.greatest(fine, below), below))
    return _numeric("round", root, PLACES)


def _extreme(pick: Any) -> Any:
    def build(terms: list[Closure]) -> Closure:
        def extreme(row: Any, moment: Any) -> Any:
            found = [value for value in (term(row, moment) for term in terms) if value is not None]
            return pick(found) if found else None
        return extreme
    return build


FUNCTIONS = (
    Function("ABS(number)", (NUMBER,), NUMBER, "Without its sign.", ("ABS(-5)", "5"),
             EXACT.abs, lambda value: _numeric("abs", value)),
    Function("SIGN(number)", (NUMBER,), NUMBER, "1, 0 or -1.", ("SIGN(-5)", "-1"),
             lambda value: (value > 0) - (value < 0), lambda value: _numeric("sign", value)),
    Function("ROUND(number, places)", (NUMBER, NUMBER), NUMBER,
             "Rounded half away from zero, to -10 … 10 places behind the point; whole if places are left out.",
             ("ROUND(2.345, 2)", "2.35"), _round,
             lambda value, places=None: _numeric("round", value, _places_sql(places)), optional=1),
    Function("TRUNC(number, places)", (NUMBER, NUMBER), NUMBER, "Cut, not rounded, behind so many places.",
             ("TRUNC(2.349, 2)", "2.34"), _trunc,
             lambda value, places=None: _numeric("trunc", value, _places_sql(places)), optional=1),
    Function("FLOOR(number)", (NUMBER,), NUMBER, "The next whole number below.", ("FLOOR(-2.1)", "-3"),
             lambda value: Decimal(value.__floor__()), lambda value: _numeric("floor", value)),
    Function("CEIL(number)", (NUMBER,), NUMBER, "The next whole number above.", ("CEIL(2.1)", "3"),
             lambda value: Decimal(value.__ceil__()), lambda value: _numeric("ceil", value)),
    Function("MOD(number, divisor)", (NUMBER, NUMBER), NUMBER, "What a division leaves over, with the sign of the number. "
             "The same as %.", ("MOD(7, 3)", "1"), remainder, remainder_sql),
    Function("POWER(number, exponent)", (NUMBER, NUMBER), NUMBER,
             "To a whole power from 0 to 100, rounded to ten places; NULL beyond 28 digits.", ("POWER(1.1, 2)", "1.21"),
             _power, _power_sql),
    Function("SQRT(number)", (NUMBER,), NUMBER, "The square root, rounded to ten places; NULL below zero.",
             ("SQRT(2)", "1.4142135624"), _root, _root_sql),
    Function("MIN(value, …)", (ORDERED,), ORDERED, "The smallest number or the earliest date; blanks are passed over.",
             ("MIN(3, 2, 8)", "2"), _extreme(min), lambda *values: sa.func.least(*values), repeats=1, lazy=True),
    Function("MAX(value, …)", (ORDERED,), ORDERED, "The largest number or the latest date; blanks are passed over.",
             ("MAX(3, 2, 8)", "8"), _extreme(max), lambda *values: sa.func.greatest(*values), repeats=1, lazy=True),
)
