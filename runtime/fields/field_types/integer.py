"""Whole number."""
import re

import marshmallow as ma
import sqlalchemy as sa

from runtime.fields import dirt, guesses, questions
from runtime.fields.settings import limit, schema
from runtime.fields.values import Whole
from runtime.kinds.field_type import FieldType

_PLAIN = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")


class Integer(FieldType):
    name = "integer"
    label = "Whole number"
    icon = "hash"
    shelf, rank = "basic", 4
    widget = "number"
    examples = (0, 12, -3, 120_000)
    operators = questions.ABOUT_NUMBERS
    measures = ("sum", "avg", "min", "max")
    speaks = "number"
    numeric = True
    settings_schema = schema(
        min=limit("Smallest", "Nothing below this may be entered."),
        max=limit("Largest", "Nothing above this may be entered."),
        ungrouped={"type": "boolean", "default": False, "title": "No thousands separator",
                   "description": "1998, not 1,998: for years and numbers that are names."},
        unit={"type": "string", "maxLength": 20, "title": "Unit", "description": "Stands behind the number, such as months."})

    def column(self, field):
        return sa.BigInteger()

    def default_schema(self, field):
        return {"type": "integer", "minimum": field.settings.get("min"), "maximum": field.settings.get("max")}

    def value(self, field) -> ma.fields.Field:
        return Whole(least=field.settings.get("min"), most=field.settings.get("max"))

    def show(self, field, value, reader):
        if value is None:
            return ""
        written = str(value) if field.settings.get("ungrouped") else reader.number(value)
        return written + (f"\u00a0{unit}" if (unit := field.settings.get("unit")) else "")

    def parse_dirty(self, field, text, hints):
        return dirt.number(text, hints, unit=field.settings.get("unit"))

    def looks_like(self, column):
        return guesses.like(column, 0.9, lambda text: _PLAIN.fullmatch(text.strip()) is not None)
