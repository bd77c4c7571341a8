"""Who is asking: the session's cookie on pages, a Bearer key on the API. One SQL statement per request.

It brings the person, roles, language, zone, theme and the number of the published version; everything after it works
from memory. Then the route's declared access is enforced, and the CSRF token of every unsafe page request checked.
"""
from urllib.parse import quote

import flask
from flask import g, request
from flask.globals import request_ctx
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from runtime.errors import NotSignedIn, Refused
from runtime.locale import reader, text
from runtime.locale.text import _
from runtime.security import policy, store
from runtime.tables import published
from runtime.values import Actor
from runtime.web import headers, policies, settings
from runtime.web.sessions import VISITOR, Sessions

csrf = CSRFProtect()
SAFE = ("GET", "HEAD", "OPTIONS")


class SignInFirst(Exception):
    """A page that needs a person; answered with the way to the login page."""


def install(app: flask.Flask) -> None:
    app.session_interface = Sessions()
    app.before_request(_admit)
    app.register_error_handler(SignInFirst, _to_login)
    csrf.init_app(app)


def current_actor() -> Actor:
    """The person or program of this request. Raises NotSignedIn where there is nobody."""
    actor = g.get("actor")
    if actor is None:
        raise NotSignedIn(_("Sign in first."))
    return actor


def somebody() -> Actor | None:
    """Like current_actor, or None."""
    return g.get("actor")


def _admit() -> flask.typing.ResponseReturnValue | None:
    g.actor = None
    reader.use(reader.NEUTRAL)                      # threads are used again: nothing of the last request stays
    published.release()
    if request.method == "POST" and isinstance(request.routing_exception, MethodNotAllowed):
        _take_meant_method()
    view = flask.current_app.view_functions.get(request.endpoint) if request.endpoint else None
    needed = policies.of(view)
    request.max_content_length = getattr(view, "largest_body", settings.BODY)
    if needed == policies.ASSET:
        return None
    if needed == policies.API or request.path.startswith("/api/"):
        _identify_program(needed)
        return None
    _identify_person()
    if needed in (policies.SIGNED_IN, policies.BUILDER, policies.ADMIN):
        if g.actor is None:
            raise SignInFirst
        if (needed == policies.ADMIN and not g.actor.admin) or (needed == policies.BUILDER and not policy.may_build(g.actor)):
            raise Refused(_("Only an administrator can do this."))
    if request.method not in SAFE and needed is not None:
        headers.require_same_origin()
        csrf.protect()
    return None


def _take_meant_method() -> None:
    """A plain form can only POST; `_method` says that it means PUT or DELETE."""
    request.max_content_length = settings.UPLOAD
    meant = request.form.get("_method", "").upper()
    if meant not in ("PUT", "DELETE"):
        return
    try:
        rule, arguments = request_ctx.url_adapter.match(method=meant, return_rule=True)
    except HTTPException:
        return
    request.url_rule, request.view_args, request.routing_exception, request.method = rule, arguments, None, meant


def _identify_person() -> None:
    session = flask.session
    if session.token is None:
        _speak_to_visitor()
        return
    identity = store.by_session(session.token)
    session.become(identity)
    if identity is None:
        _speak_to_visitor()
        return
    _enter(identity)
    store.note_seen(identity, "session")
    reader.use(reader.reader(identity.actor.language, identity.actor.time_zone))


def _identify_program(needed: str | None) -> None:
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    identity = store.by_key(key.strip()) if scheme.lower() == "bearer" and key.strip() else None
    if identity is None:
        if needed != policies.API:
            return
        raise NotSignedIn(_("Send an API key that is in use: Authorization: Bearer …"))
    _enter(identity)
    store.note_seen(identity, "api_key")
    text.use(identity.actor.language)


def _enter(identity: store.Identity) -> None:
    g.actor = identity.actor
    published.see(identity.number)


def _speak_to_visitor() -> None:
    """A visitor's language: chosen on the login page, else the browser's, else the installation's."""
    chosen = request.args.get("language") or flask.session.get("language")
    language = chosen if chosen in text.NAMES else request.accept_languages.best_match(text.NAMES)
    text.use(language or flask.current_app.config["LANGUAGE"])


def _to_login(_problem: SignInFirst) -> flask.Response:
    """Plainly by redirect; inside a page by asking htmx to go there."""
    if request.headers.get("HX-Request"):
        current = request.headers.get("HX-Current-URL", "")
        wanted = local_path("/" + current.split("//", 1)[-1].partition("/")[2]) if current else "/"
        answer = flask.make_response("", 401)
        answer.headers["HX-Redirect"] = _login_for(wanted)
        return answer
    return flask.redirect(_login_for(request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "/"), 303)


def _login_for(wanted: str) -> str:
    """The login page that leads on to an address; it says so where a session has come to its end."""
    cookie = request.cookies.get(flask.current_app.config["SESSION_COOKIE_NAME"], "")
    asked = [] if wanted == "/" else ["next=" + quote(wanted, safe="/")]
    if cookie and not cookie.startswith(VISITOR):
        asked.append("ended=1")
    return "/login" + ("?" + "&".join(asked) if asked else "")


def local_path(wanted: str | None) -> str:
    """A path on this site, or "/": `next` must never lead anywhere else (safety T72)."""
    if not wanted or not wanted.startswith("/") or wanted[1:2] in ("/", "\\"):
        return "/"
    if any(letter <= " " or letter in "\\\x7f" for letter in wanted) or wanted.startswith(("/login", "/logout")):
        return "/"
    return wanted


