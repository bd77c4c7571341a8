"""The doors: signing in and out, sessions, CSRF, rate limits, redirects, and what every answer says to the browser."""
import re

import flask
import pytest
import sqlalchemy as sa

from runtime.db import relay
from runtime.db.transaction import reading
from runtime.locale import reader, text
from runtime.security import store, users
from runtime.web import policies
from runtime.web.actor import local_path
from tests.counting import counted
from tests.runtime.web.conftest import csrf_of, signed_in

HEADERS = ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy", "X-Request-ID",
           "Cross-Origin-Opener-Policy", "Permissions-Policy")


def log_in(client, name="lan", password="lan password", **fields):
    token = csrf_of(client.get("/login"))
    return client.post("/login", data={"username": name, "password": password, "csrf_token": token, **fields})


# In and out

def test_a_page_sends_a_visitor_to_the_login_page_and_back(visitor):
    sent = visitor.get("/m/deals?view=all")
    assert (sent.status_code, sent.headers["Location"]) == (303, "/login?next=/m/deals%3Fview%3Dall")

    arrived = log_in(visitor, next="/m/deals?view=all")
    assert (arrived.status_code, arrived.headers["Location"]) == (303, "/m/deals?view=all")
    assert visitor.get("/me").status_code == 200


def test_an_open_page_whose_session_ended_is_sent_to_the_login_page_by_htmx(visitor):
    answer = visitor.get("/m/deals/count", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/m/deals?view=all"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login?next=/m/deals%3Fview%3Dall")


def test_the_login_page_says_that_a_session_has_ended(visitor):
    log_in(visitor)
    store.end_session(visitor.get_cookie("banyan").value)

    sent = visitor.get("/m/deals")
    assert sent.headers["Location"] == "/login?next=/m/deals&ended=1"

    said = visitor.get(sent.headers["Location"], headers={"Accept-Language": "en"}).text
    assert "The session has ended. Sign in to go on" in said


def test_logging_in_gives_a_new_session_and_ends_the_one_before(app, visitor):
    log_in(visitor)
    first = visitor.get_cookie("banyan").value
    log_in_again = visitor.get("/login")
    assert log_in_again.status_code == 303          # already in

    token = csrf_of(visitor.get("/me"))
    visitor.post("/login", data={"username": "boss", "password": "boss password", "csrf_token": token})

    assert visitor.get_cookie("banyan").value != first
    assert store.by_session(first) is None


def test_a_session_fixed_by_somebody_else_is_not_taken_over(visitor):
    visitor.set_cookie("banyan", "chosen-by-an-attacker")
    log_in(visitor)
    assert visitor.get_cookie("banyan").value != "chosen-by-an-attacker"


def test_a_cookie_from_before_logout_opens_nothing_afterwards(app, lan):
    assert lan.get("/me").status_code == 200
    out = lan.post("/logout", data={"csrf_token": lan.csrf})
    assert out.headers["Location"] == "/login"

    replay = app.test_client()
    replay.set_cookie("banyan", lan.token)
    assert replay.get("/me").status_code == 303


def test_disabling_somebody_ends_what_they_are_doing(app):
    users.create("leaver", roles=("rep",), password="soon to leave")
    leaver = signed_in(app, "leaver")
    users.disable(users.get("leaver").id)
    assert leaver.get("/me").status_code == 303


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_from_other_sites(visitor):
    sent = log_in(visitor).headers["Set-Cookie"]
    assert "HttpOnly" in sent and "SameSite=Lax" in sent and "Path=/" in sent


def test_unknown_accounts_and_wrong_passwords_answer_alike(app):
    def answer(name):
        page = log_in(app.test_client(), name, "not the password")
        return page.status_code, re.sub(r'"X-CSRFToken": "[^"]+"|value="[^"]*"|nonce="[^"]+"', "", page.text)

    assert answer("lan") == answer("nobody.at.all")
    assert answer("lan")[0] == 422


@pytest.mark.parametrize("next_page", [
    "//evil.example", "/\\evil.example", "\\evil", "https://evil.example", "https:evil.example", "javascript:alert(1)",
    "/\t/evil.example", "%09//evil.example", " //evil.example", "/%0d%0aSet-Cookie:x", "", None, "/login?next=/login", "/logout",
    "///evil.example", "/\x00", "evil.example"])
