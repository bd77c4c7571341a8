"""A logo inside a theme: a small PNG as base64, looked at without decoding it."""
import base64
import binascii
import struct

LARGEST = 64 * 1024
SIDE = 1024
"""Pixels, at most, in either direction."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def problem(text: str) -> str | None:
    """What keeps it from being shown, as one sentence; None where nothing does."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "The logo is not base64 text. Upload the picture again."
    if len(content) > LARGEST:
        return f"The logo has {len(content):,} bytes; at most {LARGEST:,} are possible."
    if not content.startswith(_SIGNATURE) or content[12:16] != b"IHDR" or len(content) < 33:
        return "The logo is not a PNG picture. Upload it again."
    width, height = struct.unpack(">II", content[16:24])
    if not (1 <= width <= SIDE and 1 <= height <= SIDE):
        return f"The logo is {width:,} by {height:,} pixels; at most {SIDE:,} by {SIDE:,} are possible."
    return None
