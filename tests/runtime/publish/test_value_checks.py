"""Checks of values by a worker: exact, kept, gone on with where they stopped, begun anew when records have changed."""
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from metadata.definitions import Definitions
from runtime import publish, worker
from runtime.db import clock
from runtime.db import engine as engines
from runtime.db.transaction import reading, transaction
from runtime.publish import value_checks
from runtime.publish.service import look
from runtime.tables import forecast
from runtime.values import HOUSE
from tests.builders import a_field, a_module, publish_all

SIZE = a_field("size", of="deals")
WANTED = Definitions.of_documents([a_module("deals", replace(SIZE, type="integer"))])
WRONG = list(range(7, 101, 7))


@pytest.fixture
def many(make_database, monkeypatch):
    engines.use(make_database())
    monkeypatch.setattr(value_checks, "SOON", 50)
    monkeypatch.setattr(forecast, "BATCH", 30)
    publish_all(a_module("deals", SIZE))
    with transaction() as tx:
        tx.execute(sa.text("INSERT INTO records.deals (name, size) SELECT 'n', CASE WHEN n % 7 = 0 THEN 'about ' || n "
                           "WHEN n % 5 = 0 THEN NULL ELSE ' ' || n END FROM generate_series(1, 100) AS n"))
    worker.prepare()
    yield
    engines.use(None)


def key():
    with reading() as connection:
        return connection.scalar(sa.text("SELECT key FROM house.metadata_check"))


def test_few_values_are_looked_at_here_and_now(many, monkeypatch):
    monkeypatch.setattr(value_checks, "SOON", 100)

    made = look(HOUSE, WANTED)

    assert made.checking == () and made.forecasts["fld_deals_size"] == publish.plan(WANTED).forecasts["fld_deals_size"]
    assert key() is None


def test_many_are_a_workers_who_names_the_very_records(many):
    begun = look(HOUSE, WANTED)
    assert [each.label for each in begun.checking] == ["Size"] and begun.forecasts == {}
    assert look(HOUSE, WANTED).checking[0].last == 100

    worker.drain_all()

    made = look(HOUSE, WANTED)
    found = made.forecasts["fld_deals_size"]
    assert made.checking == () and found.fails == len(WRONG) and [id for id, _value in found.samples] == WRONG
    assert replace(found, at=None) == publish.plan(WANTED).forecasts["fld_deals_size"]


def test_it_goes_on_where_its_worker_was_lost(many, monkeypatch):
    look(HOUSE, WANTED)
    step, calls = value_checks._step, []

    def killed(*given):
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return step(*given)

    monkeypatch.setattr(value_checks, "_step", killed)
    with pytest.raises(KeyboardInterrupt):
        value_checks.run(key())
    halfway = look(HOUSE, WANTED).checking[0]
    assert halfway.done == 36 and halfway.fails == 5 and halfway.share == 36

    monkeypatch.setattr(value_checks, "_step", step)
    value_checks.run(key())
    value_checks.run(key())                                   # delivered twice

    assert [id for id, _value in look(HOUSE, WANTED).forecasts["fld_deals_size"].samples] == WRONG


def test_what_is_kept_counts_until_records_change(many, monkeypatch):
    look(HOUSE, WANTED)
    worker.drain_all()
    later = clock.now() + timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert look(HOUSE, WANTED).checking == ()

    monkeypatch.setattr(value_checks, "tally", lambda *_given: 10**6)      # the database tells of writes some seconds later

    assert look(HOUSE, WANTED, fresh=timedelta(minutes=10)).checking == ()
    assert look(HOUSE, WANTED).checking[0].done == 0


def test_a_table_called_otherwise_by_now_stops_it(many):
    look(HOUSE, WANTED)
    with transaction() as tx:
        tx.execute(sa.text("ALTER TABLE records.deals RENAME TO others"))

    worker.drain_all()

    assert key() is None