def test_next_leads_nowhere_but_to_a_path_of_ours(visitor, next_page):
    where = log_in(visitor, **({"next": next_page} if next_page is not None else {})).headers["Location"]
    assert where.startswith("/") and not where.startswith(("//", "/\\"))
    assert where == local_path(next_page)


# Guessing

def test_the_eleventh_wrong_password_in_a_minute_is_not_looked_at(visitor):
    answers = [log_in(visitor, "lan", "wrong").status_code for _ in range(10)]
    assert answers == [422] * 10

    late = log_in(visitor, "lan", "lan password")
    assert late.status_code == 429
    assert 1 <= int(late.headers["Retry-After"]) <= 60
    assert log_in(visitor, "boss", "boss password").status_code == 303      # nobody else is locked out


def test_right_passwords_do_not_count(app):
    for _ in range(12):
        assert log_in(app.test_client()).status_code == 303


def test_without_redis_tries_are_counted_all_the_same(app, monkeypatch):
    def away():
        raise ConnectionError("Redis is away")
    monkeypatch.setattr(relay, "client", away)
    answers = [log_in(app.test_client(), "lan", "wrong").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


# CSRF

@pytest.mark.parametrize("given", [{}, {"csrf_token": "made up"}, {"csrf_token": ""}])
def test_a_post_without_our_token_is_refused(lan, given):
    answer = lan.post("/me/settings", data={"theme": "dark", **given})
    assert answer.status_code == 400
    assert users.actor_for("lan", "page").theme == "auto"


def test_anothers_token_is_no_good(app, lan):
    other = signed_in(app, "boss")
    with reading() as connection:
        connection.execute(sa.text("UPDATE house.session SET data = '{\"csrf_token\": \"another\"}' WHERE token = :hash"),
                           {"hash": store.hashed(other.token)})
    assert other.post("/me/settings", data={"theme": "dark", "csrf_token": lan.csrf}).status_code == 400


@pytest.mark.parametrize("sent", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"},
                                  {"Sec-Fetch-Site": "same-site"}])
def test_a_post_from_another_site_is_refused_even_with_the_token(lan, sent):
    answer = lan.post("/me/settings", data={"theme": "dark", "csrf_token": lan.csrf}, headers=sent)
    assert answer.status_code == 403


def test_the_token_may_come_in_the_header(lan):
    answer = lan.post("/me/settings", data={"density": "compact"},
                      headers={"X-CSRFToken": lan.csrf, "HX-Request": "true", "Origin": "http://localhost"})
    assert answer.status_code == 204
    assert users.actor_for("lan", "page").density == "compact"


def test_hx_request_is_no_proof(lan):
    assert lan.post("/me/settings", data={"theme": "dark"}, headers={"HX-Request": "true"}).status_code == 400


# The API

def test_the_api_takes_keys_and_no_cookies(lan, bearer, visitor):
    assert visitor.get("/api/v1/metadata", headers=bearer("lan")).status_code == 200
    for client, said in [(lan, ""), (visitor, ""), (visitor, "Bearer "), (visitor, "Bearer x"), (visitor, "Basic bGFuOng=")]:
        sent = {"Authorization": said} if said else {}
        answer = client.get("/api/v1/metadata", headers=sent)
        assert answer.status_code == 401
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json["code"] == "not_signed_in" and answer.json["request_id"]


def test_an_unknown_address_of_the_api_answers_with_a_problem_document(visitor, bearer):
    answer = visitor.get("/api/v1/nothing", headers=bearer("lan"))
    assert (answer.status_code, answer.json["status"], answer.json["type"]) == (404, 404, "about:blank")


def test_a_module_without_access_and_one_that_does_not_exist_answer_alike(app, visitor, bearer):
    users.create("outsider", roles=("nobody",))
    given = bearer("outsider")
    hidden, unknown = (visitor.get(f"/api/v1/records/{name}", headers=given) for name in ("accounts", "acoounts"))
    assert hidden.status_code == unknown.status_code == 404
    drop = re.compile(r'"request_id":"[^"]+"')
    assert drop.sub("", hidden.text).replace("accounts", "X") == drop.sub("", unknown.text).replace("acoounts", "X")


# What every answer says

def test_a_route_that_does_not_say_who_may_call_it_stops_the_start_up(app):
    policies.check(app)
    bare = flask.Flask("bare")
    bare.add_url_rule("/silent", "silent", lambda: "", methods=["GET"])

    with pytest.raises(RuntimeError, match=r"silent \(/silent\)"):
        policies.check(bare)


