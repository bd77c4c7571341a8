"""Money functions: amounts are exact decimals, currencies ISO 4217 codes."""
from decimal import Decimal
from typing import Any

from metadata.expression.functions.exact import EXACT, quotient, quotient_sql, rounded
from metadata.expression.functions.function import Function
from metadata.expression.types import Type

NUMBER, TEXT = Type.NUMBER, Type.TEXT

_WHOLE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_PLACES = {**dict.fromkeys(_WHOLE, 0), **dict.fromkeys(_THREE, 3)}
"""ISO 4217 minor units that are not 2."""
_HUNDRED = Decimal(100)


def _share(part: Any, total: Any) -> Decimal | None:
    return quotient(EXACT.multiply(part, _HUNDRED), total)


def _percent(amount: Any, percent: Any) -> Decimal | None:
    return quotient(EXACT.multiply(amount, percent), _HUNDRED)


def _round_money(amount: Any, currency: str | None) -> Decimal | None:
    return None if amount is None else rounded(amount, _PLACES.get(currency or "", 2))


def _round_money_sql(amount: str, currency: str) -> str:
    places = " ".join(f"WHEN '{code}' THEN {count}" for code, count in _PLACES.items())
    return f"round({amount}, CASE {currency} {places} ELSE 2 END)"


FUNCTIONS = (
    Function("ROUNDMONEY(amount, currency)", (NUMBER, TEXT), NUMBER,
             "Rounded to what the currency can pay: 0 places for VND or JPY, 3 for KWD, 2 for most and for none.",
             ('ROUNDMONEY(1234.567, "VND")', "1235"), _round_money, _round_money_sql, strict=False),
    Function("PERCENTOF(part, total)", (NUMBER, NUMBER), NUMBER, "The part as percent of the total; NULL if the total is 0.",
             ("PERCENTOF(30, 120)", "25"), _share, lambda part, total: quotient_sql(f"{part} * 100", total)),
    Function("PERCENT(amount, percent)", (NUMBER, NUMBER), NUMBER, "So many percent of an amount.",
             ("PERCENT(200, 15)", "30"), _percent, lambda amount, percent: quotient_sql(f"{amount} * {percent}", "100")),
)
