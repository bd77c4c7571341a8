"""The transaction: one commit or nothing, joined, with its events in it."""
import pytest
import sqlalchemy as sa

from runtime.db import outbox
from runtime.db.transaction import in_transaction, reading, transaction
from runtime.values import HOUSE
from tests.counting import counted

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _a_table_and_a_listener():
    with transaction() as tx:
        tx.execute(sa.text("CREATE TABLE IF NOT EXISTS public.word (said text PRIMARY KEY, heard int NOT NULL DEFAULT 0)"))
        tx.execute(sa.text("TRUNCATE public.word, house.event, house.delivery"))
    outbox.listen({"word.said": ["ear"], "*": [outbox.Listener("log", queue="slow", always=True)]})
    yield
    outbox.listen({})


def say(tx, word):
    tx.execute(sa.text("INSERT INTO public.word (said) VALUES (:word)"), {"word": word})
    tx.emit("word.said", actor=HOUSE, module="words", record_id=1, payload={"word": word})


def words():
    with reading() as connection:
        return list(connection.scalars(sa.text("SELECT said FROM public.word ORDER BY said")))


def deliveries():
    with reading() as connection:
        return sorted(map(tuple, connection.execute(sa.text("SELECT listener, queue FROM house.delivery"))))


def test_a_write_and_its_event_commit_together():
    with transaction() as tx:
        say(tx, "banyan")

    assert words() == ["banyan"]
    assert deliveries() == [("ear", "default"), ("log", "slow")]


def test_a_failure_leaves_neither_write_nor_event():
    with pytest.raises(ZeroDivisionError), transaction() as tx:
        say(tx, "banyan")
        1 / 0

    assert words() == []
    assert deliveries() == []


def test_an_error_while_the_outbox_is_written_takes_the_write_with_it():
    with pytest.raises(TypeError), transaction() as tx:
        tx.execute(sa.text("INSERT INTO public.word (said) VALUES ('lost')"))
        tx.emit("word.said", actor=HOUSE, payload={"not json": object()})

    assert words() == []


def test_an_inner_transaction_joins_the_outer_one():
    with pytest.raises(ZeroDivisionError), transaction() as outer:
        with transaction() as inner:
            assert inner is outer
            say(inner, "inner")
        with reading() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM public.word")) == 1
        1 / 0

    assert words() == []


def test_swallowing_an_inner_failure_refuses_the_commit():
    with pytest.raises(RuntimeError, match="savepoint"), transaction() as outer:
        say(outer, "outer")
        with pytest.raises(ZeroDivisionError), transaction() as inner:
            say(inner, "inner")
            1 / 0

    assert words() == []


def test_a_savepoint_loses_its_writes_and_events_alone():
    with transaction() as tx:
        say(tx, "kept")
        with pytest.raises(ZeroDivisionError), tx.savepoint(), transaction() as inner:
            say(inner, "lost")
            1 / 0

    assert words() == ["kept"]
    assert len(deliveries()) == 2


def test_events_of_one_transaction_are_written_by_one_statement():
    with counted() as said, transaction() as tx:
        for word in ("a", "b", "c"):
            tx.emit("word.said", actor=HOUSE, payload={"word": word})

    assert len(said) == 1
    assert len(deliveries()) == 6


def test_notes_are_written_with_the_events_and_seen_by_whoever_asks_before():
    ledger = outbox.Ledger("public.word", {"said": "text", "heard": "int"})
    count = sa.text("SELECT count(*) FROM public.word")
    with counted() as said, transaction() as tx:
        tx.note(ledger, {"said": "one", "heard": 1})
        tx.note(ledger, {"said": "two", "heard": 2})
        tx.emit("word.said", actor=HOUSE, payload={})
    assert len(said) == 1 and words() == ["one", "two"] and len(deliveries()) == 2

    with transaction() as tx:
        tx.note(ledger, {"said": "three", "heard": 3})
        assert tx.scalar(count) == 3
        tx.note(ledger, {"said": "four", "heard": 4})
        with reading() as connection:
            assert connection.scalar(count) == 4


def test_a_note_goes_with_the_part_that_failed_and_no_other():
    ledger = outbox.Ledger("public.word", {"said": "text", "heard": "int"})
    with transaction() as tx:
        tx.note(ledger, {"said": "kept", "heard": 0})
        with pytest.raises(ZeroDivisionError), tx.savepoint():
            tx.note(ledger, {"said": "lost", "heard": 0})
            1 / 0
    assert words() == ["kept"]

    with pytest.raises(sa.exc.IntegrityError), transaction() as tx:
        say(tx, "told")
        tx.note(ledger, {"said": "kept", "heard": 0})
    assert words() == ["kept"]


def test_a_deadlock_victim_is_tried_again():
    tried = []

    def work(tx):
        tried.append(1)
        if len(tried) < 3:
            tx.execute(sa.text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$"))
        say(tx, "at last")

    in_transaction(work)

    assert len(tried) == 3
    assert words() == ["at last"]


def test_something_wrong_is_not_tried_again():
    tried = []

    def work(tx):
        tried.append(1)
        tx.execute(sa.text("SELECT 1 / 0"))

    with pytest.raises(sa.exc.DBAPIError):
        in_transaction(work)

    assert len(tried) == 1


def test_reading_costs_no_begin_and_commit():
    with reading() as connection:
        assert connection.connection.dbapi_connection.info.transaction_status.name == "IDLE"
        connection.execute(sa.text("SELECT 1"))
        assert connection.connection.dbapi_connection.info.transaction_status.name == "IDLE"


def test_a_chain_deeper_than_sixteen_reaches_only_those_who_always_hear():
    deep = HOUSE.__class__(None, "rule", everything=True, caused_by=1, depth=17)

    with transaction() as tx:
        tx.emit("word.said", actor=deep)

    assert deliveries() == [("log", "slow")]


def test_act_after_commit_runs_only_when_there_was_one():
    acted = []

    with pytest.raises(ZeroDivisionError), transaction() as tx:
        tx.when_committed(lambda: acted.append("lost"))
        1 / 0
    with transaction() as tx:
        tx.when_committed(lambda: acted.append("kept"))

    assert acted == ["kept"]