def test_every_get_carries_the_headers_and_no_page_is_kept(app, boss):
    seen = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods:
            continue
        address = rule.rule
        for name, value in [("<module>", "deals"), ("<int:record_id>", "1"), ("<path:name>", "app.css"), ("<name>", "default")]:
            address = address.replace(name, value)
        answer = boss.get(address)
        for name in HEADERS:
            assert answer.headers.get(name), (address, name)
        if policies.of(app.view_functions[rule.endpoint]) != policies.ASSET:
            assert answer.headers["Cache-Control"] == "no-store", address
        assert answer.status_code < 500, (address, answer.text[:500])
        seen.add(address)
    assert {"/m/deals", "/static/app.css", "/theme/default.css", "/login", "/healthz"} <= seen


def test_only_scripts_with_this_answers_nonce_may_run(boss):
    answer = boss.get("/me")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy).group(1)
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert scripts and all(f'nonce="{nonce}"' in script for script in scripts)
    assert not re.search(r"\son[a-z]+=|style=|javascript:", answer.text)
    assert nonce not in boss.get("/me").text


def test_no_get_changes_anything(app, boss):
    def state():
        with reading() as connection:
            tables = connection.scalars(sa.text(
                "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('house', 'records', 'public')")).all()
            digest = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM"
            return {table: connection.scalar(sa.text(f"{digest} {table} AS t")) for table in tables}

    boss.get("/me")
    before = state()
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.rule != "/login":
            address = rule.rule.replace("<module>", "deals").replace("<int:record_id>", "1")
            address = address.replace("<path:name>", "x").replace("<name>", "x")
            boss.get(address)
            boss.head(address)
    assert state() == before


def test_a_host_we_do_not_know_is_not_answered(visitor):
    assert visitor.get("/login", base_url="http://evil.example").status_code == 400
    assert visitor.get("/login", headers={"X-Forwarded-Host": "evil.example"}).status_code == 200
    assert "evil.example" not in visitor.get("/login", headers={"X-Forwarded-Host": "evil.example"}).text


