"""Decimal: an exact number with digits after the point."""
from decimal import Decimal as Exactly

import sqlalchemy as sa

from runtime.fields import dirt, guesses, questions
from runtime.fields.settings import decimals, limit, schema
from runtime.fields.values import MOST_DECIMALS, Exact
from runtime.kinds.field_type import FieldType


class Decimal(FieldType):
    name = "decimal"
    label = "Decimal number"
    icon = "decimal"
    shelf, rank = "basic", 5
    widget = "number"
    examples = (Exactly("0"), Exactly("12.5"), Exactly("-0.125"), Exactly("1250000.75"))
    operators = questions.ABOUT_NUMBERS
    measures = ("sum", "avg", "min", "max")
    speaks = "number"
    numeric = True
    settings_schema = schema(
        min=limit("Smallest", "Nothing below this may be entered."),
        max=limit("Largest", "Nothing above this may be entered."),
        decimals=decimals(),
        unit={"type": "string", "maxLength": 20, "title": "Unit", "description": "Stands behind the number, such as kg."})

    def column(self, field):
        return sa.Numeric()

    def default_schema(self, field):
        return {"type": "number", "minimum": field.settings.get("min"), "maximum": field.settings.get("max")}

    def value(self, field):
        return Exact(least=field.settings.get("min"), most=field.settings.get("max"),
                     decimals=field.settings.get("decimals", MOST_DECIMALS))

    def show(self, field, value, reader):
        if value is None:
            return ""
        return reader.number(value) + (f"\u00a0{unit}" if (unit := field.settings.get("unit")) else "")

    def from_json(self, field, part, value):
        return None if value is None else Exactly(value)

    def parse_dirty(self, field, text, hints):
        return dirt.number(text, hints, unit=field.settings.get("unit"))

    def looks_like(self, column):
        return guesses.like(column, 0.88, lambda text: not guesses.has_sign(text) and "%" not in text
                            and guesses.taken(self, text, column))
