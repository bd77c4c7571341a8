"""Conversions: any type into any other, value by value; what does not fit is said, never raised."""
import itertools
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from runtime.kinds.kind import discover
from runtime.tables import build
from runtime.tables.converter import Converter
from tests.builders import STAGES, a_field

KINDS = discover("runtime.fields")
SETTINGS = {"picklist": {"choices": list(STAGES)}, "multi_picklist": {"choices": list(STAGES)}, "lookup": {"module": "deals"},
            "rollup": {"module": "deals", "field": "account", "measure": "count"}}
STORED = [kind for kind in KINDS.all("field_types") if kind.stored]


def values_of(kind, field):
    """{part: value} of each example, as the database would hand them over."""
    parts = list(build.types(field, KINDS))
    for example in kind.examples:
        if isinstance(example, dict):
            yield {part: example.get(part) for part in parts}
        else:
            yield dict.fromkeys(parts) | {parts[0]: example}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STORED, STORED)), ids=lambda kind: kind.name)
def test_every_type_into_every_other_without_a_crash(before, after):
    old = a_field("x", before.name, settings=SETTINGS.get(before.name, {}))
    new = a_field("x", after.name, settings=SETTINGS.get(after.name, {}))
    convert = Converter(old, new, KINDS)

    for values in values_of(before, old):
        made = convert(values)
        assert made is None or set(made) == set(build.types(new, KINDS))
    assert convert(dict.fromkeys(build.types(old, KINDS))) == dict.fromkeys(build.types(new, KINDS))


@pytest.mark.parametrize(("before", "value", "after", "expected"), [
    ("text", "12", "integer", 12),
    ("text", " 1,234.50 ", "decimal", Decimal("1234.50")),
    ("text", "large", "integer", None),
    ("text", "2026-03-05", "date", date(2026, 3, 5)),
    ("text", "Closed Won", "picklist", "Closed Won"),
    ("text", "closed won", "picklist", "Closed Won"),
    ("text", "Nowhere", "picklist", None),
    ("integer", 12, "text", "12"),
    ("decimal", Decimal("1234.50"), "text", "1234.50"),
    ("date", date(2026, 3, 5), "text", "2026-03-05"),
    ("datetime", datetime(2026, 3, 5, 9, 30, tzinfo=UTC), "date", date(2026, 3, 5)),
    ("picklist", "Closed Won", "text", "Closed Won"),
    ("integer", 3, "decimal", Decimal(3)),
    ("decimal", Decimal("3.5"), "integer", None),
])
def test_what_people_expect(before, value, after, expected):
    convert = Converter(a_field("x", before, settings=SETTINGS.get(before, {})),
                        a_field("x", after, settings=SETTINGS.get(after, {})), KINDS)

    assert convert({"": value}) == (None if expected is None else {"": expected})


def test_an_amount_with_its_currency_becomes_a_number_and_a_number_an_amount():
    money, number = a_field("x", "currency"), a_field("x", "decimal")

    amount = {"": Decimal("1.10"), "currency": "EUR", "home": Decimal("1.2")}
    assert Converter(money, number, KINDS)(amount) == {"": Decimal("1.10")}
    made = Converter(number, money, KINDS)({"": Decimal("1.10")})
    assert made[""] == Decimal("1.10")
