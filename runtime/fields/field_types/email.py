"""Email: one address, its domain in small letters."""
import re

import sqlalchemy as sa

from runtime.fields import guesses, questions
from runtime.fields.values import Words, refuse
from runtime.kinds.field_type import FieldType

# HTML's own rule for <input type=email>, with letters of any script allowed (RFC 6532).
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?)+")


class Email(FieldType):
    name = "email"
    label = "Email"
    icon = "mail"
    shelf, rank = "contact", 1
    widget = "email"
    examples = ("ha.nguyen@songhan.example", "BeckiTTucker@dayrep.com")
    operators = questions.ABOUT_TEXT
    searchable = True

    def column(self, field):
        return sa.Text()

    def value(self, field):
        return Words(longest=254, check=_address)

    def parse_dirty(self, field, text, hints):
        found = re.fullmatch(r"[^<>]*<\s*([^<>\s]+)\s*>", text.strip())
        return found[1] if found else text.strip().removeprefix("mailto:")

    def looks_like(self, column):
        return guesses.like(column, 0.99, lambda text: "@" in text and guesses.taken(self, text, column))


def _address(given):
    if not _ADDRESS.fullmatch(given) or ".." in given:
        raise refuse("Enter an email address such as ha@example.com.")
    if given.islower():
        return given
    name, _at, domain = given.rpartition("@")
    return f"{name}@{domain.lower()}"
