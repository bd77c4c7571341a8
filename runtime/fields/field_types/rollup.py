"""Roll-up: a count, sum, smallest, largest or average over the records that point here; kept up to date by the house."""
from decimal import Decimal

from runtime.fields import questions, results
from runtime.fields.settings import decimals, schema
from runtime.kinds.field_type import FieldType, RollUp
from runtime.kinds.operator import ABOUT
from runtime.locale.text import _

MEASURES = ("count", "sum", "min", "max", "avg")


class Rollup(FieldType):
    name = "rollup"
    label = "Roll-up"
    icon = "sum"
    shelf, rank = "linked", 2
    widget = "plain"
    operators = questions.ABOUT_NUMBERS
    measures = ("sum", "avg", "min", "max")
    speaks = "number"
    writable = False
    numeric = True
    derives = True
    settings_schema = schema(
        ("module", "field", "measure"),
        module={"type": "string", "format": "module-name", "title": "Over", "description": "The module whose records are counted."},
        field={"type": "string", "format": "field-name", "in": "module", "title": "Linked by",
               "description": "Its lookup that points here."},
        measure={"type": "string", "enum": list(MEASURES), "title": "Measure", "description": "What is made of them."},
        of={"type": "string", "format": "field-name", "in": "module", "title": "Of",
            "description": "The field measured; not needed to count."},
        criteria={"type": "object", "format": "criteria", "in": "module", "title": "Only these",
                  "description": "A condition on those records."},
        result={**results.SCHEMA, "enum": ["number", "currency", "percent", "date", "datetime"]},
        decimals=decimals())

    def column(self, field):
        return results.of(field).column()

    def figures(self, field):
        return results.of(field).numeric

    def value(self, field):
        return results.of(field).value()

    def rolls_up(self, field):
        settings = field.settings
        return RollUp(settings["module"], settings["field"], settings["measure"], settings.get("of"), settings.get("criteria"))

    def derive(self, tx, field, change):
        """Nothing points to a new record yet: its counts and sums are 0 at once, not after a worker came by."""
        if change.verb == "create" and field.settings["measure"] in ("count", "sum"):
            change.after[field.name] = Decimal(0)

    def asked(self, field, part=""):
        """What comes out is asked: the latest of several dates as a date."""
        return ABOUT.get(self.part_speaks(field, part), ())

    def part_speaks(self, field, part):
        return results.of(field).speaks

    def show(self, field, value, reader):
        return "" if value is None else results.of(field).show(value, field.settings.get("decimals"), reader)

    def to_json(self, field, part, value):
        return None if value is None else results.of(field).to_json(value)

    def from_json(self, field, part, value):
        return None if value is None else results.of(field).from_json(value)

    def settings_problems(self, field, definitions):
        settings = field.settings
        child = definitions.modules.get(settings.get("module"))
        if child is None:
            return [_("There is no module '%(module)s' to roll up.", module=settings.get("module"))]
        problems = []
        if child.field(settings.get("field")) is None:
            problems.append(_("%(module)s has no field '%(field)s' that could point here.", module=child.label,
                              field=settings.get("field")))
        if settings.get("measure") != "count":
            if not settings.get("of"):
                problems.append(_("Say which field is measured (of)."))
            elif child.field(settings["of"]) is None:
                problems.append(_("%(module)s has no field '%(field)s' to measure.", module=child.label, field=settings["of"]))
        return problems
