"""Formula: an expression over the record's other fields, computed whenever it is read; nothing is stored."""
from metadata import expression
from metadata.paths import Scope
from runtime.fields import questions, results
from runtime.fields.settings import decimals, schema
from runtime.kinds.field_type import FieldType
from runtime.kinds.kind import catalogue
from runtime.locale.text import _


class Formula(FieldType):
    name = "formula"
    label = "Formula"
    icon = "math-function"
    shelf, rank = "linked", 3
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

    def settings_problems(self, field, definitions):
        """Whether what comes out is what the settings say; a formula that cannot be read is told elsewhere."""
        home = definitions.module_of(field)
        if home is None:
            return []
        try:
            found = expression.check(expression.parse(field.settings["expression"]), Scope(definitions, catalogue(), home))
        except (expression.ExpressionError, KeyError):
            return []
        wanted = results.of(field)
        if found in (wanted.speaks, "null"):
            return []
        return [_("The formula gives %(found)s, and its result is said to be '%(wanted)s'.", found=found.words,
                  wanted=_(wanted.label))]

    def figures(self, field):
        return results.of(field).numeric

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
