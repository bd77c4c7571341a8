"""A module from an empty draft to a saved record; every step can be taken back; nobody sees it before it is published."""
import pytest

from runtime.app import create_app
from runtime.security import users
from runtime.tables import published
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.a_module("deals"), builders.a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    return signed_in(app, "boss")


def post(client, address, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf})


def test_a_module_is_drafted_published_and_used(boss):
    made = post(boss, "/builder/modules", label="Property", plural="Properties", name_label="Address")
    assert made.status_code == 303 and made.location == "/builder/m/properties"
    assert "Properties" in boss.get("/builder").text and boss.get("/m/properties").status_code == 404

    review = boss.get("/builder/review").text
    assert "Add module &#39;Properties&#39; with 1 field." in review
    assert post(boss, "/builder/review", note="First").status_code == 303
    assert published.refresh().definitions.modules["properties"].plural == "Properties"
    assert post(boss, "/m/properties", name="12 Elm Street").status_code == 303
    assert "12 Elm Street" in boss.get("/m/properties").text
    assert "Nothing to publish" in boss.get("/builder/review").text


def test_a_step_is_taken_back_and_done_again(boss):
    post(boss, "/builder/modules", label="Viewing", plural="Viewings")
    post(boss, "/builder/undo", **{"from": "/builder"})
    assert ">Viewings<" not in boss.get("/builder").text
    post(boss, "/builder/redo", **{"from": "/builder"})
    assert ">Viewings<" in boss.get("/builder").text
    post(boss, "/builder/review/drop")
    assert ">Viewings<" not in boss.get("/builder").text


def test_only_those_who_may_build_come_in(app):
    lan = signed_in(app, "lan")
    for address in ("/builder", "/builder/modules/new", "/builder/review"):
        assert lan.get(address).status_code == 403
    assert post(lan, "/builder/modules", label="X", plural="Xs").status_code == 403
    assert post(lan, "/builder/review").status_code == 403


def test_a_module_without_words_says_what_is_missing(boss):
    answer = post(boss, "/builder/modules", label="", plural="Offices")
    assert answer.status_code == 422 and "Say what one record is called" in answer.text and 'value="Offices"' in answer.text
