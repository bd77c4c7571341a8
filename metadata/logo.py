"""A logo inside a theme: a small PNG as base64, looked at without decoding it."""
import base64
import binascii
import struct

from metadata.words import say

LARGEST = 64 * 1024
SIDE = 1024
"""Pixels, at most, in either direction."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def problem(text: str) -> str | None:
    """What keeps it from being shown, as one sentence; None where nothing does."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return say("The logo is not base64 text. Upload the picture again.")
    if len(content) > LARGEST:
        return say("The logo has %(count)s bytes; at most %(most)s are possible.", count=f"{len(content):,}",
                   most=f"{LARGEST:,}")
    if not content.startswith(_SIGNATURE) or content[12:16] != b"IHDR" or len(content) < 33:
        return say("The logo is not a PNG picture. Upload it again.")
    width, height = struct.unpack(">II", content[16:24])
    if not (1 <= width <= SIDE and 1 <= height <= SIDE):
        return say("The logo is %(width)s by %(height)s pixels; at most %(side)s by %(side)s are possible.", width=f"{width:,}",
                   height=f"{height:,}", side=f"{SIDE:,}")
    return None
