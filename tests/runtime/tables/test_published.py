"""What a process knows: loaded when the number changes, and only then."""
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from runtime.db import engine as engines
from runtime.errors import NotFound
from runtime.kinds.kind import UnknownKind
from runtime.tables import published
from tests.builders import a_field, a_module, publish_all

pytestmark = pytest.mark.usefixtures("database")


def test_it_is_the_same_object_until_the_number_changes():
    now = publish_all(a_module("deals"))

    assert published.current() is now
    assert published.refresh() is now
    assert published.see(now.number) is now
    assert publish_all(a_module("deals", a_field("size"))) is not now


def test_another_process_sees_it_by_the_number(database):
    now = publish_all(a_module("deals"))
    script = (f"from runtime.db import engine; engine.use({database!r})\n"
              "from dataclasses import replace\nfrom runtime import publish\nfrom runtime.values import HOUSE\n"
              "from runtime.tables import published\n"
              "live = published.current().definitions\n"
              "module = live.module('deals')\n"
              "print(publish.publish(HOUSE, live.with_document(replace(module, label='Offer'))))")

    number = int(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=".").stdout)

    assert published.current() is now, "nobody asked yet"
    assert published.see(number).module("deals").label == "Offer"


def test_a_request_keeps_the_version_it_began_with_while_others_see_the_next():
    now = publish_all(a_module("deals"))
    others = []

    def publish_and_look():
        others.append(publish_all(a_module("deals", a_field("later"))))

    thread = threading.Thread(target=publish_and_look)
    thread.start(), thread.join()

    assert published.current() is now
    published.release()
    assert published.current() is others[0]


def test_a_statement_prepared_before_works_after(database):
    now = publish_all(a_module("deals"))
    question = sa.text("SELECT * FROM records.deals WHERE id = :id")
    for _ in range(6):
        with engines.engine().connect() as connection:
            connection.execute(question, {"id": 1}).all()

    publish_all(a_module("deals", a_field("fresh")))

    with engines.engine().connect() as connection:
        assert connection.execute(question, {"id": 1}).all() == []
    assert "fresh" not in now.table("deals").c


def test_what_is_made_once_is_made_once_by_many_threads():
    now, made = publish_all(a_module("deals")), []

    threads = [threading.Thread(target=lambda: now.once("slow", lambda: made.append(1))) for _ in range(8)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]

    assert made == [1]


def test_unknown_names_are_refused_by_name():
    now = publish_all(a_module("deals"))

    with pytest.raises(NotFound, match="There is no module 'x'"):
        now.module("x")
    with pytest.raises(NotFound):
        now.table('deals"; DROP TABLE deals;--')
    with pytest.raises(UnknownKind):
        now.type(a_field("x", "textt"))


def test_links_are_known_from_both_ends():
    now = publish_all(a_module("accounts"), a_module("deals", a_field("account", "lookup", settings={"module": "accounts"})))

    assert [(module.name, field.name) for module, field in now.referencing("accounts")] == [("deals", "account")]
    assert ("deals", "owner") in [(module.name, field.name) for module, field in now.referencing("users")]
