"""Headers: what every answer says to the browser, the request's id, and where an unsafe request may come from."""
import re
import secrets
from urllib.parse import urlsplit

import flask
from flask import g, request

from runtime.errors import Refused
from runtime.locale.text import _
from runtime.web import policies

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE = ("default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; object-src 'none'")
HSTS = "max-age=31536000; includeSubDomains"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def install(app: flask.Flask) -> None:
    app.after_request(_finish)


def nonce() -> str:
    """This answer's nonce; only scripts that carry it run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def request_id() -> str:
    """The id of this request: on the answer, in the log, in every error."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
    return g.request_id


def require_same_origin() -> None:
    """An unsafe request must come from our own pages: what the browser itself says about it must agree (safety D12)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none"):
        raise Refused(_("This request came from another site and was not carried out."))
    origin = request.headers.get("Origin")
    if origin is None:
        return
    ours = {request.host}
    if public := flask.current_app.config["PUBLIC_URL"]:
        ours.add(urlsplit(public).netloc)
    if urlsplit(origin).netloc not in ours:
        raise Refused(_("This request came from another site and was not carried out."))


def _finish(response: flask.Response) -> flask.Response:
    headers = response.headers
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    headers["X-Request-ID"] = request_id()
    if "Content-Security-Policy" not in headers:
        html = response.mimetype == "text/html"
        headers["Content-Security-Policy"] = PAGE.format(nonce=nonce()) if html else NOTHING
    if flask.current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", HSTS)
    view = flask.current_app.view_functions.get(request.endpoint) if request.endpoint else None
    if policies.of(view) != policies.ASSET or response.status_code >= 400:
        headers["Cache-Control"] = "no-store"
    return response
