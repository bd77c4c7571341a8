"""File: one uploaded file, kept in the file store; the value is its id there."""
import sqlalchemy as sa

from runtime.fields import questions
from runtime.fields.references import FileReference
from runtime.fields.uploads import FileId, claim
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
    derives = True

    def column(self, field):
        return sa.String(40)

    def value(self, field):
        return FileId()

    def pick(self, field, values):
        value = values.get(field.name)
        return FileReference(value, values.get(f"{field.name}:label")) if value else None

    def derive(self, tx, field, change):
        claim(tx, field, change)

    def show(self, field, value, reader):
        return "" if value is None else getattr(value, "label", None) or _("File")
