"""Limits while Redis is away: whoever guesses passwords gains nothing by it, and nobody else is kept out."""
import socket
import time

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from runtime.app import create_app
from runtime.db import clock, relay
from runtime.security import users
from runtime.web.counters import Counters
from runtime.web.limits import limiter
from tests.runtime.web.conftest import KEY, csrf_of


@pytest.fixture
def away(app, monkeypatch):
    limiter.reset()
    monkeypatch.setattr(relay, "_client", redis.Redis(port=1, retry=Retry(NoBackoff(), 0)))
    yield
    monkeypatch.undo()
    _storage()._away_until = 0.0
    limiter.reset()


def _storage() -> Counters:
    return limiter._storage


def log_in(client, name, password):
    sent = {"username": name, "password": password, "csrf_token": csrf_of(client.get("/login"))}
    return client.post("/login", data=sent).status_code


def test_tries_are_counted_for_all_processes(away):
    here, there = Counters(), Counters()
    key = "LIMITER/login 10.0.0.9 somebody/10/1/minute"
    counts = [place.incr(key, 60) for place in (here, there, here, there)]

    assert counts == [1, 2, 3, 4] and here.get(key) == there.get(key) == 4
    assert 50 < here.get_expiry(key) - time.time() <= 61
    assert there.get("LIMITER/login 10.0.0.9 somebody else/10/1/minute") == 0


def test_a_window_ends(away, monkeypatch):
    place, key, now = Counters(), "LIMITER/address 10.0.0.9/60/1/minute", clock.now()
    assert [place.incr(key, 60), place.incr(key, 60)] == [1, 2]
    monkeypatch.setattr(clock, "now", lambda: now.replace(year=now.year + 1))
    assert place.get(key) == 0 and place.incr(key, 60) == 1


def test_a_guesser_is_stopped_and_others_come_in(app, away):
    users.create("locked", roles=("rep",), password="locked password")
    users.create("free", roles=("rep",), password="free password")
    one, another = app.test_client(), create_app({"SECRET_KEY": KEY}).test_client()      # the limiter is the process's own

    codes = [log_in(client, "locked", "a guess") for client in (one, another) * 6]
    assert codes[:10] == [422] * 10 and codes[10:] == [429, 429]
    assert log_in(app.test_client(), "locked", "locked password") == 429, "Nor with the right one, for a while."
    assert log_in(app.test_client(), "free", "free password") == 303


def test_a_redis_that_never_answers_is_waited_for_once(app, away, monkeypatch):
    users.create("patient", roles=("rep",), password="patient password")
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen()
        monkeypatch.setattr(relay, "_client", redis.Redis(port=hole.getsockname()[1], socket_timeout=0.5,
                                                          socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 1)))
        client = app.test_client()
        page = csrf_of(client.get("/login"))
        began = time.monotonic()
        sent = client.post("/login", data={"username": "patient", "password": "patient password", "csrf_token": page})
        assert sent.status_code == 303 and time.monotonic() - began < 4


def test_programs_are_counted_too(away):
    place = Counters()
    assert [place.incr("LIMITER/api 5/600/1/minute", 60) for _ in range(3)] == [1, 2, 3]
    assert place._database.get("LIMITER/api 5/600/1/minute") == 0


def test_redis_is_asked_again_when_it_may_be_back(app, away, monkeypatch):
    place, key = Counters(), "LIMITER/login 10.0.0.8 x/10/1/minute"
    place.incr(key, 60)
    monkeypatch.undo()
    assert place.get(key) == 1, "Not at once …"
    place._away_until = 0.0
    assert place.get(key) == 0 and place.incr(key, 60) == 1, "… and then it counts there again."
    place.clear(key)
