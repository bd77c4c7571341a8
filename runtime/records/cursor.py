"""A cursor: where a page of a list ended, opaque and signed, so that nobody can read or forge a hidden value."""
import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from runtime.errors import BadQuery
from runtime.locale.text import _

_key = os.urandom(32)


def use_key(secret: str | bytes) -> None:
    """Set once by the roof, so that every process of an installation reads the others' cursors."""
    global _key
    raw = secret.encode() if isinstance(secret, str) else secret
    _key = hashlib.sha256(b"cursor:" + raw).digest()


def write(shape: str, values: list[Any]) -> str:
    """shape: what the cursor belongs to (module, sort); values: the last row's sort values and id."""
    body = orjson.dumps([_plain(value) for value in values])
    return urlsafe_b64encode(_sign(shape, body) + body).rstrip(b"=").decode()


def read(shape: str, text: str) -> list[Any]:
    """Raises BadQuery for a cursor of another list, or a made-up one."""
    try:
        raw = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        signature, body = raw[:12], raw[12:]
        if not hmac.compare_digest(signature, _sign(shape, body)):
            raise ValueError
        return [_typed(value) for value in orjson.loads(body)]
    except (ValueError, TypeError, UnicodeEncodeError):
        raise BadQuery(_("This page link no longer fits the list; start again from the first page.")) from None


def _sign(shape: str, body: bytes) -> bytes:
    return hmac.new(_key, shape.encode() + b"\0" + body, hashlib.sha256).digest()[:12]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"n": str(value)}
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return value


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        (kind, text), = value.items()
        return {"n": Decimal, "t": datetime.fromisoformat, "d": date.fromisoformat}[kind](text)
    return value
