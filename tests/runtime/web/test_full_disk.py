"""A disk without room: nothing is half kept, the answer says what is the matter, and reading goes on."""
import io
import os
import resource

import pytest

from runtime.app import create_app
from runtime.db import embedded
from runtime.db.engine import engine
from runtime.records import query
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from runtime.web import errors
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

ROOM = 64 * 1024


@pytest.fixture(scope="module")
def app(database):
    builders.publish_all(builders.a_module("deals", builders.a_field("paper", "file", of="deals")), builders.a_role("rep"))
    published.refresh()
    users.sync_roles()
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    return create_app({"SECRET_KEY": KEY})


@pytest.fixture
def full():
    """No file of this process grows beyond ROOM, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files():
    return {place for folder in ("files", "imports") for place in (embedded.home() / folder).rglob("*") if place.is_file()}


def test_an_upload_leaves_no_half_of_it_and_says_why(app, full):
    lan, before = signed_in(app, "lan"), files()

    paper = (io.BytesIO(os.urandom(2 * ROOM).hex().encode()), "paper.txt")
    sent = lan.post("/m/deals", data={"name": "Trays", "paper": paper, "csrf_token": lan.csrf})
    rows = io.BytesIO(b"Name\n" + b"Somebody\n" * 20_000)
    imported = lan.post("/import", data={"module": "deals", "file": (rows, "deals.csv"), "csrf_token": lan.csrf})

    for answer in (sent, imported):
        assert answer.status_code == 503 and "no room left" in answer.text and "Retry-After" in answer.headers
    assert files() == before and query.count(HOUSE, query.Query("deals"))[0] == 0
    assert lan.get("/m/deals").status_code == 200


def test_a_database_without_room_says_the_same(app):
    with app.test_request_context("/login"):
        app.preprocess_request()
        with pytest.raises(Exception) as caught, engine().connect() as connection:
            connection.exec_driver_sql("DO $$ BEGIN RAISE disk_full; END $$")
        answer = errors._from_database(caught.value)
    assert answer.status_code == 503 and "no room left" in answer.get_data(as_text=True)
