"""Settings: start-up stops where it is not safe, and HTTPS turns the strict cookie and HSTS on."""
import stat

import flask
import pytest
import sqlalchemy as sa

from runtime.app import create_app
from runtime.db import engine as engines
from runtime.web import policies, settings
from tests.runtime.web.conftest import KEY

SERVED = {"DATABASE_URL": "postgresql://db.example/crm", "SECRET_KEY": KEY}


def test_the_eleven_settings_are_set(servers):
    settings.check(settings.read({"SECRET_KEY": KEY}))
    assert len(settings.MUST_BE_SET) == 11


@pytest.mark.parametrize("name", settings.MUST_BE_SET)
def test_a_missing_setting_stops_the_start_up(servers, name):
    with pytest.raises(settings.NotSafe, match=name):
        settings.check({key: value for key, value in settings.read(SERVED).items() if key != name})


@pytest.mark.parametrize("name, value", [("RATELIMIT_ENABLED", False), ("WTF_CSRF_ENABLED", False), ("MAX_CONTENT_LENGTH", 0),
                                         ("FILE_ALLOWED_EXTENSIONS", ()), ("SESSION_COOKIE_SAMESITE", "")])
def test_a_setting_that_is_turned_off_stops_the_start_up(servers, name, value):
    with pytest.raises(settings.NotSafe, match=name):
        settings.check(settings.read(SERVED) | {name: value})


def test_an_insecure_cookie_under_https_stops_the_start_up(servers):
    safe = settings.read({"PUBLIC_URL": "https://crm.example", **SERVED})
    settings.check(safe)
    with pytest.raises(settings.NotSafe, match="SESSION_COOKIE_SECURE"):
        settings.check(safe | {"SESSION_COOKIE_SECURE": False})


@pytest.mark.parametrize("key", ["", "short", "x" * 31])
def test_a_short_key_stops_the_start_up(servers, key):
    with pytest.raises(settings.NotSafe, match="SECRET_KEY"):
        settings.check(settings.read({**SERVED, "SECRET_KEY": key or ""} if key else {"DATABASE_URL": "x"}))


def test_an_embedded_installation_makes_its_own_key_once_for_its_owner_alone(tmp_path):
    file = tmp_path / "new" / "secret_key"
    first = settings._kept(file)
    assert len(first) == 64 and settings._kept(file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["secret_key"]


def test_a_served_installation_answers_only_to_its_own_names(servers):
    given = settings.read({"PUBLIC_URL": "https://crm.example", "TRUSTED_HOSTS": "crm.internal", **SERVED})
    assert given["TRUSTED_HOSTS"] == ["crm.internal", "crm.example"]
    assert settings.read({"TRUSTED_HOSTS": "*", **SERVED})["TRUSTED_HOSTS"] == []
    assert "localhost" in settings.read(SERVED)["TRUSTED_HOSTS"]


def test_behind_https_the_cookie_is_bound_to_the_host_and_the_browser_stays_on_https(database):
    app = create_app(settings.read({"PUBLIC_URL": "https://crm.example", **SERVED}))
    answer = app.test_client().get("/login", base_url="https://crm.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-banyan=") and "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert app.test_client().get("/login", base_url="https://other.example").status_code == 400


def test_a_star_lets_every_host_name_in(database):
    app = create_app(settings.read({"TRUSTED_HOSTS": "*", **SERVED}))
    assert app.test_client().get("/login", base_url="http://anything.example").status_code == 200


def test_forwarded_addresses_count_only_behind_a_proxy_that_is_configured(database):
    def address(proxies):
        app = create_app({"SECRET_KEY": KEY, "TRUSTED_PROXIES": proxies})
        seen = []
        app.before_request_funcs[None].insert(0, lambda: seen.append(flask.request.remote_addr))
        app.test_client().get("/login", headers={"X-Forwarded-For": "203.0.113.9"})
        return seen[0]

    assert address(0) == "127.0.0.1"
    assert address(1) == "203.0.113.9"


def test_without_the_database_pages_say_so_and_the_process_stays_alive(database):
    app = create_app({"SECRET_KEY": KEY})
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    client.set_cookie("banyan", "somebody's-session")
    here = str(engines.engine().url.render_as_string(hide_password=False))
    engines.use("postgresql+psycopg://nobody@127.0.0.1:9/nowhere")
    try:
        page = client.get("/m/deals")
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        assert "Back in a moment" in page.text and "psycopg" not in page.text and "127.0.0.1" not in page.text
        answer = client.get("/api/v1/metadata", headers={"Authorization": "Bearer byn_x"})
        assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
    finally:
        engines.use(here)


def test_what_the_database_says_never_reaches_anybody(database, monkeypatch):
    app = create_app({"SECRET_KEY": KEY})

    def fail():
        with engines.engine().connect() as connection:
            connection.execute(sa.text("SELECT CAST('the secret value' AS integer)"))
    monkeypatch.setitem(app.view_functions, "account.show_login", policies.public(fail))
    answer = app.test_client().get("/login")
    assert answer.status_code == 422 and "secret" not in answer.text

