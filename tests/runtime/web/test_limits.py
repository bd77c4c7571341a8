"""What one asker may take: statements that are stopped, calls that are counted, and requests that meet a publish under way."""
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from metadata.definitions import Definitions
from runtime import publish
from runtime.app import create_app
from runtime.db import engine as engines
from runtime.db.transaction import reading, transaction, unhurried
from runtime.records import api, service
from runtime.records.pages import listing
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from runtime.web.actor import current_actor
from runtime.web.limits import limiter
from runtime.web.policies import api as for_clients
from runtime.web.policies import signed_in as for_people
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

SHOW = sa.text("SHOW statement_timeout")
MEANWHILE = []
"""What happens in other processes between the beginning of a request and its first question."""


def _let_it_happen():
    while MEANWHILE:
        MEANWHILE.pop()()


@pytest.fixture
def meanwhile(app):
    app.config["API_RATE"] = "off"
    yield MEANWHILE
    app.config["API_RATE"] = "5 per minute"


@pytest.fixture(scope="module")
def hasty(database):
    """An application whose statements may take 0.3 s, and whose keys may ask five times a minute."""
    builders.publish_all(builders.accounts(), builders.deals(), builders.a_role("rep"),
                         builders.a_view("deals", ("name", "close_date")))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password")
    users.create("lan", roles=("rep",), password="lan password")
    made = create_app({"SECRET_KEY": KEY, "STATEMENT_TIMEOUT": 0.3, "API_RATE": "5 per minute"})
    made.testing = False
    engines.renew()

    @made.get("/api/v1/slow")
    @for_clients
    def slow():
        current_actor()
        with reading() as connection:
            connection.execute(sa.text("SELECT pg_sleep(2)"))
        return "never"

    @made.get("/api/v1/meanwhile")
    @for_clients
    def ask_meanwhile():
        _let_it_happen()
        return api.listing("deals")

    @made.post("/api/v1/meanwhile")
    @for_clients
    def write_meanwhile():
        _let_it_happen()
        return api.create("deals")

    @made.get("/meanwhile")
    @for_people
    def look_meanwhile():
        _let_it_happen()
        return listing.listing("deals")

    yield made
    engines.limit_statements(0)
    engines.renew()


@pytest.fixture
def app(hasty):
    return hasty


def test_a_statement_that_takes_too_long_is_stopped_with_a_sentence(app, bearer):
    answer = app.test_client().get("/api/v1/slow", headers=bearer("boss"))

    assert (answer.status_code, answer.json["code"]) == (503, "unavailable") and answer.headers["Retry-After"]
    assert "took too long" in answer.json["detail"]
    assert app.test_client().get("/api/v1/records/deals", headers=bearer("boss")).status_code == 200


def test_waiting_for_somebody_s_lock_ends_too(app, bearer):
    deal = service.create(HOUSE, "deals", {"name": "Locked"})
    headers = bearer("boss")
    with transaction() as tx:
        tx.execute(sa.text("SELECT 1 FROM records.deals WHERE id = :id FOR UPDATE"), {"id": deal.id})
        said = []
        asking = threading.Thread(target=lambda: said.append(app.test_client().patch(
            f"/api/v1/records/deals/{deal.id}", json={"name": "x"}, headers=headers | {"If-Match": '"1"'})))
        asking.start()
        asking.join()
    assert said[0].status_code == 503 and service.read(HOUSE, "deals", deal.id)["name"] == "Locked"


def test_what_is_unhurried_is_not_stopped_and_leaves_no_trace_on_its_connection(app):
    with unhurried():
        for way in (transaction, reading, lambda: reading(snapshot=True)):
            with way() as connection:
                assert connection.scalar(SHOW) == "0"
    for _ in range(3):
        with reading() as connection:
            assert connection.scalar(SHOW) == "300ms"


def test_publishing_from_a_page_may_take_its_time(app):
    now = published.current().definitions
    number = publish.publish(HOUSE, now.with_document(builders.a_view("deals", ("name",), "narrow")))
    assert number == published.refresh().number


def test_the_sixth_call_of_a_minute_has_to_wait_and_only_that_person_s(app, bearer):
    client, boss, lan = app.test_client(), bearer("boss"), bearer("lan")
    other_key = bearer("boss")

    answers = [client.get("/api/v1/records/deals", headers=boss if n % 2 else other_key).status_code for n in range(6)]

    assert answers == [200] * 5 + [429]
    late = client.get("/api/v1/metadata", headers=boss)
    assert late.status_code == 429 and late.mimetype == "application/problem+json" and 1 <= int(late.headers["Retry-After"]) <= 60
    assert client.get("/api/v1/records/deals", headers=lan).status_code == 200
    page = signed_in(app, "boss")
    assert [page.get("/m/deals").status_code for _ in range(8)] == [200] * 8


def test_calls_may_go_uncounted(app, bearer):
    app.config["API_RATE"] = "off"
    try:
        assert {app.test_client().get("/api/v1/records/deals", headers=bearer("boss")).status_code for _ in range(8)} == {200}
    finally:
        app.config["API_RATE"] = "5 per minute"
        limiter.reset()


def rename(old, new):
    """Publish a new name for a field of deals, as another process would."""
    def act():
        now = published.refresh().definitions
        module = now.module("deals")
        fields = tuple(replace(field, name=new) if field.name == old else field for field in module.fields)
        publish.publish(HOUSE, Definitions({**now.documents, module.path: replace(module, fields=fields)}))

    other = threading.Thread(target=act)
    other.start()
    other.join()


@pytest.mark.parametrize("kind", ["api", "page"])
def test_a_question_that_meets_a_publish_is_asked_again_of_the_newest_version(app, bearer, meanwhile, kind):
    service.create(HOUSE, "deals", {"name": "There"})
    client, headers = (app.test_client(), bearer("boss")) if kind == "api" else (signed_in(app, "boss"), {})
    field = next(field.name for field in published.refresh().module("deals").fields if field.type == "date")
    meanwhile.append(lambda: rename(field, f"closing_{kind}"))

    answer = client.get("/api/v1/meanwhile" if kind == "api" else "/meanwhile", headers=headers)

    assert answer.status_code == 200 and f"closing_{kind}" in answer.text and meanwhile == []


def test_a_write_that_meets_a_publish_is_told_to_try_again_and_saves_nothing(app, bearer, meanwhile):
    field = next(field.name for field in published.refresh().module("deals").fields if field.type == "date")
    meanwhile.append(lambda: rename(field, "closes"))
    headers = bearer("boss")

    met = app.test_client().post("/api/v1/meanwhile", json={"name": "Between", field: "2026-01-01"}, headers=headers)
    assert (met.status_code, met.json["code"]) == (503, "unavailable") and met.headers["Retry-After"]

    again = app.test_client().post("/api/v1/meanwhile", json={"name": "Between", "closes": "2026-01-01"}, headers=headers)
    assert again.status_code == 201
    found = app.test_client().get("/api/v1/records/deals?q=between", headers=headers)
    assert len(found.json["records"]) == 1
