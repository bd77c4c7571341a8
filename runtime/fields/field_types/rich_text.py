"""Rich text: paragraphs with a few tags, cleaned when written and when shown."""
import sqlalchemy as sa

from runtime.fields import questions, rich
from runtime.fields.settings import longest, schema
from runtime.fields.values import Words
from runtime.kinds.field_type import FieldType

LONGEST = 200_000


class RichText(FieldType):
    name = "rich_text"
    label = "Rich text"
    icon = "typography"
    shelf, rank = "basic", 3
    widget = "rich_text"
    examples = ("<p>Price is <strong>fine</strong>.</p>", "<ul><li>Legal</li><li>Giá</li></ul>")
    operators = questions.ABOUT_LONG_TEXT
    sortable = False
    groupable = False
    settings_schema = schema(max_length=longest(LONGEST))

    def column(self, field):
        return sa.Text()

    def value(self, field):
        return Words(longest=field.settings.get("max_length", LONGEST), lines=True, check=_cleaned)

    def show(self, field, value, reader):
        return "" if value is None else rich.words(value)

    def markup(self, value):
        """The value as safe markup, cleaned again: what the widget shows."""
        return rich.shown(value)

    def cleaned(self, value):
        """The value's tags as text, cleaned: what the widget's box holds."""
        return rich.clean(value)


def _cleaned(given):
    kept = rich.clean(given if "<" in given else rich.paragraphs(given)).strip()
    return kept if rich.words(kept) else None
