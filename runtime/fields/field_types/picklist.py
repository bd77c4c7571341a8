"""Picklist: one choice from a list the admin keeps.

Stored as the choice's value, never its label, so labels can be reworded and translated freely. In a stage field a
choice also says whether a record there is open, won or lost, and with which probability.
"""
import sqlalchemy as sa

from runtime.fields import dirt, guesses, questions
from runtime.fields.settings import choices, labels, misplaced, moved, per_field, repeated_choices, replaced, schema, stages
from runtime.fields.values import OneOf
from runtime.kinds.example import Likeness
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _


class Picklist(FieldType):
    name = "picklist"
    label = "Picklist"
    icon = "list-check"
    shelf, rank = "choice", 1
    widget = "select"
    examples = ("open", "closed")
    operators = questions.ABOUT_CHOICES
    staged = True
    settings_schema = schema(("choices",), choices=choices(staged=True), replaced=replaced())

    labels = staticmethod(per_field(labels))

    def stages(self, field):
        return stages(field)

    def column(self, field):
        return sa.String(120)

    def value(self, field):
        return OneOf(self.labels(field))

    def show(self, field, value, reader):
        return self.labels(field).get(value, value or "")

    def default_schema(self, field):
        return {"enum": list(self.labels(field)), "labels": self.labels(field)}

    def held(self, value):
        return () if value is None else (value,)

    def moved(self, before, after):
        return moved(before, after)

    def exchanged(self, field, value, moves):
        return moves.get(value, value)

    def parse_dirty(self, field, text, hints):
        return dirt.choice(text, self.labels(field))

    def settings_problems(self, field, definitions):
        problems = [*repeated_choices(field), *misplaced(field)]
        if field.default is not None and field.default not in labels(field):
            problems.append(_("The default '%(value)s' is not one of the choices.", value=field.default))
        return problems

    def looks_like(self, column):
        if not 2 <= len(column.cells) <= guesses.CHOICES or column.filled < 4 * len(column.cells):
            return None
        if max(map(len, column.cells)) > guesses.LONGEST_CHOICE:
            return None
        colors = ("blue", "teal", "violet", "amber", "orange", "pink", "lime", "green", "grey")
        return Likeness(0.85, {"choices": [{"value": text, "label": text, "color": colors[number % len(colors)]}
                                           for number, text in enumerate(sorted(column.cells))]})
