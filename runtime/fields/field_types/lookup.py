"""Lookup: a link to one record of a module. When that record is purged, the link is emptied."""
import sqlalchemy as sa

from runtime.fields import questions
from runtime.fields.references import Reference
from runtime.fields.settings import schema
from runtime.fields.values import RecordId
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _


class Lookup(FieldType):
    name = "lookup"
    label = "Lookup"
    icon = "link"
    shelf, rank = "linked", 1
    widget = "lookup"
    examples = (1, 2)
    operators = questions.ABOUT_LINKS
    speaks = "number"
    settings_schema = schema(
        ("module",),
        module={"type": "string", "format": "module-name", "title": "Module", "description": "The module it points to."},
        filter={"type": "object", "format": "criteria", "in": "module", "title": "Only these",
                "description": "A condition on the records that may be chosen."})

    def column(self, field):
        return sa.BigInteger()

    def value(self, field):
        return RecordId()

    def pick(self, field, values):
        value = values.get(field.name)
        return Reference(value, values.get(f"{field.name}:label")) if type(value) is int else value

    def show(self, field, value, reader):
        if value is None:
            return ""
        return getattr(value, "label", None) or (_("Restricted") if isinstance(value, Reference) else f"#{value}")

    def target(self, field):
        return field.settings["module"]

    def settings_problems(self, field, definitions):
        wanted = field.settings.get("module")
        return [] if wanted in definitions.modules else [_("There is no module '%(module)s' to look up.", module=wanted)]
