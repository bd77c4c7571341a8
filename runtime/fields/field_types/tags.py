"""Tags: a few free words, each once."""
import re

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from runtime.fields import questions
from runtime.fields.settings import schema
from runtime.fields.values import Words, as_list, refuse
from runtime.kinds.field_type import FieldType

_ONE = Words(longest=40)


class Tags(FieldType):
    name = "tags"
    label = "Tags"
    icon = "tags"
    shelf, rank = "choice", 3
    widget = "tags"
    examples = (["export", "frame contract"], ["xuất khẩu"])
    operators = questions.ABOUT_LISTS
    speaks = "list"
    sortable = False
    groupable = False
    settings_schema = schema(most={"type": "integer", "minimum": 1, "maximum": 50, "default": 20, "title": "Most tags",
                                   "description": "How many a record may have."})

    def column(self, field):
        return ARRAY(sa.Text())

    def value(self, field):
        return TagsValue(most=field.settings.get("most", 20))

    def show(self, field, value, reader):
        return ", ".join(value or ())

    def parse_dirty(self, field, text, hints):
        return [tag.strip() for tag in re.split(r"[,;|\n]", text) if tag.strip()]


class TagsValue(ma.fields.Field):
    """A list, or one text with commas between."""

    def __init__(self, most, **options):
        super().__init__(**options)
        self.most = most

    def _deserialize(self, value, attr, data, **kwargs):
        kept = {}
        for item in as_list(value):
            for word in item.split(","):
                tag = _ONE.deserialize(word)
                if tag and tag.casefold() not in kept:
                    kept[tag.casefold()] = tag
        if len(kept) > self.most:
            raise refuse("Enter at most %(most)s tags.", most=self.most)
        return list(kept.values()) or None
