"""What people, programs and files send, as clean values or as sentences."""

import datetime as dt
from decimal import Decimal

import marshmallow as ma
import pytest

from runtime.fields.field_types.phone import AsTyped
from runtime.locale.reader import reader, reading_as
from tests.field_samples import CATALOGUE, field_of

VI = reader("vi", "Asia/Ho_Chi_Minh", "VND")


def load(type_name, raw, settings=None):
    kind = CATALOGUE.get("field_types", type_name)
    field = field_of(kind, **({"settings": settings} if settings else {}))
    return kind.value(field).deserialize(raw)


def said(type_name, raw, settings=None):
    with pytest.raises(ma.ValidationError) as refused:
        load(type_name, raw, settings)
    return refused.value.messages[0]


def read_cell(type_name, cell, hints=None, settings=None):
    kind = CATALOGUE.get("field_types", type_name)
    field = field_of(kind, **({"settings": settings} if settings else {}))
    return kind.value(field).deserialize(kind.parse_dirty(field, cell, hints or {}))


@pytest.mark.parametrize(
    ("type_name", "raw", "clean"),
    [
        ("text", "  So\u0302ng\n Ha\u0300n ", "Sông  Hàn"),
        ("text", "   ", None),
        ("long_text", "a\r\nb\r", "a\nb"),
        ("integer", "1,250", 1250),
        ("integer", Decimal("3.0"), 3),
        ("integer", 3.0, 3),
        ("decimal", "22700.00", Decimal("22700")),
        ("decimal", 0.1, Decimal("0.1")),
        ("percent", "12.5%", Decimal("12.5")),
        ("currency", Decimal("-0.00"), Decimal("0")),
        ("checkbox", ["false", "true"], True),
        ("checkbox", "off", False),
        ("date", "28 Nov 2026", dt.date(2026, 11, 28)),
        ("date", "2026-11-28", dt.date(2026, 11, 28)),
        ("datetime", "2026-11-28T14:30:00+07:00", dt.datetime(2026, 11, 28, 7, 30, tzinfo=dt.UTC)),
        ("picklist", "open", "open"),
        ("multi_picklist", ["closed", "open", ""], ["open", "closed"]),
        ("multi_picklist", [""], None),
        ("email", "Ha@Example.COM", "Ha@example.com"),
        ("phone", "805-247-8982", "+18052478982"),
        ("phone", "+84 (28) 3822-1190", "+842838221190"),
        ("phone", "(805) 247-8982 x12", "+18052478982 x12"),
        ("url", "BetaPages.com", "https://BetaPages.com"),
        ("lookup", "12", 12),
        ("lookup", {"id": 4}, 4),
        ("rating", "3", 3),
        ("tags", "a, b ,A,,", ["a", "b"]),
    ],
)
def test_input_becomes_a_clean_value(type_name, raw, clean):
    made = load(type_name, raw)

    assert made == clean and type(made) is type(clean)


@pytest.mark.parametrize(
    ("type_name", "raw", "sentence"),
    [
        ("text", 5, "Enter text."),
        ("text", "x" * 300, "Enter at most 255 characters; this is 300."),
        ("text", "a\x00b", "Remove the hidden control characters; they cannot be stored."),
        ("text", "invoice\u202efdp.exe", "Remove the hidden control characters; they cannot be stored."),
        ("integer", "1.5", "Enter a whole number, such as 1,250."),
        ("decimal", "12 apples", "'12 apples' is not a number. Enter one such as 1,250.5."),
        ("decimal", "0.1234567", "Enter at most 6 digits after the decimal point."),
        ("decimal", Decimal(10) ** 18, None),
        ("decimal", True, None),
        ("date", "2026-02-30", "Enter a date such as 28 Nov 2026."),
        ("datetime", "soon", "Enter a date and time such as 28 Nov 2026, 14:30."),
        ("picklist", "shut", "'shut' is not one of: Open, Closed & won."),
        ("email", "ha@", "Enter an email address such as ha@example.com."),
        ("phone", "12", "Enter a phone number such as +1 201-555-0123."),
        ("phone", "1-800-FLOWERS", None),
        ("url", "javascript:alert(1)", "Enter a web address such as https://example.com."),
        ("url", "data:text/html,x", None),
        ("url", 'https://a.b/"onclick=x', None),
        ("url", "//evil.example", None),
        ("url", "ftp://a.example", None),
        ("lookup", "Acme", "Choose a record from the list."),
        ("lookup", True, None),
        ("rating", 9, "Enter 1 to 5."),
        ("tags", [f"tag {n}" for n in range(21)], "Enter at most 20 tags."),
        ("file", "../../etc/passwd", "Choose a file to upload."),
        ("checkbox", "perhaps", "Enter yes or no."),
        ("multi_picklist", ["open", "shut"], "'shut' is not one of: Open, Closed & won."),
    ],
)
def test_a_refusal_says_what_to_enter(type_name, raw, sentence):
    assert sentence in (None, said(type_name, raw))
    said(type_name, raw)


