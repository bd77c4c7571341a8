"""What was done is said on the page that a redirect leads to: carried there in a signed cookie, said once, gone in a minute.

It is no matter of the session: whoever saves a hundred records at once would write one row a hundred times, and wait for it.
"""
from collections.abc import Mapping
from typing import Any

import flask
from flask import g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from runtime.web import actor

COOKIE, AGE, LONGEST = "said", 60, 1_000


def install(app: flask.Flask) -> None:
    app.jinja_env.globals["carried_toast"] = said
    app.after_request(_forget)


def carry(response: flask.Response, toast: Mapping[str, Any]) -> flask.Response:
    """toast: {"text", "kind", "undo"}, as app.js takes it; a very long text is cut."""
    words = _signer().dumps([_who(), {**toast, "text": str(toast["text"])[:LONGEST]}])
    response.set_cookie(COOKIE, words, max_age=AGE, secure=flask.current_app.config["SESSION_COOKIE_SECURE"], httponly=True,
                        samesite="Lax")
    return response


def said() -> Mapping[str, Any] | None:
    """What the answer before this one has to say to this person, if anything; the browser forgets it with the answer."""
    words = request.cookies.get(COOKIE)
    if not words:
        return None
    g.said = True
    try:
        who, toast = _signer().loads(words, max_age=AGE)
    except (BadSignature, ValueError, TypeError):
        return None
    return toast if who == _who() else None


def _forget(response: flask.Response) -> flask.Response:
    if g.get("said") and not any(cookie.startswith(f"{COOKIE}=") for cookie in response.headers.getlist("Set-Cookie")):
        response.delete_cookie(COOKIE, secure=flask.current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax")
    return response


def _who() -> int | None:
    who = actor.somebody()
    return who.user_id if who else None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(flask.current_app.secret_key, salt="said")
