"""Multi-picklist: some choices from a list the admin keeps, stored as their values in the order of the list."""
import re

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from runtime.fields import dirt, questions
from runtime.fields.settings import choices, labels, misplaced, moved, per_field, repeated_choices, replaced, schema, stages
from runtime.fields.values import SomeOf
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _


class MultiPicklist(FieldType):
    name = "multi_picklist"
    label = "Picklist, several choices"
    icon = "checks"
    shelf, rank = "choice", 2
    widget = "multi_select"
    examples = (["open"], ["open", "closed"])
    operators = questions.ABOUT_LISTS
    speaks = "list"
    sortable = False
    groupable = False
    settings_schema = schema(("choices",), choices=choices(), replaced=replaced())

    labels = staticmethod(per_field(labels))

    def stages(self, field):
        return stages(field)

    def column(self, field):
        return ARRAY(sa.Text())

    def value(self, field):
        return SomeOf(self.labels(field))

    def show(self, field, value, reader):
        known = self.labels(field)
        return ", ".join(known.get(item, item) for item in value or ())

    def default_schema(self, field):
        return {"type": "array", "items": {"enum": list(self.labels(field)), "labels": self.labels(field)}}

    def held(self, value):
        return tuple(value or ())

    def moved(self, before, after):
        return moved(before, after)

    def exchanged(self, field, value, moves):
        """Each choice once, in the order of the list; what is in no list stays behind them."""
        made = dict.fromkeys(moves.get(each, each) for each in value)
        listed = [each for each in self.labels(field) if each in made]
        return [*listed, *(each for each in made if each not in listed)]

    def parse_dirty(self, field, text, hints):
        known = self.labels(field)
        whole = dirt.choice(text, known)
        return [whole] if whole in known else [
            dirt.choice(item.strip(), known) for item in re.split(r"[;,|\n]", text) if item.strip()]

    def settings_problems(self, field, definitions):
        problems = [*repeated_choices(field), *misplaced(field)]
        for value in field.default or ():
            if value not in labels(field):
                problems.append(_("The default '%(value)s' is not one of the choices.", value=value))
        return problems
