"""An application over a database of its own, and people who are signed in to it."""
import re

import flask
import pytest

from runtime.app import create_app
from runtime.security import store, users
from runtime.web.limits import limiter
from tests import builders

KEY = "k" * 40


@pytest.fixture(scope="module")
def app(database):
    builders.publish_all(builders.a_module("accounts", builders.a_field("industry", of="accounts")),
                         builders.a_module("deals", builders.a_field("amount", "currency", of="deals"),
                                           builders.a_field("account", "lookup", of="deals", settings={"module": "accounts"})),
                         builders.a_role("rep", deals={"read": "own", "create": True, "edit": "own",
                                                       "fields": {"fld_deals_amount": "hidden"}},
                                         accounts={"read": "all"}),
                         builders.a_role("nobody", deals={"read": "no"}, accounts={"read": "no"}))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    made = create_app({"SECRET_KEY": KEY})
    made.testing = False
    return made


@pytest.fixture(autouse=True)
def no_tries_yet(app):
    limiter.reset()


@pytest.fixture
def visitor(app):
    return app.test_client()


def signed_in(app: flask.Flask, name: str):
    """A client with a session of this person; `.token` is the session's, `.csrf` its CSRF token."""
    client = app.test_client()
    client.token = store.start_session(users.get(name).id, {"csrf_token": "c" * 40}, agent="pytest")
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], client.token)
    client.csrf = csrf_of(client.get("/me"))
    return client


@pytest.fixture
def boss(app):
    return signed_in(app, "boss")


@pytest.fixture
def lan(app):
    return signed_in(app, "lan")


@pytest.fixture
def bearer(app):
    """bearer("lan") -> headers of a program that works for her."""
    return lambda name: {"Authorization": f"Bearer {users.token(name)}"}


def csrf_of(response) -> str:
    found = re.search(r'"X-CSRFToken": "([^"]+)"', response.text)
    assert found, response.text[:2000]
    return found.group(1)
