"""Results: what a formula or roll-up may come out as, and how each is kept and shown."""
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from runtime.fields.values import Day, Exact, Flag, Instant, Words, plain
from runtime.locale.text import _


@dataclass(frozen=True)
class Result:
    """column: SQL type; value: the marshmallow field of an operand; show: (value, decimals or None, reader) -> text."""
    label: str
    speaks: str
    column: Callable[[], sa.types.TypeEngine]
    value: Callable[[], ma.fields.Field[Any]]
    show: Callable[[Any, int | None, Any], str]
    from_json: Callable[[Any], Any] = lambda value: value
    to_json: Callable[[Any], Any] = lambda value: value
    numeric: bool = False


def _rounded(value: Any, decimals: int | None, most: int) -> Decimal:
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    return plain(round(number, most if decimals is None else decimals))


def _number(value: Any, decimals: int | None, reader: Any) -> str:
    return reader.number(_rounded(value, decimals, 6)) if decimals is None else reader.decimal(value, decimals)


def _words() -> ma.fields.Field[Any]:
    return Words(longest=4_000)


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


RESULTS = {
    "number": Result("Number", "number", sa.Numeric, Exact, _number, Decimal, numeric=True),
    "currency": Result("Amount in the home currency", "number", sa.Numeric, Exact,
                       lambda value, decimals, reader: reader.money(_rounded(value, decimals, 2)), Decimal, numeric=True),
    "percent": Result("Percent", "number", sa.Numeric, Exact,
                      lambda value, decimals, reader: reader.percent(_rounded(value, decimals, 2)), Decimal, numeric=True),
    "text": Result("Text", "text", sa.Text, _words, lambda value, _decimals, _reader: str(value)),
    "boolean": Result("Yes or no", "boolean", sa.Boolean, Flag,
                      lambda value, _decimals, _reader: _("Yes") if value else _("No")),
    "date": Result("Date", "date", sa.Date, Day, lambda value, _decimals, reader: reader.date(value),
                   dt.date.fromisoformat, dt.date.isoformat),
    "datetime": Result("Date and time", "datetime", lambda: sa.DateTime(timezone=True), Instant,
                       lambda value, _decimals, reader: reader.datetime(value), dt.datetime.fromisoformat, _iso),
}

SCHEMA = {"type": "string", "enum": list(RESULTS), "default": "number", "title": "Result", "description": "What comes out."}


def of(field: Any) -> Result:
    """Numbers unless the settings say otherwise."""
    return RESULTS[field.settings.get("result", "number")]