def test_limits_of_the_settings_are_kept_and_named():
    assert said("integer", 0, {"min": 1, "max": 12}) == "Enter 1 to 12."
    assert said("percent", "101", {"max": 100}) == "Enter 100 or less."
    assert said("decimal", "1.25", {"decimals": 1}) == "Enter at most 1 digits after the decimal point."
    assert said("currency", "1.5", {"decimals": 0}) == "Enter a whole number."
    assert load("phone", "028 3822 1190", {"region": "VN"}) == "+842838221190"


def test_a_vietnamese_page_reads_what_a_vietnamese_types():
    with reading_as(VI):
        assert load("currency", "48.500") == Decimal("48500")
        assert load("decimal", "0,5") == Decimal("0.5")
        assert load("date", "28/11/2026") == dt.date(2026, 11, 28)
        assert load("datetime", "2026-11-28T21:30") == dt.datetime(2026, 11, 28, 14, 30, tzinfo=dt.UTC)
    assert load("decimal", "48.500") == Decimal("48.5")


@pytest.mark.parametrize(
    ("type_name", "cell", "hints", "clean"),
    [
        ("currency", "$342.09K", {"decimal": "."}, Decimal("342090")),
        ("currency", "(1,200)", {}, Decimal("-1200")),
        ("date", "16 Apr, 2021 00:03:00", {}, dt.date(2021, 4, 16)),
        ("date", "03-07-2021 01:09", {"day_first": True}, dt.date(2021, 7, 3)),
        ("datetime", "15 Apr, 2021 00:03:00", {"zone": "Asia/Ho_Chi_Minh"}, dt.datetime(2021, 4, 14, 17, 3, tzinfo=dt.UTC)),
        ("checkbox", "Yes", {}, True),
        ("checkbox", "FALSE", {}, False),
        ("percent", "70 %", {}, Decimal("70")),
        ("integer", "20.0", {}, 20),
        ("picklist", "closed  & WON", {}, "closed"),
        ("multi_picklist", "Open; Closed & won", {}, ["open", "closed"]),
        ("email", "Hà <ha@example.com>", {}, "ha@example.com"),
        ("phone", "12-3456", {}, "12-3456"),
        ("rating", "★★★☆☆", {}, 3),
        ("tags", "a; b|c", {}, ["a", "b", "c"]),
        ("url", "GraySmoke.com", {}, "https://GraySmoke.com"),
    ],
)
def test_cells_of_other_programs_are_read(type_name, cell, hints, clean):
    assert read_cell(type_name, cell, hints) == clean


def test_a_cell_that_cannot_be_read_says_so():
    for type_name in ("currency", "date", "datetime", "integer", "checkbox"):
        with pytest.raises(ma.ValidationError, match="'Above 40K'"):
            read_cell(type_name, "Above 40K")
    with pytest.raises(ma.ValidationError, match="Enter a phone number"):
        read_cell("phone", "call me")
    assert isinstance(
        CATALOGUE.get("field_types", "phone").parse_dirty(field_of(CATALOGUE.get("field_types", "phone")), "12-3456", {}), AsTyped
    )
