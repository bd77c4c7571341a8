"""A change takes hold of a table without holding up those who read it."""
import threading
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from runtime import publish
from runtime.db import engine as engines
from runtime.db.transaction import transaction
from runtime.tables import locks, published
from runtime.values import HOUSE
from tests.builders import a_field, a_module, publish_all

SIZE = a_field("size", of="deals")


@pytest.fixture
def deals(make_database):
    engines.use(make_database())
    publish_all(a_module("deals", SIZE))
    with transaction() as tx:
        tx.execute(sa.text("INSERT INTO records.deals (name, size) SELECT 'n', n FROM generate_series(1, 50) AS n"))
    yield
    engines.use(None)


def test_a_publish_waits_for_a_long_report_and_nobody_waits_behind_it(deals):
    number = published.current().number
    waited, over = [], threading.Event()

    def read():
        while not over.is_set():
            with engines.engine().connect() as connection:
                connection.execute(sa.text("SET LOCAL lock_timeout = '500ms'"))
                try:
                    connection.execute(sa.text("SELECT count(*) FROM records.deals")).all()
                except sa.exc.OperationalError as problem:
                    waited.append(problem)
            time.sleep(0.005)

    with engines.engine().connect() as report:
        report.execute(sa.text("SELECT count(*) FROM records.deals"))          # and its transaction stays open
        turned = threading.Thread(target=lambda: publish_all(a_module("deals", replace(SIZE, type="integer"))))
        reader = threading.Thread(target=read)
        turned.start()
        reader.start()
        time.sleep(1.5)
        assert turned.is_alive() and published.refresh().number == number
    turned.join(20)
    over.set()
    reader.join()

    assert published.refresh().number == number + 1
    assert waited == []                                  # each try of the publish gives up after 50 ms, then they go on


def test_what_is_hurried_ends_with_its_transaction_and_can_be_waited_for(deals):
    def settings(connection):
        return tuple(connection.scalar(sa.text(f"SELECT current_setting('{name}')"))
                     for name in ("lock_timeout", "synchronous_commit"))

    with engines.engine().connect() as connection:
        usual = settings(connection)
        with connection.begin_nested():
            locks.hurry(connection)
            locks.hold_off_vacuum(connection, ["deals", "no such table"])
            assert settings(connection) == ("50ms", "off")
            locks.settled(connection)
            assert settings(connection)[1] == usual[1]
        connection.rollback()
        assert settings(connection) == usual


def test_a_field_comes_back_to_its_type_in_one_switch(deals):
    live = published.current()
    publish_all(a_module("deals", replace(SIZE, type="integer")))
    published.refresh()

    statements = []
    sa.event.listen(engines.engine(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    publish.rollback(HOUSE, live.number)

    switch = next(place for place, each in enumerate(statements) if each.startswith("DROP TRIGGER"))
    assert statements[switch].count("RENAME COLUMN") == 2
    assert not [each for each in statements[:switch] if "RENAME" in each]
    assert "records" not in " ".join(statements[switch + 1:]), "Readers wait from the switch on, so nothing follows it."
