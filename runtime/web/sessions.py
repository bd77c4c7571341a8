"""Sessions: kept in the database for people, in a small signed cookie for visitors (their CSRF token, nothing else).

The cookie of a person is 256 random bits; the row behind it is house.session (security/store.py). Ending the row ends
the session, wherever the cookie may be.
"""
from typing import Any

import flask
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import CallbackDict

from runtime.security import store

VISITOR = "v."
VISIT = 12 * 3600


class Session(CallbackDict, SessionMixin):
    """token: the cookie's value where it may be a person's; `identity` is filled in by web/actor.py."""

    def __init__(self, values: Any = None, token: str | None = None):
        super().__init__(values or {}, _changed)
        self.modified = False
        self.token = token
        self.fresh = False
        self.over = False
        self.identity: store.Identity | None = None

    def become(self, identity: store.Identity | None) -> None:
        """What the database said about the token."""
        self.identity = identity
        if identity is None:
            self.token = None
        else:
            dict.update(self, identity.data)

    def begin(self, token: str, values: dict[str, Any]) -> None:
        """Somebody logged in: a new token, and nothing left of the visit before."""
        self.clear()
        self.update(values)
        self.token, self.fresh, self.over = token, True, False

    def end(self) -> None:
        self.clear()
        self.token, self.identity, self.over = None, None, True


def _changed(session: Session) -> None:
    session.modified = True


class Sessions(SessionInterface):
    """How Flask opens and keeps them. Opening asks nothing of the database."""

    def open_session(self, app: flask.Flask, request: flask.Request) -> Session:
        cookie = request.cookies.get(app.config["SESSION_COOKIE_NAME"])
        if not cookie or len(cookie) > 1_000:
            return Session()
        if not cookie.startswith(VISITOR):
            return Session(token=cookie)
        try:
            return Session(_signer(app).loads(cookie[len(VISITOR):], max_age=VISIT))
        except BadSignature:
            return Session()

    def save_session(self, app: flask.Flask, session: Session, response: flask.Response) -> None:
        if session.over:
            response.delete_cookie(app.config["SESSION_COOKIE_NAME"], path="/", secure=app.config["SESSION_COOKIE_SECURE"],
                                   httponly=True, samesite="Lax")
        elif session.fresh and session.token:
            self._send(app, response, session.token, int(store.ABSOLUTE.total_seconds()))
        elif session.modified and session.identity is not None:
            store.keep_data(session.token, dict(session))
        elif session.modified and session.token is None:
            self._send(app, response, VISITOR + _signer(app).dumps(dict(session)), VISIT)

    def _send(self, app: flask.Flask, response: flask.Response, value: str, age: int) -> None:
        response.set_cookie(app.config["SESSION_COOKIE_NAME"], value, max_age=age, path="/",
                            secure=app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax")
        response.headers.add("Vary", "Cookie")


def _signer(app: flask.Flask) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(app.secret_key, salt="visitor")
