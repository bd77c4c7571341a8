"""Seals: nothing escapes the chain, and whoever changes history afterwards, as superuser and with the triggers off, is found."""
import threading
from datetime import timedelta

import hypothesis.strategies as st
import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from psycopg.types.json import Jsonb

from runtime.db import clock
from runtime.db import engine as engines
from runtime.db.transaction import reading, transaction
from runtime.errors import BadQuery
from runtime.kinds.kind import catalogue
from runtime.records import audit, seals, service
from tests.builders import a_rep, a_role, accounts, deals, publish_all

LAN = a_rep(7)


@pytest.fixture
def crm(make_database):
    """Each test has a history of its own: six rows in three seals."""
    engines.use(make_database())
    publish_all(accounts(), deals(), a_role("rep"))
    for _seal in range(3):
        deal = service.create(LAN, "deals", {"name": "Trays", "stage": "Qualification", "amount": "10"})
        service.update(LAN, "deals", deal.id, {"amount": "11"}, seen_version=1)
        assert seals.seal() == 2
    yield
    engines.use(None)


def tamper(*statements):
    """As superuser, past every trigger."""
    with transaction() as tx:
        tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            tx.execute(sa.text(statement))


def found(since=""):
    return [(each.what, each.seal, each.row) for each in audit.verify(since).differences]


def test_an_untouched_history_is_whole(crm):
    report = audit.verify()

    assert report.whole and (report.rows, report.seals, report.waiting, report.purged) == (6, 3, 0, 0)
    with reading() as connection:
        finding = catalogue().get("checks", "audit").look(connection)
    assert finding.ok and finding.figures == {"seals": 3, "head": report.head, "waiting": 0}


@pytest.mark.parametrize("table", ["history", "history_seal"])
@pytest.mark.parametrize("statement", ["UPDATE house.{} SET at = now()", "DELETE FROM house.{}", "TRUNCATE house.{}"])
def test_the_database_refuses_to_change_what_was_written(crm, table, statement):
    with pytest.raises(sa.exc.DBAPIError, match="only added to"), transaction() as tx:
        tx.execute(sa.text(statement.format(table)))


@pytest.mark.parametrize(("statement", "expected"), [
    ("UPDATE house.history SET changed = '{}' WHERE id = 3", [("changed", 2, 3)]),
    ("UPDATE house.history SET actor_id = 8 WHERE id = 6", [("changed", 3, 6)]),
    ("UPDATE house.history SET at = at + interval '1 microsecond' WHERE id = 1", [("changed", 1, 1)]),
    ("DELETE FROM house.history WHERE id = 4", [("missing", 2, 4)]),
    ("DELETE FROM house.history WHERE id = 6", [("missing", 3, 6)])])
def test_a_row_that_was_changed_or_taken_away_is_named(crm, statement, expected):
    tamper(statement)

    assert found() == expected


def test_a_row_in_a_gap_of_the_numbers_is_named(crm):
    with pytest.raises(RuntimeError), transaction() as tx:          # the number 7 is drawn and never used
        service.create(LAN, "deals", {"name": "Lost"})
        tx.settle()
        raise RuntimeError
    service.create(LAN, "deals", {"name": "Kept"})
    seals.seal()

    tamper("INSERT INTO house.history (id, module_id, record_id, version, verb, at, actor_id, channel, changed) "
           "OVERRIDING SYSTEM VALUE VALUES (7, 'mod_deals', 1, 1, 'update', now(), 7, 'page', '{}')")

    assert found() == [("added", 4, 7)]


def test_rows_that_changed_places_are_named(crm):
    tamper("CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM house.history WHERE id IN (1, 5)",
           "DELETE FROM house.history WHERE id IN (1, 5)",
           "INSERT INTO house.history OVERRIDING SYSTEM VALUE SELECT 6 - id, module_id, record_id, version, verb, at, actor_id, "
           "channel, import_id, changed FROM kept")

    assert found() == [("changed", 1, 1), ("changed", 3, 5)]


def test_a_seal_that_was_changed_taken_away_or_cut_off_is_named(crm):
    whole = audit.verify().head
    tamper("UPDATE house.history_seal SET at = at - interval '1 day' WHERE number = 2")
    assert found() == [("seal", 2, None)]
    tamper("UPDATE house.history_seal SET at = at + interval '1 day' WHERE number = 2")
    assert found(whole) == []

    tamper("DELETE FROM house.history_seal WHERE number = 3")
    assert found() == [("no_end", 3, None)]
    assert seals.seal() == 0, "nothing is put over it"
    with reading() as connection:
        assert not catalogue().get("checks", "audit").look(connection).ok

    tamper("DELETE FROM house.history_seal WHERE number = 1")
    assert found()[0] == ("no_seal", 1, None)


