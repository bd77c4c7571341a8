"""Long text: paragraphs without formatting."""
import sqlalchemy as sa

from runtime.fields import guesses, questions
from runtime.fields.settings import longest, schema
from runtime.fields.values import Words
from runtime.kinds.field_type import FieldType

LONGEST = 100_000


class LongText(FieldType):
    name = "long_text"
    label = "Long text"
    icon = "align-left"
    shelf, rank = "basic", 2
    widget = "textarea"
    examples = ("Price is fine.\nLegal wants clause 4.2 capped at 5%.", "Gọi lại sau 16:00")
    operators = questions.ABOUT_LONG_TEXT
    searchable = True
    sortable = False
    groupable = False
    settings_schema = schema(
        max_length=longest(LONGEST),
        rows={"type": "integer", "minimum": 2, "maximum": 30, "title": "Rows", "description": "How tall the box is at first."})

    def column(self, field):
        return sa.Text()

    def value(self, field):
        return Words(longest=field.settings.get("max_length", 32_000), lines=True)

    def looks_like(self, column):
        return guesses.like(column, 0.6, lambda text: len(text) > 120 or "\n" in text, least=0.2)
