"""Documents as text: bounded reading of JSON, and the one canonical way to write it."""
import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from metadata.errors import MetadataError
from metadata.words import say

SIZE = 2 * 1024 * 1024
DEPTH = 32
WIDTH = 120

_FIRST = ("id", "extends", "name", "module", "field", "path", "operator", "operand", "value", "label", "plural", "type", "kind",
          "step", "expect")
_RANK = {name: position for position, name in enumerate(_FIRST)}


class BadText(MetadataError):
    """Text that is not a JSON document within the bounds; the message says what to mend."""


def parse(text: bytes | str) -> dict[str, Any]:
    """A JSON object within the bounds of safety D10. Raises BadText with one sentence."""
    if len(text) > SIZE:
        raise BadText(say("It has %(count)s bytes; a document has at most %(size)s.", count=f"{len(text):,}", size=f"{SIZE:,}"))
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise BadText(say("It is not UTF-8 text (byte %(byte)s). Save it as UTF-8.", byte=error.start)) from None
    except RecursionError:
        raise BadText(say("It is nested too deeply; at most %(depth)s levels are read.", depth=DEPTH)) from None
    except json.JSONDecodeError as error:
        raise BadText(say("It is not JSON: %(why)s, line %(line)s, column %(column)s.", why=error.msg, line=error.lineno,
                          column=error.colno)) from None
    except ValueError as error:
        raise BadText(str(error) if str(error).endswith(".") else say("It holds a number that is too long.")) from None
    if not isinstance(document, dict):
        raise BadText(say("It must be one JSON object, in braces."))
    return _bounded(document, 1)


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one way to write a document: the noun's properties as given, inner ones in a fixed order, short values on one line."""
    return (_write({name: _sorted(value) for name, value in document.items()}, 0, 0) + "\n").encode()


def compact(document: Mapping[str, Any]) -> str:
    """The same content as canonical, as the database keeps it: one line, keys sorted."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def fingerprint(text: str) -> str:
    """The hash a compact document is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadText(say("The property '%(name)s' stands twice in one object. Keep one.", name=twice[:60]))
    if "$ref" in document:
        raise BadText(say("It holds a '$ref'. References to other documents are not followed; write the content itself."))
    return document


def _no_constant(name: str) -> Any:
    raise BadText(say("It holds %(name)s, which is not a number JSON knows.", name=name))


def _bounded(value: Any, depth: int) -> Any:
    """The value with its text in NFC. Depth was held by the parser's own limit; here it is held to ours."""
    if depth > DEPTH:
        raise BadText(say("It is nested too deeply; at most %(depth)s levels are read.", depth=DEPTH))
    if isinstance(value, dict):
        return {_text(name): _bounded(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_bounded(item, depth + 1) for item in value]
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    if value.isascii():
        if "\0" in value:
            raise BadText(say("It holds a NUL character, which the database cannot keep."))
        return value
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise BadText(say("It holds half a character (a lone surrogate) or a NUL, which the database cannot keep."))
    return unicodedata.normalize("NFC", value)


def _sorted(value: Any) -> Any:
    """Inner objects in a fixed order, so that the same content is the same text."""
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value, key=lambda name: (_RANK.get(name, len(_RANK)), name))}
    if isinstance(value, (list, tuple)):
        return [_sorted(item) for item in value]
    return value


def _write(value: Any, indent: int, before: int) -> str:
    """before: characters that stand on the line already."""
    if not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    if indent:
        line = json.dumps(value, ensure_ascii=False, allow_nan=False)
        if len(line) + before <= WIDTH:
            return line
    pad = "  " * (indent + 1)
    if isinstance(value, dict):
        heads = [(f"{pad}{json.dumps(name, ensure_ascii=False)}: ", item) for name, item in value.items()]
        rows = [head + _write(item, indent + 1, len(head) + 1) for head, item in heads]
        return "{\n" + ",\n".join(rows) + "\n" + "  " * indent + "}"
    rows = [pad + _write(item, indent + 1, len(pad) + 1) for item in value]
    return "[\n" + ",\n".join(rows) + "\n" + "  " * indent + "]"
