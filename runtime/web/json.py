"""JSON at the door: exact decimals both ways, and bounded input (safety D10)."""
import json as standard
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from runtime.errors import BadQuery, TooLarge
from runtime.locale.text import _

LARGEST = 2 * 1024 * 1024
DEEPEST = 32
MOST_KEYS = 5_000
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))


def dumps(value: Any) -> bytes:
    """Decimals become JSON numbers with every digit; datetimes ISO with "Z"."""
    try:
        return orjson.dumps(value, default=_plain, option=_OPTIONS)
    except orjson.JSONEncodeError:                  # whole numbers beyond 64 bits, halves of surrogates: what an asker sent
        return orjson.dumps(_tame(value), default=_plain, option=_OPTIONS)


def _tame(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return Decimal(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, (list, tuple)):
        return [_tame(inner) for inner in value]
    if isinstance(value, dict):
        return {_tame(name): _tame(inner) for name, inner in value.items()}
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        text = format(value, "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return orjson.Fragment("0" if text == "-0" else text)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, tuple):
        return list(value)
    return str(value)


def loads(text: bytes | str) -> Any:
    """Fractions become Decimal. Raises TooLarge or BadQuery with a sentence."""
    if len(text) > LARGEST:
        raise TooLarge(_("The request is larger than 2 MB; send it in several pieces."))
    if _depth(text) > DEEPEST:
        raise BadQuery(_("The JSON is nested deeper than %(most)s levels.", most=DEEPEST))
    try:
        value = standard.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=_no_constant,
                               object_pairs_hook=_object)
    except (standard.JSONDecodeError, UnicodeDecodeError) as problem:
        raise BadQuery(_("The text is not JSON: %(problem)s.", problem=problem)) from None
    return value


def _depth(text: bytes | str) -> int:
    """How deep the brackets nest outside strings; anything above DEEPEST means too deep. Linear, and quick for 2 MB.

    Which bracket closes which is the parser's question. Innermost pairs are struck out, one level a round.
    """
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return 0
    left = _STRINGS.sub(b"", raw).translate(_BRACKETS, _OTHERS)
    for depth in range(DEEPEST + 1):
        shorter = left.replace(b"[]", b"")
        if len(shorter) == len(left):
            return depth + left.count(b"[")
        left = shorter
    return DEEPEST + 1


def _decimal(text: str) -> Decimal:
    if len(text) > 60:
        raise BadQuery(_("A number has more than 60 characters."))
    value = Decimal(text)
    if abs(value.adjusted()) > 60:
        raise BadQuery(_("The number %(number)s is out of range.", number=text[:20]))
    return value


def _integer(text: str) -> int:
    if len(text) > 60:
        raise BadQuery(_("A number has more than 60 digits."))
    return int(text)


def _no_constant(name: str) -> Any:
    raise BadQuery(_("%(name)s is not a JSON number.", name=name))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_KEYS:
        raise TooLarge(_("A JSON object has more than %(most)s names.", most=MOST_KEYS))
    made = dict(pairs)
    if len(made) != len(pairs):
        raise BadQuery(_("A JSON object names the same key twice."))
    return made


def iso(value: date | datetime) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()