def test_a_body_that_is_too_large_is_refused(lan, visitor, bearer):
    assert lan.post("/me/settings", data={"theme": "x" * 3_000_000}).status_code == 413
    answer = visitor.post("/api/v1/records/deals", headers=bearer("lan"), data=b'"' + b"x" * 3_000_000 + b'"',
                          content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_an_error_carries_its_id_and_nothing_from_inside(app, boss, monkeypatch):
    def broken(*_):
        raise ValueError("the secret is 4711")
    monkeypatch.setitem(app.view_functions, "account.show_me", policies.signed_in(broken))
    answer = boss.get("/me", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1" and "from-the-proxy-1" in answer.text
    assert "4711" not in answer.text and "ValueError" not in answer.text
    assert boss.get("/me", headers={"X-Request-ID": "bad\tid"}).headers["X-Request-ID"] != "bad\tid"


def test_static_files_are_kept_for_good_under_the_hash_of_their_content(app, visitor):
    with app.test_request_context():
        address = app.jinja_env.globals["static"]("app.css")
    answer = visitor.get(address, headers={"Accept-Encoding": "br"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" not in visitor.get("/static/app.css").headers["Cache-Control"]
    assert visitor.get("/static/../settings.py").status_code == 404
    assert visitor.get("/static/%2e%2e/settings.py").status_code == 404
    assert visitor.get("/static/nothing.css").status_code == 404
    assert not visitor.get("/static/app.css").headers.get("Set-Cookie")


def test_one_statement_tells_who_is_asking(app, boss):
    with counted() as said:
        boss.get("/healthz")
        boss.get("/static/app.css")
    assert said == []

    with counted() as said:
        boss.get("/nowhere")
    (statement, _), = said
    assert "house.session" in statement and "metadata_published" in statement


def test_a_plain_form_may_mean_put_or_delete(app, boss):
    answer = boss.post("/m/deals/999999", data={"_method": "DELETE", "csrf_token": boss.csrf})
    assert answer.status_code == 404
    assert boss.post("/m/deals/999999", data={"_method": "DELETE"}).status_code == 400
    assert boss.post("/m/deals/999999", data={"_method": "PATCH", "csrf_token": boss.csrf}).status_code == 405


def test_the_page_of_an_account_shows_keys_once_and_ends_sessions(app, lan):
    other = signed_in(app, "lan")
    made = lan.post("/me/keys", data={"name": "Sync", "csrf_token": lan.csrf})
    key = re.search(r"byn_[A-Za-z0-9_-]{43}", made.text).group(0)
    assert key not in lan.get("/me").text and store.by_key(key)

    other_id = store.by_session(other.token).id
    assert lan.post(f"/me/sessions/{other_id}/end", data={"csrf_token": lan.csrf}).status_code == 200
    assert other.get("/me").status_code == 303
    boss_session = store.start_session(users.get("boss").id, {})
    theirs = store.by_session(boss_session).id
    assert lan.post(f"/me/sessions/{theirs}/end", data={"csrf_token": lan.csrf}).status_code == 404


def test_a_password_is_changed_only_by_who_knows_the_old_one(app):
    users.create("changer", roles=("rep",), password="the old password")
    changer = signed_in(app, "changer")

    def change(current, password):
        return changer.post("/me/password", data={"current": current, "password": password, "csrf_token": changer.csrf}).status_code

    assert change("guess", "the new password") == 422 and users.authenticate("changer", "the old password")
    assert change("the old password", "short") == 422
    assert change("the old password", "the new password") == 200 and users.authenticate("changer", "the new password")
    assert changer.get("/me").status_code == 200


def test_a_new_password_may_take_the_api_keys_with_it(app):
    someone = users.create("keeper", roles=("rep",), password="the old password")
    keeper, key = signed_in(app, "keeper"), users.token(someone)
    assert "Revoke my API key, too" in keeper.get("/me").text

    def change(current, password, **more):
        return keeper.post("/me/password", data={"current": current, "password": password, "csrf_token": keeper.csrf} | more)

    assert change("guess", "the new password", revoke_keys="1").status_code == 422 and store.by_key(key)
    assert change("the old password", "the new password").status_code == 200 and store.by_key(key)
    done = change("the new password", "the newest password", revoke_keys="1")
    assert done.status_code == 200 and "API keys are revoked" in done.headers["HX-Trigger"] + done.text
    assert store.by_key(key) is None and "Revoke my API key" not in keeper.get("/me").text


@pytest.mark.parametrize("field, value", [("theme", "url(//e)"), ("language", "xx"), ("density", ""),
                                          ("time_zone", "Mars/Base'; DROP TABLE x")])
def test_only_known_settings_are_kept(lan, field, value):
    assert lan.post("/me/settings", data={field: value, "csrf_token": lan.csrf}).status_code == 422


def test_a_page_speaks_the_language_of_its_reader(app, lan):
    lan.post("/me/settings", data={"language": "vi", "csrf_token": lan.csrf})
    assert '<html lang="vi"' in lan.get("/me").text
    lan.post("/me/settings", data={"language": "en", "csrf_token": lan.csrf})
    assert '<html lang="en"' in lan.get("/me").text
    assert '<html lang="vi"' in app.test_client().get("/login", headers={"Accept-Language": "vi-VN,vi;q=0.9"}).text


def test_nothing_of_one_reader_stays_for_the_next_request_of_the_thread(app, lan, visitor, bearer):
    seen = []
    app.after_request_funcs[None].append(lambda answer: seen.append((text.language(), reader.current())) or answer)
    lan.post("/me/settings", data={"language": "vi", "time_zone": "Asia/Ho_Chi_Minh", "csrf_token": lan.csrf})
    lan.get("/me")
    assert seen[-1][0] == "vi" and seen[-1][1].zone == "Asia/Ho_Chi_Minh"
    visitor.get("/api/v1/metadata", headers=bearer("boss"))
    assert seen[-1] == ("en", reader.NEUTRAL)
    visitor.get("/login")
    assert seen[-1] == ("en", reader.NEUTRAL)
    lan.post("/me/settings", data={"language": "en", "time_zone": "UTC", "csrf_token": lan.csrf})


def test_html_says_vary_by_hx_request(boss):
    assert "HX-Request" in boss.get("/me").headers["Vary"]


def test_the_log_keeps_one_line_per_request(app, visitor, caplog):
    caplog.set_level("INFO", "banyan.request")
    visitor.get("/m/%0d%0aINJECTED line")
    lines = [record.getMessage() for record in caplog.records if record.name == "banyan.request"]
    assert len(lines) == 1 and "\n" not in lines[0] and "\r" not in lines[0]
