"""Static files: /static/<name>?v=<hash of the content>, kept by browsers for good; compressed once per process."""
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import brotli
import flask
from flask import request
from markupsafe import Markup
from werkzeug.security import safe_join

from runtime.web.policies import asset

FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=300"
PACKED = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/manifest+json")

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")

pages = flask.Blueprint("static", __name__)
_folders: list[Path] = [Path(__file__).parent / "static"]


def add_folder(folder: Path, *, first: bool = False) -> None:
    """More files, from a room or a theme; a theme's come first."""
    if folder.is_dir() and folder not in _folders:
        _folders.insert(0 if first else len(_folders), folder)


@dataclass(frozen=True)
class Kept:
    """A file as it is sent: plain and packed, with its hash."""
    body: bytes
    type: str
    hash: str
    packed: dict[str, bytes]


def href(name: str) -> str:
    """The address of a file, with the hash of its content: a new content is a new address."""
    kept = _kept(name)
    return f"/static/{name}" if kept is None else f"/static/{name}?v={kept.hash}"


@pages.app_template_global("drawn_icon")
@lru_cache(maxsize=2_048)
def icon(name: str, size: str = "") -> Markup:
    """One picture of the sprite, drawn once per process: a page shows some forty."""
    return Markup('<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"/></svg>').format(
        f" icon-{size}" if size else "", href("vendor/icons.svg"), name)


@pages.get("/static/<path:name>")
@asset
def serve(name: str) -> flask.Response:
    kept = _kept(name)
    if kept is None:
        flask.abort(404)
    return send(kept)


def send(kept: Kept) -> flask.Response:
    """As the browser can take it; for good where it named the hash, else for five minutes."""
    if request.if_none_match.contains(kept.hash):
        response = flask.Response(status=304)
    else:
        way = next((way for way in kept.packed if request.accept_encodings[way]), None)
        response = flask.Response(kept.packed[way] if way else kept.body, mimetype=kept.type)
        if way:
            response.headers["Content-Encoding"] = way
    response.set_etag(kept.hash)
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOREVER if request.args.get("v") == kept.hash else BRIEFLY
    return response


def keep(body: bytes, type: str) -> Kept:
    packed = {}
    if type.startswith(PACKED) and len(body) > 400:
        packed = {"br": brotli.compress(body, quality=9), "gzip": gzip.compress(body, 9, mtime=0)}
    if type.startswith("text/"):
        type += "; charset=utf-8"
    return Kept(body, type, hashlib.sha256(body).hexdigest()[:12], packed)


@lru_cache(maxsize=512)
def _kept(name: str) -> Kept | None:
    for folder in _folders:
        found = safe_join(str(folder), name)
        if found is not None and Path(found).is_file():
            return keep(Path(found).read_bytes(), mimetypes.guess_type(name)[0] or "application/octet-stream")
    return None
