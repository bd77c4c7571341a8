"""Checkbox: yes or no; a new record says no unless the field's default says otherwise."""
import marshmallow as ma
import sqlalchemy as sa

from runtime.fields import guesses, questions
from runtime.fields.values import Flag, refuse, shortened
from runtime.kinds.field_type import FieldType
from runtime.locale import dirty
from runtime.locale.text import _

_WORDS = {word for word in dirty.YES | dirty.NO if len(word) > 1}


class Checkbox(FieldType):
    name = "checkbox"
    label = "Checkbox"
    icon = "toggle-left"
    shelf, rank = "basic", 10
    widget = "checkbox"
    examples = (True, False)
    operators = questions.ABOUT_FLAGS
    speaks = "boolean"

    def column(self, field):
        return sa.Boolean()

    def value(self, field) -> ma.fields.Field:
        return Flag()

    def show(self, field, value, reader):
        return "" if value is None else _("Yes") if value else _("No")

    def parse_dirty(self, field, text, hints):
        if text.strip().casefold() in (_("Yes").casefold(), _("No").casefold()):
            return text.strip().casefold() == _("Yes").casefold()
        try:
            return dirty.boolean(text)
        except ValueError:
            raise refuse("'%(given)s' is neither yes nor no.", given=shortened(text)) from None

    def default_schema(self, field):
        return {"type": "boolean", "default": False, "description": _("Whether a new record has it ticked.")}

    def initial(self, field, moment, actor):
        return False if field.default is None else field.default

    def looks_like(self, column):
        return guesses.like(column, 0.97, lambda text: text.strip().casefold() in _WORDS) if len(column.cells) <= 2 else None
