"""A small CRM with people, an application over it, and files to import."""
from pathlib import Path

import pytest

from runtime.app import create_app
from runtime.security import users
from runtime.values import Actor
from runtime.web.limits import limiter
from tests.builders import a_field, a_module, a_role, accounts, deals, publish_all
from tests.runtime.web.conftest import signed_in


@pytest.fixture(scope="module")
def crm(database):
    blind = {"read": "all", "create": True, "edit": "all", "delete": "no", "import": True, "export": True, "give": True,
             "fields": {"fld_deals_amount": "hidden"}}
    published = publish_all(
        accounts(a_field("number", of="accounts", unique=True),
                 a_field("parent", "lookup", of="accounts", settings={"module": "accounts"})),
        deals(a_field("code", of="deals", unique=True), a_field("opened", "datetime", of="deals", aliases=("Engage date",))),
        a_module("notes", a_field("body", "long_text", of="notes")),
        a_role("rep"), a_role("blind", deals=blind), a_role("reader", any={"read": "all"}))
    users.sync_roles()
    for name, roles in (("boss", ("Admin",)), ("lan", ("rep",)), ("blind", ("blind",)), ("reader", ("reader",))):
        users.create(name, roles=roles, password=f"{name} password", full_name=name.capitalize())
    return published


@pytest.fixture
def boss(crm) -> Actor:
    return users.actor_for("boss", "cli")


@pytest.fixture
def lan(crm) -> Actor:
    return users.actor_for("lan", "page")


@pytest.fixture
def blind(crm) -> Actor:
    return users.actor_for("blind", "page")


@pytest.fixture
def a_file(tmp_path):
    """a_file("Name,Code\\nA,1\\n") -> its path."""
    def make(text: str | bytes, name: str = "rows.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    return make


@pytest.fixture(scope="module")
def app(crm):
    made = create_app({"SECRET_KEY": "k" * 40})
    made.testing = False
    return made


@pytest.fixture
def client(app):
    """client("lan") -> a browser in which she is signed in."""
    limiter.reset()
    return lambda name: signed_in(app, name)
