"""Each term has one plain line in place; plain words rename them; the first hour says what is still to do."""
from pathlib import Path

import pytest

from builder.glossary import TERMS
from runtime.app import create_app
from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.accounts(), builders.deals(), builders.a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    return signed_in(app, "boss")


def test_every_term_stands_in_the_glossary():
    page = Path("docs/glossary.md").read_text(encoding="utf-8")
    assert [term.source for term in TERMS if f"| {term.source} |" not in page] == []


def test_the_switch_renames_terms_and_back(boss):
    assert "A validation rule refuses a save" in boss.get("/builder/m/deals/rules").text
    boss.post("/builder/words", data={"plain": "1", "csrf_token": boss.csrf})
    assert ">What must never be saved</a>" in boss.get("/builder/m/deals/rules").text
    boss.post("/builder/words", data={"plain": "", "csrf_token": boss.csrf})
    assert ">What must never be saved</a>" not in boss.get("/builder/m/deals/rules").text


def test_the_first_hour_says_what_is_left_until_nothing_is(boss):
    assert "Add the first colleague" in boss.get("/builder").text
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    service.create(HOUSE, "accounts", {"name": "First"})
    builders.publish_all(builders.accounts(), builders.deals(), builders.a_role("rep"), builders.a_role("other"))
    assert "Say where your company is" in boss.get("/builder").text
    boss.post("/builder/company", data={"country": "VN", "csrf_token": boss.csrf})
    assert "Your first hour" not in boss.get("/builder").text
