"""Formula: an expression over the record's other fields, computed whenever it is read; nothing is stored."""
from runtime.fields import questions, results
from runtime.fields.settings import decimals, schema
from runtime.kinds.field_type import FieldType


class Formula(FieldType):
    name = "formula"
    label = "Formula"
    widget = "plain"
    operators = questions.ABOUT_NUMBERS
    measures = ("sum", "avg", "min", "max")
    speaks = "number"
    writable = False
    stored = False
    numeric = True
    settings_schema = schema(
        ("expression",),
        expression={"type": "string", "minLength": 1, "maxLength": 4_000, "format": "expression", "title": "Formula",
                    "description": "Such as amount * probability / 100."},
        result=results.SCHEMA,
        decimals=decimals())

    def expression(self, field):
        return field.settings["expression"]

    def value(self, field):
        return results.of(field).value()

    def part_speaks(self, field, part):
        return results.of(field).speaks

    def show(self, field, value, reader):
        return "" if value is None else results.of(field).show(value, field.settings.get("decimals"), reader)

    def to_json(self, field, part, value):
        return None if value is None else results.of(field).to_json(value)

    def from_json(self, field, part, value):
        return None if value is None else results.of(field).from_json(value)
