"""Web address: http and https only; a bare domain gets https:// in front."""
import re
from urllib.parse import urlsplit

import sqlalchemy as sa

from runtime.fields import guesses, questions
from runtime.fields.values import Words, refuse
from runtime.kinds.field_type import FieldType

_BARE = re.compile(r"[^\W_][\w-]*(?:\.[\w-]+)*\.[^\W\d_]{2,}(?::[0-9]{1,5})?(?:[/?#].*)?")


class Url(FieldType):
    name = "url"
    label = "Web address"
    icon = "world"
    shelf, rank = "contact", 3
    widget = "url"
    examples = ("https://example.com", "http://songhan.example/sản-phẩm?id=1&b=2")
    operators = questions.ABOUT_TEXT
    searchable = True

    def column(self, field):
        return sa.Text()

    def value(self, field):
        return Words(longest=2_000, check=_address)

    def show(self, field, value, reader):
        return value or ""

    def looks_like(self, column):
        return guesses.like(column, 0.98, lambda text: "@" not in text and (
            text.startswith(("http://", "https://")) or bool(_BARE.fullmatch(text))))


_PLAIN = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9_./-]*)?")


def _address(given):
    if _PLAIN.fullmatch(given):
        return given
    if _BARE.fullmatch(given) and "@" not in given:
        given = f"https://{given}"
    try:
        parts = urlsplit(given)
        host = parts.hostname
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or re.search(r"[\s<>\"\\^`{|}]", given):
        raise refuse("Enter a web address such as https://example.com.")
    return parts._replace(scheme=parts.scheme.lower()).geturl()
