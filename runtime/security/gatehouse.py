"""The gatehouse: Flask-AppBuilder's security manager, which keeps accounts, roles and the way people log in.

The only file of the runtime that imports FAB, and it is loaded when somebody logs in or an account is changed, never on
the way of a request. FAB runs in a small application of its own that is never served, so none of its pages exist.
"""
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import flask
from flask_appbuilder import AppBuilder
from flask_appbuilder.const import AUTH_DB
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import User
from sqlalchemy.orm import Session

from runtime.db.transaction import transaction
from runtime.security import passwords

_building = threading.Lock()
_session: ContextVar[Session | None] = ContextVar("gatehouse", default=None)

SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "this application is never served",
    "AUTH_TYPE": AUTH_DB,
    "AUTH_ROLE_ADMIN": "Admin",
    "AUTH_USER_REGISTRATION": False,
    "AUTH_RATE_LIMITED": True,
    "RATELIMIT_ENABLED": True,
    "RATELIMIT_STORAGE_URI": "memory://",
    "FAB_ADD_SECURITY_VIEWS": False,
    "FAB_ADD_SECURITY_API": False,
    "FAB_API_SWAGGER_UI": False,
    "FAB_UPDATE_PERMS": False,
    "FAB_CREATE_DB": False,
    "FAB_SECURITY_SIGNALS_ENABLED": False,
    "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
    "FAB_PASSWORD_COMPLEXITY_VALIDATOR": passwords.check,
    "FAB_SAFE_REDIRECT_HOSTS": [],
}


class Gatehouse(SecurityManager):
    """FAB's manager with argon2 passwords, working inside the house's own transaction."""

    @property
    def session(self) -> Session:
        session = _session.get()
        if session is None:
            raise RuntimeError("Ask the gatehouse inside `with opened()`.")
        return session

    def auth_user_db(self, username: str | None, password: str | None) -> User | None:
        """FAB's own check, with argon2; every way to fail takes the same statements and the same time."""
        name = username or ""
        by_name, by_email = self.find_user(username=name or " "), self.find_user(email=name.lower() or " ")
        user = by_name or by_email
        known = user is not None and user.is_active
        right = passwords.matches(user.password if known else None, password or "")
        if not known:
            if somebody := self.get_first_user():
                self.noop_user_update(somebody)
            return None
        if right and passwords.outdated(user.password):
            user.password = passwords.hash(password)
        self.update_user_auth_stat(user, right)
        return user if right else None

    def reset_password(self, userid: int, password: str) -> None:
        user = self.get_user_by_id(userid)
        user.password = passwords.hash(password)
        self.update_user(user)


@cache
def _made() -> tuple[flask.Flask, Gatehouse]:
    app = flask.Flask("gatehouse", static_folder=None)
    app.config.update(SETTINGS)
    with app.app_context():
        builder = AppBuilder(app, None, security_manager_class=Gatehouse, update_perms=False)
    return app, builder.sm


def _built() -> tuple[flask.Flask, Gatehouse]:
    with _building:
        return _made()


@contextmanager
def opened() -> Iterator[Gatehouse]:
    """FAB's manager, joined to the open transaction: what it commits is kept when the house commits."""
    app, manager = _built()
    with transaction() as tx, app.app_context(), \
            Session(bind=tx.connection, join_transaction_mode="create_savepoint") as session:
        token = _session.set(session)
        try:
            yield manager
            session.commit()
        finally:
            _session.reset(token)


def warm() -> None:
    """Build it now, so that the next login need not wait."""
    _built()
