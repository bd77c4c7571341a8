"""Rating: some stars out of a few."""
import sqlalchemy as sa

from runtime.fields import dirt, questions
from runtime.fields.settings import schema
from runtime.fields.values import Whole
from runtime.kinds.field_type import FieldType


class Rating(FieldType):
    name = "rating"
    label = "Rating"
    icon = "star"
    shelf, rank = "choice", 4
    widget = "rating"
    examples = (1, 3, 5)
    operators = questions.ABOUT_NUMBERS
    measures = ("avg", "min", "max")
    speaks = "number"
    numeric = True
    settings_schema = schema(most={"type": "integer", "minimum": 2, "maximum": 10, "default": 5, "title": "Stars",
                                   "description": "How many there are to give."})

    def column(self, field):
        return sa.SmallInteger()

    def default_schema(self, field):
        return {"type": "integer", "minimum": 1, "maximum": field.settings.get("most", 5)}

    def value(self, field):
        return Whole(least=1, most=field.settings.get("most", 5))

    def show(self, field, value, reader):
        return "" if value is None else f"{value}/{field.settings.get('most', 5)}"

    def parse_dirty(self, field, text, hints):
        return dirt.number(text.split("/")[0], hints) if "★" not in text else text.count("★")
