"""Address: street, city, state, code and country, each a value of its own; there is no main part."""
import sqlalchemy as sa

from runtime.fields.values import Words
from runtime.kinds.field_type import FieldType

PARTS = {"street": 250, "city": 100, "state": 100, "code": 30, "country": 100}


class Address(FieldType):
    name = "address"
    label = "Address"
    icon = "map-pin"
    shelf, rank = "contact", 4
    widget = "address"
    examples = ({"street": "12 Bạch Đằng", "city": "Đà Nẵng", "country": "Việt Nam"},)
    speaks = None
    sortable = False
    groupable = False

    def columns(self, field):
        return {part: sa.Text() for part in PARTS}

    def values(self, field):
        return {part: Words(longest=most, lines=part == "street") for part, most in PARTS.items()}

    def show(self, field, value, reader):
        if not value:
            return ""
        place = " ".join(filter(None, (value.get("state"), value.get("code"))))
        written = (value.get("street"), value.get("city"), place, value.get("country"))
        return ", ".join(part.replace("\n", ", ") for part in written if part)
