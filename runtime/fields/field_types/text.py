"""Text: one line of words."""
import sqlalchemy as sa

from runtime.fields import questions
from runtime.fields.settings import longest, schema
from runtime.fields.values import Words
from runtime.kinds.example import Likeness
from runtime.kinds.field_type import FieldType

LONGEST = 1_000


class Text(FieldType):
    name = "text"
    label = "Text"
    icon = "letter-t"
    shelf, rank = "basic", 1
    examples = ("Sông Hàn Packaging", "Frame contract 2027", "O'Neill & <Sons>")
    operators = questions.ABOUT_TEXT
    searchable = True
    settings_schema = schema(max_length=longest(LONGEST))

    def column(self, field):
        return sa.Text()

    def brief(self, field):
        return field.settings.get("max_length", 255) <= 500

    def value(self, field):
        return Words(longest=field.settings.get("max_length", 255))

    def looks_like(self, column):
        return Likeness(0.4, {})
