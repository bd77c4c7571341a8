"""Image: one uploaded picture, re-encoded without what a camera adds.

Parts: the upload's id ("photo") and its name ("photo.name"), which the house sets.
"""
import sqlalchemy as sa

from runtime.fields import questions
from runtime.fields.uploads import FileId, claim
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _


class Image(FieldType):
    name = "image"
    label = "Image"
    icon = "photo"
    shelf, rank = "linked", 7
    widget = "image"
    examples = ("fA3kPz0qWm5tYv8xB1nC2d",)
    operators = questions.ABOUT_PRESENCE
    sortable = False
    groupable = False
    derives = True

    def columns(self, field):
        return {"": sa.String(40), "name": sa.Text()}

    def value(self, field):
        return FileId()

    def derive(self, tx, field, change):
        claim(tx, field, change, picture=True)

    def show(self, field, value, reader):
        if value is None:
            return ""
        return (value.get("name") if isinstance(value, dict) else None) or _("Image")
