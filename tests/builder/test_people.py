"""Users in the builder: only administrators look after them, and every mistake is said beside its field."""
import re

import pytest

from runtime.account import agents
from runtime.app import create_app
from runtime.security import store, users
from tests import builders
from tests.runtime.web.conftest import KEY, csrf_of, signed_in


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


def test_only_administrators_come_in(app):
    lan = signed_in(app, "lan")
    assert lan.get("/builder/people").status_code == 403
    answer = lan.post("/builder/people", data={"name": "eve", "roles": ["Admin"], "csrf_token": lan.csrf})
    assert answer.status_code == 403 and users.find("eve") is None
    own = users.get("lan").id
    assert lan.post(f"/builder/people/{own}", data={"roles": ["Admin"], "csrf_token": lan.csrf}).status_code == 403
    assert users.get("lan").roles == ("rep",)
    assert app.test_client().get("/builder/people").status_code == 303
    assert "/builder/people" not in lan.get("/me").text


def test_a_user_is_added_with_roles_and_logs_in(boss):
    made = boss.post("/builder/people", data={"name": "minh", "full_name": "Trần Minh", "email": "minh@example.com",
                                              "password": "minh password", "roles": ["rep"], "csrf_token": boss.csrf})
    minh = users.get("minh")
    assert (made.status_code, made.headers["Location"]) == (303, f"/builder/people/{minh.id}")
    assert (minh.name, minh.email, minh.roles, minh.active) == ("Trần Minh", "minh@example.com", ("rep",), True)
    assert users.authenticate("minh", "minh password") == minh.id
    assert "Trần Minh" in boss.get("/builder/people?q=tr%E1%BA%A7n").text
    assert "Trần Minh" not in boss.get("/builder/people?q=100%25").text


@pytest.mark.parametrize("given, said", [
    ({"name": ""}, "A user name has 1 to 128 characters."),
    ({"name": "x", "password": "short"}, "A password needs at least 8 characters."),
    ({"name": "lan"}, "There is already a user"),
    ({"name": "y", "roles": ["king"]}, "There is no role"),
])
def test_a_mistake_is_said_and_nothing_is_added(boss, given, said):
    answer = boss.post("/builder/people", data={**given, "csrf_token": boss.csrf})
    assert answer.status_code in (409, 422) and said in answer.text
    assert users.find("x") is None and users.find("y") is None


def test_disabling_needs_a_click_and_spares_oneself(boss):
    users.create("leaver", roles=("rep",))
    leaver = users.get("leaver").id
    assert boss.get(f"/builder/people/{leaver}/disable").status_code == 405
    assert boss.post(f"/builder/people/{leaver}/disable", data={"csrf_token": boss.csrf}).status_code == 200
    assert not users.get("leaver").active
    boss.post(f"/builder/people/{leaver}/enable", data={"csrf_token": boss.csrf})
    assert users.get("leaver").active
    own = users.get("boss").id
    assert boss.post(f"/builder/people/{own}/disable", data={"csrf_token": boss.csrf}).status_code == 409


def test_an_unknown_user_is_not_there(boss):
    assert boss.get("/builder/people/999999").status_code == 404


def test_a_name_is_text_wherever_it_is_shown(boss):
    users.create("mallory", full_name="<script>alert(1)</script>")
    assert "<script>alert" not in boss.get("/builder/people").text
    assert "<script>alert" not in boss.get(f"/builder/people/{users.get('mallory').id}").text


def test_a_password_link_sets_the_password_once(app, boss):
    users.create("forgetful", roles=("rep",), password="long forgotten", full_name="For Getful")
    person = users.get("forgetful").id
    key = users.token(person)
    made = boss.post(f"/builder/people/{person}/link", data={"csrf_token": boss.csrf})
    place = re.search(r"http://localhost(/password/[^<]+)<", made.text).group(1)
    stranger = app.test_client()

    page = stranger.get(place)
    csrf = csrf_of(page)
    short = stranger.post(place, data={"password": "short", "csrf_token": csrf})
    done = stranger.post(place, data={"password": "quite another word", "csrf_token": csrf, "revoke_keys": "1"})

    assert "For Getful" in page.text and "Revoke my API key, too" in page.text
    assert store.by_key(key) is None
    assert short.status_code == 422 and "at least 8 characters" in short.text
    assert done.status_code == 200 and "Your password is set." in done.text
    assert users.authenticate("forgetful", "quite another word") == person
    assert stranger.get(place).status_code == 404
    assert stranger.post(place, data={"password": "a third long word", "csrf_token": csrf}).status_code == 404
    assert users.authenticate("forgetful", "a third long word") is None


def test_a_password_link_leads_to_the_address_of_the_house_and_stands_in_no_log(app, boss, monkeypatch, caplog):
    users.create("newcomer", roles=("rep",))
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://crm.example")
    caplog.set_level("INFO", "banyan.request")

    made = boss.post(f"/builder/people/{users.get('newcomer').id}/link", data={"csrf_token": boss.csrf},
                     headers={"Origin": "https://crm.example"})
    place = re.search(r"https://crm.example(/password/[^<]+)<", made.text).group(1)
    app.test_client().get(place)

    lines = [record.getMessage() for record in caplog.records if record.name == "banyan.request"]
    assert lines and place not in "".join(lines) and "/password/<link>" in lines[-1]


def test_a_password_link_of_a_disabled_or_forged_account_opens_nothing(app, boss):
    users.create("gone", roles=("rep",))
    person = users.get("gone").id
    made = boss.post(f"/builder/people/{person}/link", data={"csrf_token": boss.csrf})
    place = re.search(r"http://localhost(/password/[^<]+)<", made.text).group(1)
    users.disable(person)

    assert app.test_client().get(place).status_code == 404
    assert app.test_client().get("/password/WzEsImEiXQ.forged").status_code == 404
    assert boss.post(f"/builder/people/{person}/link", data={"csrf_token": boss.csrf}).status_code == 409
    lan = signed_in(app, "lan")
    assert lan.post(f"/builder/people/{users.get('boss').id}/link", data={"csrf_token": lan.csrf}).status_code == 403


@pytest.mark.parametrize("agent, said", [
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36", "Chrome · Linux"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari · iPhone"),
    ("python-requests/2", "python-requests/2"),
])
def test_a_session_names_its_browser(agent, said):
    assert agents.name(agent) == said
