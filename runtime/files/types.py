"""Types: which files are taken, and how a file shows that it is what its name says (safety D9).

The first bytes must agree with the extension; text must be text. Pictures are decoded and written anew, which drops
what a camera adds and whatever hides behind the picture.
"""
import io
import re
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from runtime.errors import RuntimeProblem

LARGEST = 25 * 1024 * 1024
MOST_PIXELS = 40_000_000

PICTURES = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "gif": "GIF", "webp": "WEBP"}
"""Extensions of pictures, with Pillow's name of the format; these alone may be shown in a page."""

_ZIP, _OLE = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
_KNOWN: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", _ZIP),
    "odt": ("application/vnd.oasis.opendocument.text", _ZIP),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", _ZIP),
    "odp": ("application/vnd.oasis.opendocument.presentation", _ZIP),
    "zip": ("application/zip", _ZIP),
    "doc": ("application/msword", _OLE), "xls": ("application/vnd.ms-excel", _OLE),
    "ppt": ("application/vnd.ms-powerpoint", _OLE), "msg": ("application/vnd.ms-outlook", _OLE),
    "rtf": ("application/rtf", (b"{\\rtf",)),
    "mp3": ("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "wav": ("audio/wav", (b"RIFF",)), "mp4": ("video/mp4", ()), "m4a": ("audio/mp4", ()),
}
_TEXT = {"txt": "text/plain", "csv": "text/csv", "md": "text/plain", "json": "application/json", "eml": "message/rfc822",
         "ics": "text/calendar", "vcf": "text/vcard", "log": "text/plain",
         "xml": "application/octet-stream", "svg": "application/octet-stream", "html": "application/octet-stream",
         "htm": "application/octet-stream"}
"""Text files; what a browser would run is given out as bytes without a type."""


class NotTaken(RuntimeProblem):
    """sentence and places: the message before translation, which floors above this one know how to do."""
    status = 422
    code = "not_taken"

    def __init__(self, sentence: str, **places: object):
        super().__init__(sentence % places if places else sentence)
        self.sentence, self.places = sentence, places


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that is what it says: its clean name, its type and the bytes to keep."""
    name: str
    type: str
    content: bytes


def checked(content: bytes, name: str) -> Checked:
    """Raises NotTaken with what to do instead."""
    name = clean_name(name)
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    if len(content) > LARGEST:
        raise NotTaken("This file is larger than %(most)s MB.", most=LARGEST // 1024 // 1024)
    if not content:
        raise NotTaken("This file is empty.")
    if extension in PICTURES:
        kind = PICTURES[extension]
        return Checked(name, f"image/{kind.lower()}", _picture(content, kind))
    if extension in _TEXT:
        if not _is_text(content):
            raise NotTaken("This file is not the text that its name says.")
        return Checked(name, _TEXT[extension], content)
    if extension not in _KNOWN:
        raise NotTaken("Files of this kind are not taken. Send a document, a sheet, a picture, a text or a zip.")
    kind, beginnings = _KNOWN[extension]
    if not (content.startswith(beginnings) if beginnings else content[4:8] == b"ftyp"):
        raise NotTaken("This file is not what its name says; save it again as .%(extension)s.", extension=extension)
    if beginnings is _ZIP and not zipfile.is_zipfile(io.BytesIO(content)):
        raise NotTaken("This file is damaged; save it again.")
    return Checked(name, kind, content)


def clean_name(name: str) -> str:
    """Only for showing and saving: no path, no control or turning characters, at most 120 characters."""
    name = re.split(r"[\\/]", unicodedata.normalize("NFC", name or ""))[-1]
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C" and letter not in '<>:"|?*').strip(" .")
    if len(name) > 120:
        path = PurePosixPath(name)
        name = path.stem[:120 - len(path.suffix)] + path.suffix
    return name or "file"


def _picture(content: bytes, kind: str) -> bytes:
    """The picture written anew: turned upright, without metadata, the first frame of a moving one."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # here: a web process starts faster without it
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=[kind]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise NotTaken("This picture has more than %(most)s million pixels.", most=MOST_PIXELS // 1_000_000)
                upright = ImageOps.exif_transpose(picture)
                fresh = Image.new(upright.mode, upright.size)
                if upright.mode == "P":
                    upright = upright.convert("RGBA")
                    fresh = Image.new("RGBA", upright.size)
                fresh.paste(upright)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise NotTaken("This picture has more than %(most)s million pixels.", most=MOST_PIXELS // 1_000_000) from None
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
            raise NotTaken("This picture cannot be read; save it again as PNG or JPEG.") from None
    out = io.BytesIO()
    if kind == "JPEG" and fresh.mode not in ("RGB", "L", "CMYK"):
        fresh = fresh.convert("RGB")
    fresh.save(out, kind, **({"quality": 90} if kind in ("JPEG", "WEBP") else {}))
    return out.getvalue()


def _is_text(content: bytes) -> bool:
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    for encoding in ("utf-8-sig", "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1258"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not re.search("[\x00-\x08\x0e-\x1a\x1c-\x1f]", text)
    return False
