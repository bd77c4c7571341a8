"""No cell of a file, however long and odd, keeps a field type busy: reading it takes time by its length, not by its square."""
import time

import pytest

from metadata.model.field import Field
from runtime.kinds.kind import catalogue
from runtime.locale import dirty

LONG = 40_000
CELLS = [before + part * (LONG // len(part)) + after for before, part, after in (
    ("a", " ", "!"), ("a", "\t", "b"), ("1", " ", "x"), ("", " 1", "!"), ("", "1,", "x"), ("2024-01-01", "T", "!"), ("", "a.", "!"),
    ("a@b.", "a-", "!"), ("<", " ", ">"), ("+84", "1 ", "x"), ("http://a.", "a.", " "), ("", "<p>", ""), ("", ", ", "x"))]
SETTINGS = {"choices": [{"value": "a", "label": "A"}], "module": "x", "field": "x", "measure": "count", "expression": "1",
            "result": "number"}


def busy(work, *given):
    started = time.process_time()
    try:
        work(*given)
    except Exception:       # what cannot be read is refused; only how long it took counts here
        pass
    return time.process_time() - started


@pytest.mark.parametrize("kind", [kind.name for kind in catalogue().all("field_types") if kind.writable])
def test_a_long_cell_is_judged_quickly(kind):
    found = catalogue().get("field_types", kind)
    field = Field(id="fld_f", name="f", label="F", type=kind, settings=SETTINGS)
    for cell in CELLS:
        assert busy(found.parse_dirty, field, cell, {}) < 0.5, (cell[:3], cell[-1:])


def test_hints_are_gathered_quickly():
    assert busy(dirty.guess_hints, CELLS) < 0.5
