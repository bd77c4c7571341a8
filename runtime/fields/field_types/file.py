"""File: one uploaded file, kept in the file store; the value is its id there."""
import re

import marshmallow as ma
import sqlalchemy as sa

from runtime.fields import questions
from runtime.fields.references import FileReference
from runtime.fields.values import refuse
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _


class File(FieldType):
    name = "file"
    label = "File"
    widget = "file"
    examples = ("fA3kPz0qWm5tYv8xB1nC2d",)
    operators = questions.ABOUT_PRESENCE
    sortable = False
    groupable = False

    def column(self, field):
        return sa.String(40)

    def value(self, field):
        return FileId()

    def pick(self, field, values):
        value = values.get(field.name)
        return FileReference(value, values.get(f"{field.name}:label")) if value else None

    def show(self, field, value, reader):
        return "" if value is None else getattr(value, "label", None) or _("File")


class FileId(ma.fields.Field):
    """The id an upload answered with; whose it is and whether it may stand here is asked when the record is saved."""

    def _deserialize(self, value, attr, data, **kwargs):
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{22,40}", value):
            return str(value)
        raise refuse("Choose a file to upload.")
