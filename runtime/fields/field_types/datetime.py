"""Date and time: a moment, stored in UTC and shown on each reader's clock. The default may be a moment or "now"."""
import datetime as dt

import sqlalchemy as sa

from runtime.fields import dirt, guesses, questions
from runtime.fields.values import Instant
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _


class DateTime(FieldType):
    name = "datetime"
    label = "Date and time"
    icon = "calendar-time"
    shelf, rank = "basic", 9
    widget = "datetime"
    examples = (dt.datetime(2026, 11, 28, 14, 30, tzinfo=dt.UTC), dt.datetime(2021, 4, 15, 0, 3, tzinfo=dt.UTC))
    operators = questions.ABOUT_DATES
    measures = ("min", "max")
    buckets = ("day", "week", "month", "quarter", "year")
    speaks = "datetime"

    def column(self, field):
        return sa.DateTime(timezone=True)

    def value(self, field):
        return Instant()

    def show(self, field, value, reader):
        return "" if value is None else reader.datetime(value)

    def to_json(self, field, part, value):
        return None if value is None else value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")

    def from_json(self, field, part, value):
        return None if value is None else dt.datetime.fromisoformat(value).astimezone(dt.UTC)

    def parse_dirty(self, field, text, hints):
        return dirt.datetime(text, hints)

    def default_schema(self, field):
        return {"description": _("A moment such as 2026-12-31T09:00Z, or now. Empty: nothing.")}

    def initial(self, field, moment, actor):
        return moment.now if field.default == "now" else field.default

    def looks_like(self, column):
        return guesses.like(column, 0.96, lambda text: guesses.has_time(text) and guesses.taken(self, text, column))
