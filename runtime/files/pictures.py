"""Pictures made small, as PNG: a logo for every page."""
import io

from runtime.files import types
from runtime.files.types import NotTaken


def small_png(content: bytes, name: str, *, width: int, height: int, largest: int) -> bytes:
    """At most so many pixels and bytes, in its own proportions. Raises NotTaken with what to do instead."""
    if name.lower().endswith((".svg", ".svgz")):
        raise NotTaken("An SVG can carry scripts and is not taken. Save the picture as PNG or WebP.")
    checked = types.checked(content, name)
    if not checked.type.startswith("image/"):
        raise NotTaken("This is no picture. Send a PNG, WebP, JPEG or GIF.")
    from PIL import Image  # here: a web process starts faster without it
    with Image.open(io.BytesIO(checked.content)) as opened:
        picture = opened.convert("RGBA")
    picture.thumbnail((width, height))
    for colors in (None, 256, 64, 16):
        out = io.BytesIO()
        (picture if colors is None else picture.quantize(colors)).save(out, "PNG", optimize=True)
        if out.tell() <= largest:
            return out.getvalue()
    raise NotTaken("This picture has too many details for a logo. Send a simpler one.")
