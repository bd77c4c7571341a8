"""Forms that no browser would send: every form of the builder empty, half and full of nonsense is answered in words, never
with a crash; and so is every address that nobody comes to by a link."""
import itertools

import pytest

from tests.builder import doors
from tests.builder.test_every_door import addresses, app, boss, known  # noqa: F401

ODD = ("{", "[[[", "99999999999999999999", "nothing_such", "x" * 5_000, "\x00\u202e'\"<&", '{"a": [1, null]}')
NAMES = ("name", "label", "to", "order", "move", "remove", "schema:do", "with", "type", "role", "place", "field", "module",
         "modules", "version", "language", "change", "hazard", "owner", "refuse_if:do", "settings.choices:rows", "at", "when",
         "f0_use", "f0_t0")


def shapes(fields, number):
    """(what it is, the form) of what could be sent instead. number: which of the odd values."""
    sent = [(name, value) for name, value in fields if name != "csrf_token"]
    half = len(sent) // 2
    yield "empty", []
    yield "half", sent[:half]
    odd = ("", *ODD)[number % (len(ODD) + 1)]
    yield odd[:20], [(name, odd) for name, _value in sent]


def send(client, address, fields):
    data = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    return client.post(address, data=data | {"csrf_token": client.csrf})


@pytest.mark.timeout(480)
def test_no_form_makes_the_builder_fall(app, boss, known):  # noqa: F811
    for number, form in enumerate(known[1]):
        for what, fields in shapes(form.fields, number):
            answer = send(boss, form.action, fields)
            assert answer.status_code < 500 and (answer.status_code < 400 or answer.text.strip()), (form.action, what, fields[:20])
        send(boss, "/builder/review/drop", [])


def test_no_address_makes_the_builder_fall(app, boss):  # noqa: F811
    """Also those no link leads to now: a merge, a proposal, a package that is not there."""
    odd = [(name, value) for name, value in zip(NAMES, itertools.cycle(ODD), strict=False)]
    for verb, address, _rule in addresses(app):
        if address.startswith("/api"):
            continue
        if verb == "GET":
            for query in ("", "?module=nothing&name=x&lang=zz&as=nobody&layout=x.y&page=-1&q=%00", "?module=deals&name=%7B&from=x"):
                assert boss.get(address + query).status_code < 500, address + query
        else:
            for fields in ([], odd):
                assert send(boss, address, fields).status_code < 500, (address, fields)
    assert doors.of(app, "/builder/merge") is not None
