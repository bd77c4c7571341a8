"""Auto number: counts the module's records without gaps, such as INV-0042.

The next number is taken from a counter row in the transaction that creates the record (runtime.fields.counters).
"""
import re

import sqlalchemy as sa

from runtime.fields import counters, questions
from runtime.fields.settings import schema
from runtime.fields.values import Words
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _

_PLACE = re.compile(r"\{(0+)\}")


class AutoNumber(FieldType):
    name = "auto_number"
    label = "Auto number"
    icon = "list-numbers"
    shelf, rank = "linked", 5
    widget = "plain"
    examples = ("INV-0001", "INV-0042")
    operators = questions.ABOUT_TEXT
    writable = False
    derives = True
    searchable = True
    settings_schema = schema(
        format={"type": "string", "maxLength": 60, "default": "{0000}", "title": "Format",
                "description": "The text around the number; {0000} stands for it, with at least so many digits."},
        start={"type": "integer", "minimum": 0, "maximum": 10**15, "default": 1, "title": "First number",
               "description": "Where counting begins."})

    def column(self, field):
        return sa.Text()

    def brief(self, field):
        return True

    def value(self, field):
        return Words(longest=120)

    def derive(self, tx, field, change):
        if change.verb == "create" and change.after.get(field.name) is None:
            taken = counters.take(tx.connection, field.id, first=field.settings.get("start", 1))
            change.after[field.name] = self.numbered(field, taken[0])

    def numbered(self, field, number):
        """The value of the record that got this number."""
        return _PLACE.sub(lambda place: f"{number:0{len(place[1])}d}", field.settings.get("format", "{0000}"))

    def settings_problems(self, field, definitions):
        places = len(_PLACE.findall(field.settings.get("format", "{0000}")))
        return [] if places == 1 else [_("The format needs exactly one place for the number, such as {0000}.")]
