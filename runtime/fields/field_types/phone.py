"""Phone: stored as E.164 (+842838221190), shown nationally at home and internationally elsewhere.

A number without a country is read as one of the field's region, else of the country the house is in. An import may bring
digits that no numbering plan knows; they are kept as typed, so that no row is lost over them.
"""
import re
from functools import lru_cache

import marshmallow as ma
import phonenumbers
import sqlalchemy as sa

from runtime.fields import guesses, questions
from runtime.fields.settings import schema
from runtime.fields.values import Words, refuse
from runtime.kinds.field_type import FieldType
from runtime.locale import country

_HEADINGS = {"phone", "mobile", "tel", "telephone", "fax", "cell", "điện", "thoại", "sđt", "di", "động"}
_PLAUSIBLE = re.compile(r"[+(]?[0-9][0-9 ()./\-]{3,30}(?:\s*(?:x|ext\.?)\s*[0-9]{1,7})?", re.IGNORECASE)


class Phone(FieldType):
    name = "phone"
    label = "Phone"
    icon = "phone"
    shelf, rank = "contact", 2
    widget = "phone"
    examples = ("+842838221190", "+18052478982")
    operators = questions.ABOUT_TEXT
    searchable = True
    settings_schema = schema(region={
        "type": "string", "pattern": "^([A-Z]{2})?$", "title": "Home region",
        "description": "Country code such as VN or US: how a number without a country is read. Empty: the country of the company."})

    def column(self, field):
        return sa.String(40)

    def value(self, field):
        return PhoneValue(longest=60, check=lambda given: _stored(given, _region(field)))

    def show(self, field, value, reader):
        return "" if value is None else _shown(value, _region(field))

    def parse_dirty(self, field, text, hints):
        try:
            return _stored(text.strip(), _region(field))
        except ma.ValidationError:
            if _PLAUSIBLE.fullmatch(text.strip()):
                return AsTyped(" ".join(text.split()))
            raise

    def looks_like(self, column):
        if not column.words & _HEADINGS:
            return None
        return guesses.like(column, 0.96, lambda text: sum(letter.isdigit() for letter in text) >= 6, least=0.7)


class AsTyped(str):
    """A number from an import that stays as it was written."""


class PhoneValue(Words):
    def _deserialize(self, value, attr, data, **kwargs):
        return str(value) if isinstance(value, AsTyped) else super()._deserialize(value, attr, data, **kwargs)

    def swift(self, hints):
        """International numbers of a length their country knows; libphonenumber needs 80 µs for what this does in 2."""
        lengths = {}

        def read(text):
            figures = text[1:]
            if not figures.isdigit():
                figures = figures.translate(_GAPS)
            if text[:1] != "+" or not (figures.isascii() and figures.isdigit() and len(text) < 25):
                return None
            for places in (1, 2, 3):
                code = figures[:places]
                if code not in lengths:
                    lengths[code] = _lengths(int(code))
                if lengths[code]:
                    rest = figures[places:]
                    return f"+{figures}" if len(rest) in lengths[code] and rest[0] not in "01" else None
            return None

        return read


_GAPS = str.maketrans("", "", " -.")


def _lengths(code):
    """How many digits a number of this country code may have; empty where there is no such country."""
    region = phonenumbers.region_code_for_country_code(code)
    known = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    simple = known is not None and known.national_prefix_for_parsing in (None, "0", "1")    # no number begins with these here
    return frozenset(known.general_desc.possible_length) if simple else frozenset()


def _region(field):
    return field.settings.get("region") or country.home()


def _stored(given, region):
    try:
        number = phonenumbers.parse(given, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number) or not _digits_only(given):
        example = phonenumbers.example_number(region) or phonenumbers.example_number(country.LAST)
        raise refuse("Enter a phone number such as %(example)s.",
                     example=phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written} x{number.extension}" if number.extension else written


def _digits_only(given):
    """Words are not a number, though libphonenumber reads 1-800-FLOWERS."""
    return not re.search(r"[^\W\d_]", re.sub(r"(?i)ext(?:ension)?|x|tel|máy lẻ|;|:|=", "", given))


@lru_cache(maxsize=16384)
def _shown(stored, region):
    try:
        number = phonenumbers.parse(stored, region)
    except phonenumbers.NumberParseException:
        return stored
    if not stored.startswith("+"):
        return stored
    at_home = number.country_code == phonenumbers.country_code_for_region(region)
    formats = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, formats.NATIONAL if at_home else formats.INTERNATIONAL)
