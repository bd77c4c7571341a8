"""JSON at the door: exact both ways, bounded, and quick to refuse."""
import json as standard
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import BadQuery, TooLarge
from runtime.web import json

WORDS = st.text(alphabet='[]{}"\\ab', max_size=6)
TREES = st.recursive(st.none() | WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
                     max_leaves=30)


def depth_of(value):
    if isinstance(value, (list, dict)):
        return 1 + max((depth_of(inner) for inner in (value.values() if isinstance(value, dict) else value)), default=0)
    return 0


@given(tree=TREES, extra=st.integers(0, 40), lists=st.booleans())
def test_the_depth_is_counted_outside_of_strings(tree, extra, lists):
    for _ in range(extra):
        tree = [tree] if lists else {"[": tree}
    padded = [tree, *[[] for _ in range(40)]]           # enough brackets for the count to look closer
    text = standard.dumps(padded)

    if depth_of(padded) > json.DEEPEST:
        with pytest.raises(BadQuery, match="nested deeper"):
            json.loads(text)
    else:
        assert json.loads(text) == padded


@given(text=st.text(alphabet='[]{}"\\,:1a ', max_size=200))
def test_nonsense_is_refused_with_a_sentence(text):
    try:
        json.loads(text * 3)
    except BadQuery as problem:
        assert problem.message.endswith(".")


TWO_MEGABYTES = 2 * 1024 * 1024
BOMBS = {
    "open": b"[" * TWO_MEGABYTES, "towers": (b"[" + b"[" * 30 + b"]" * 30 + b",") * 30_000,
    "flat": b"[" + b"[]," * 600_000 + b"[]]",
    "quotes": b"[" * 40 + b'""' * 1_000_000, "escapes": b"[" * 40 + b'"' + b'\\"' * 1_000_000,
    "backslashes": b"[" * 40 + b'"' + b"\\" * 2_000_000,
    "mixed": b"[{" * 1_000_000, "closed": b"]" * 1_000_000 + b"[" * 1_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_two_megabytes_of_anything_are_judged_quickly(name):
    started = time.process_time()
    json._depth(BOMBS[name])
    assert time.process_time() - started < 0.4


def test_what_an_asker_sent_can_always_be_written_again():
    assert json.dumps({"a": [10**30, -(10**30), 2**63 - 1]}) == b'{"a":[1%s,-1%s,9223372036854775807]}' % (b"0" * 30, b"0" * 30)
    assert json.loads(json.dumps({"\ud800": ["a\udfff"]})) == {"?": ["a?"]}


def test_numbers_are_exact_and_bounded():
    assert json.loads('{"a": 0.1000000000000000055511151231257827}')["a"] == Decimal("0.1000000000000000055511151231257827")
    assert json.dumps({"a": Decimal("123456789012345678.10")}) == b'{"a":123456789012345678.1}'
    for text in ("1e99999999", "NaN", "Infinity", "9" * 61, "1." + "1" * 60, '{"a":1,"a":2}', "", "{", "\xff"):
        with pytest.raises(BadQuery):
            json.loads(text)
    with pytest.raises(TooLarge):
        json.loads(b" " * (TWO_MEGABYTES + 1))
