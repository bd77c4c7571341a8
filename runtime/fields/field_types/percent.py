"""Percent: 12.5 is stored for 12.5%."""
from decimal import Decimal

import sqlalchemy as sa

from runtime.fields import dirt, guesses, questions
from runtime.fields.settings import decimals, limit, schema
from runtime.fields.values import MOST_DECIMALS, Exact
from runtime.kinds.field_type import FieldType


class Percent(FieldType):
    name = "percent"
    label = "Percent"
    icon = "percentage"
    shelf, rank = "basic", 7
    widget = "percent"
    examples = (Decimal("0"), Decimal("12.5"), Decimal("100"))
    operators = questions.ABOUT_NUMBERS
    measures = ("avg", "min", "max")
    speaks = "number"
    numeric = True
    settings_schema = schema(
        min=limit("Smallest", "In percent; nothing below this may be entered."),
        max=limit("Largest", "In percent; nothing above this may be entered."),
        decimals=decimals())

    def column(self, field):
        return sa.Numeric()

    def default_schema(self, field):
        return {"type": "number", "minimum": field.settings.get("min"), "maximum": field.settings.get("max")}

    def value(self, field):
        return PercentValue(least=field.settings.get("min"), most=field.settings.get("max"),
                            decimals=field.settings.get("decimals", MOST_DECIMALS))

    def show(self, field, value, reader):
        return "" if value is None else reader.percent(value)

    def from_json(self, field, part, value):
        return None if value is None else Decimal(value)

    def parse_dirty(self, field, text, hints):
        return dirt.number(text, hints)

    def looks_like(self, column):
        return guesses.like(column, 0.94, lambda text: text.rstrip().endswith("%") and guesses.taken(self, text, column))


class PercentValue(Exact):
    """Takes "12.5%" as well as 12.5."""

    def _deserialize(self, value, attr, data, **kwargs):
        if isinstance(value, str):
            value = value.strip().removesuffix("%")
        return super()._deserialize(value, attr, data, **kwargs)
