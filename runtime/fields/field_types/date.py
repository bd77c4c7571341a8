"""Date: a calendar day, the same everywhere. The default may be a day, "today" or {"days": 30} from today."""
import datetime as dt

import sqlalchemy as sa

from runtime.fields import dirt, guesses, questions
from runtime.fields.values import Day
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _


class Date(FieldType):
    name = "date"
    label = "Date"
    icon = "calendar"
    shelf, rank = "basic", 8
    widget = "date"
    examples = (dt.date(2026, 11, 28), dt.date(2024, 2, 29), dt.date(1999, 12, 31))
    operators = questions.ABOUT_DATES
    measures = ("min", "max")
    buckets = ("day", "week", "month", "quarter", "year")
    speaks = "date"

    def column(self, field):
        return sa.Date()

    def value(self, field):
        return Day()

    def show(self, field, value, reader):
        return "" if value is None else reader.date(value)

    def to_json(self, field, part, value):
        return None if value is None else value.isoformat()

    def from_json(self, field, part, value):
        return None if value is None else dt.date.fromisoformat(value)

    def parse_dirty(self, field, text, hints):
        return dirt.date(text, hints)

    def default_schema(self, field):
        return {"description": _("A day such as 2026-12-31, or today. Empty: nothing.")}

    def initial(self, field, moment, actor):
        if field.default == "today":
            return moment.today
        if isinstance(field.default, dict):
            return moment.today + dt.timedelta(days=int(field.default.get("days", 0)))
        return field.default

    def looks_like(self, column):
        return guesses.like(column, 0.95, lambda text: not guesses.has_time(text) and guesses.taken(self, text, column))