def test_a_chain_that_was_written_anew_as_a_whole_does_not_lead_through_a_head_kept_elsewhere(crm):
    kept = audit.verify().head
    service.create(LAN, "deals", {"name": "Later"})
    seals.seal()
    assert audit.verify(kept).whole

    tamper("UPDATE house.history SET changed = '{}' WHERE id = 3", "DELETE FROM house.history_seal",
           "UPDATE house.history_head SET number = 0, hash = sha256('')")
    seals.seal()

    assert audit.verify().whole, "in itself it is sound"
    assert [what for what, *_rest in found(kept)] == ["other_head"]
    with pytest.raises(BadQuery):
        audit.verify("yesterday's")


def test_what_was_purged_with_its_record_is_no_tampering_but_said(crm):
    service.delete(LAN, "deals", 1)
    seals.seal()
    with transaction() as tx:
        tx.execute(sa.text("UPDATE records.deals SET deleted_at = :then WHERE id = 1"), {"then": clock.now() - timedelta(days=61)})
    with transaction() as tx:
        catalogue().get("chores", "empty_recycle_bin").run(tx)

    report = audit.verify()
    assert report.whole and (report.purged, report.waiting) == (3, 1)
    assert seals.seal() == 1 and audit.verify().whole

    tamper("DELETE FROM house.history WHERE verb = 'purge'")
    assert found() == [("missing", 1, 1), ("missing", 1, 2), ("missing", 4, 7), ("missing", 5, 8)]


def test_a_purge_of_a_record_that_is_there_is_no_lawful_one(crm):
    with transaction() as tx:
        tx.execute(sa.text("SELECT house.purge_history('mod_deals', '{2}', now(), NULL, 'cli')"))

    assert found() == [("purged", 2, 3), ("purged", 2, 4)]


def test_of_many_writers_with_long_and_short_transactions_nothing_escapes_the_chain(crm):
    over, failures = threading.Event(), []

    def write(number):
        try:
            for turn in range(15):
                with transaction() as tx:
                    for _each in range(1 + (number + turn) % 3):
                        service.create(LAN, "deals", {"name": f"By {number}"})
                        tx.settle()
                        over.wait(0.002 * ((number * 7 + turn) % 4))
        except Exception as problem:
            failures.append(problem)

    def keep_sealing():
        while not over.is_set():
            seals.seal(patience=0.5)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    sealers = [threading.Thread(target=keep_sealing) for _ in range(2)]
    for thread in [*sealers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in sealers:
        thread.join()
    seals.seal()

    assert not failures
    report = audit.verify()
    with reading() as connection:
        assert report.whole and report.waiting == 0
        assert report.rows == connection.scalar(sa.text("SELECT count(*) FROM house.history")) > 200
    assert report.seals > 4


def test_a_writer_that_has_not_come_to_an_end_is_waited_for(crm):
    with engines.engine().connect() as other, other.begin():
        other.execute(sa.text("INSERT INTO house.history (module_id, record_id, version, verb, at, channel, changed) "
                              "VALUES ('mod_deals', 1, 9, 'update', now(), 'page', '{}')"))
        service.create(LAN, "deals", {"name": "Behind it"})
        assert seals.seal(patience=0.1) == 0

    assert seals.seal() == 2 and audit.verify().whole


PLAIN = st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["", "null", '"', "\\", '","', "],[", "1", "\n"])
NUMBER = st.none() | st.integers(0, 12)
SAID, COUNTED = PLAIN.map(lambda text: text or ""), st.integers(0, 12)
CHANGED = st.dictionaries(st.sampled_from(["a", "b", "a,b", '"']), st.lists(PLAIN | NUMBER, min_size=2, max_size=2), max_size=2)
A_ROW = st.tuples(SAID, COUNTED, COUNTED, SAID, NUMBER, SAID, NUMBER, CHANGED)


@pytest.fixture(scope="module")
def text_of(servers):
    """text_of(row) -> what the database makes of it."""
    with psycopg.connect(servers.database_url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        text = (f"SELECT {seals.CANONICAL} FROM (SELECT 1::bigint AS id, %s::text AS module_id, %s::bigint AS record_id, "
                "%s::int AS version, %s::text AS verb, '2026-01-01Z'::timestamptz AS at, %s::bigint AS actor_id, "
                "%s::text AS channel, %s::bigint AS import_id, %s::jsonb AS changed) AS h")
        yield lambda row: connection.execute(text, [*row[:-1], Jsonb(row[-1])]).fetchone()[0]


@settings(max_examples=150, deadline=None)
@given(one=A_ROW, other=A_ROW, place=st.integers(0, 7))
def test_two_rows_that_differ_never_have_one_text(text_of, one, other, place):
    near = (*one[:place], other[place], *one[place + 1:])

    assert (text_of(one) == text_of(other)) == (one == other)
    assert (text_of(one) == text_of(near)) == (one == near)
