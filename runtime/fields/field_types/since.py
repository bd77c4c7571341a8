"""Since: when another field of the record last changed its value, such as the moment a deal entered its stage."""
import datetime as dt

import sqlalchemy as sa

from runtime.fields import questions
from runtime.fields.settings import schema
from runtime.fields.values import Instant
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _


class Since(FieldType):
    name = "since"
    label = "Since"
    icon = "hourglass"
    shelf, rank = "linked", 4
    widget = "plain"
    examples = (dt.datetime(2026, 11, 28, 14, 30, tzinfo=dt.UTC), dt.datetime(2021, 4, 15, 0, 3, tzinfo=dt.UTC))
    operators = questions.ABOUT_DATES
    measures = ("min", "max")
    buckets = ("day", "week", "month", "quarter", "year")
    speaks = "datetime"
    writable = False
    derives = True
    settings_schema = schema(
        ("field",),
        field={"type": "string", "format": "field-name", "title": "Watched field",
               "description": "Whose last change is kept here."})

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

    def watches(self, field):
        return field.settings["field"]

    def derive(self, tx, field, change):
        """A new record has stood there since it was made, which an import may set in the past."""
        watched = self.watches(field)
        if change.verb == "create":
            change.after[field.name] = change.after.get("created_at") or change.moment.now
        elif change.after.get(watched) != change.before.get(watched):
            change.after[field.name] = change.moment.now

    def settings_problems(self, field, definitions):
        module = definitions.module_of(field)
        watched = field.settings.get("field")
        if module is None or module.field(watched) is None:
            return [_("There is no field '%(field)s' to watch.", field=watched)]
        return []
