"""Owner: a person of the house. The default may be "me"."""
import sqlalchemy as sa

from runtime.fields import questions
from runtime.fields.references import Reference
from runtime.fields.values import RecordId
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _


class Owner(FieldType):
    name = "owner"
    label = "Person"
    icon = "user"
    shelf, rank = "choice", 5
    widget = "owner"
    examples = (1, 2)
    operators = questions.ABOUT_PEOPLE
    speaks = "number"

    def column(self, field):
        return sa.BigInteger()

    def value(self, field):
        return RecordId()

    def pick(self, field, values):
        value = values.get(field.name)
        return Reference(value, values.get(f"{field.name}:label")) if type(value) is int else value

    def show(self, field, value, reader):
        return "" if value is None else getattr(value, "label", None) or f"#{value}"

    def target(self, field):
        return "users"

    def default_schema(self, field):
        return {"enum": ["me"], "labels": {"me": _("Whoever makes the record")}}

    def initial(self, field, moment, actor):
        return actor.user_id if field.default == "me" else field.default
