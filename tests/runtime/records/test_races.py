"""Races: many hands on one thing. Nothing is lost, nothing happens twice, numbers have no gaps (safety D19, D21, T80–T83)."""
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from runtime import worker
from runtime.db.transaction import reading, transaction
from runtime.errors import Conflict, Invalid, NotFound, RuntimeProblem, Stale
from runtime.records import bulk, idempotency, service
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field, a_rep

LAN = a_rep(7)


@pytest.fixture(scope="module", autouse=True)
def crm(database):
    made = builders.publish_all(
        builders.accounts(a_field("code", of="accounts", unique=True), a_field("number", "auto_number", of="accounts")),
        builders.deals(a_field("tally", "integer", of="deals"), a_field("tags", "tags", of="deals", settings={"most": 50})),
        builders.a_role("rep"))
    worker.prepare()
    worker.drain_all()
    return made


def at_once(hands, act):
    """act(number) by so many threads that begin together; their answers or refusals, in order."""
    start = Barrier(hands)

    def one(number):
        start.wait()
        try:
            return act(number)
        except RuntimeProblem as problem:
            return problem

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(one, range(hands)))


def kinds(answers):
    return Counter(type(answer).__name__ for answer in answers)


def test_twenty_people_add_one_each_and_nobody_s_is_lost():
    deal = service.create(LAN, "deals", {"name": "Contested", "tally": 0})

    def add(number):
        tries = 0
        while True:
            tries += 1
            seen = service.read(LAN, "deals", deal.id)
            given = {"tally": seen["tally"] + 1, "tags": [*(seen["tags"] or ()), f"hand {number}"]}
            try:
                return service.update(LAN, "deals", deal.id, given, seen_version=seen.version).version
            except Stale:
                time.sleep(random.uniform(0, 0.02 * tries))

    answers = at_once(20, add)

    end = service.read(LAN, "deals", deal.id)
    assert sorted(answers) == list(range(2, 22)) and (end["tally"], end.version, len(end["tags"])) == (20, 21, 20)
    tallies = [entry.changed["tally"] for entry in service.history_of(LAN, "deals", deal.id)]
    assert tallies == [(number - 1, number) for number in range(20, 0, -1)] + [(None, 0)]


def test_of_twenty_who_saw_the_same_version_one_wins():
    deal = service.create(LAN, "deals", {"name": "One round"})

    answers = at_once(20, lambda number: service.update(LAN, "deals", deal.id, {"tally": number}, seen_version=1))

    assert kinds(answers) == {"Record": 1, "Stale": 19}
    assert service.read(LAN, "deals", deal.id).version == 2


def test_people_a_batch_and_a_rule_on_one_record_lose_nothing():
    deal = service.create(LAN, "deals", {"name": "Mixed", "tally": 0})
    other = service.create(LAN, "deals", {"name": "Other", "tally": 0})

    def act(number):
        for turn in range(5):
            if number % 3 == 0:
                service.update(LAN, "deals", deal.id, {"tags": [f"{number}-{turn}"]}, seen_version=None)
            elif number % 3 == 1:
                with transaction() as tx:
                    pair = [(deal.id, {"tally": number * 10 + turn}), (other.id, {"tally": number * 10 + turn})]
                    bulk.update_many(tx, LAN, "deals", pair if turn % 2 else pair[::-1])
            else:
                while True:
                    try:
                        seen = service.read(LAN, "deals", deal.id)
                        service.update(LAN, "deals", deal.id, {"name": f"{number}-{turn}"}, seen_version=seen.version)
                        break
                    except Stale:
                        time.sleep(random.uniform(0, 0.01))

    assert kinds(at_once(9, act)) == {"NoneType": 9}
    replayed, held = {}, service.read(LAN, "deals", deal.id)
    entries = service.history_of(LAN, "deals", deal.id, limit=200)
    for entry in reversed(entries):
        for path, (before, after) in entry.changed.items():
            assert replayed.get(path) == before, (entry.version, path)
            replayed[path] = after
    assert [entry.version for entry in entries] == list(range(held.version, 0, -1)) and len(entries) == 46
    assert all(held[path] == value for path, value in replayed.items())


def test_numbers_have_no_gaps_though_some_saves_are_taken_back():
    def make(number):
        for turn in range(12):
            try:
                with transaction():
                    service.create(LAN, "accounts", {"name": f"{number}-{turn}"})
                    if (number + turn) % 3 == 0:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                pass

    at_once(8, make)

    with reading() as connection:
        numbers = list(connection.scalars(sa.text("SELECT number::int FROM records.accounts ORDER BY number::int")))
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) == 64


def test_fifty_creates_with_one_key_make_one_record():
    answers = at_once(50, lambda _: idempotency.once(LAN, "fifty", {"a": 1}, lambda: {
        "id": service.create(LAN, "deals", {"name": "Only one"}).id}))

    assert len({answer["id"] for answer, _again in answers}) == 1 and sum(not again for _, again in answers) == 1
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM records.deals WHERE name = 'Only one'")) == 1


def test_a_key_whose_first_request_was_refused_is_free_for_those_who_waited():
    def do():
        service.create(LAN, "deals", {"name": "Refused", "tally": "no number"})

    answers = at_once(10, lambda _: idempotency.once(LAN, "refused", {}, do))

    assert kinds(answers) == {"Invalid": 10}
    assert idempotency.once(LAN, "refused", {}, lambda: {"id": 1}) == ({"id": 1}, False)


def test_of_many_who_take_a_unique_value_one_gets_it():
    answers = at_once(20, lambda number: service.create(LAN, "accounts", {"name": f"U{number}", "code": "UNIQUE"}))

    assert kinds(answers) == {"Record": 1, "Invalid": 19}
    assert all(answer.errors.keys() == {"code"} for answer in answers if isinstance(answer, Invalid))
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM records.accounts WHERE code = 'UNIQUE'")) == 1


def test_who_changes_what_another_deletes_learns_it_and_nothing_is_half_done():
    for _round in range(10):
        deal = service.create(LAN, "deals", {"name": "Falling"})
        hands = (lambda d=deal: service.delete(LAN, "deals", d.id),
                 lambda d=deal: service.update(LAN, "deals", d.id, {"tally": 1}, seen_version=1),
                 lambda d=deal: service.delete(LAN, "deals", d.id),
                 lambda d=deal: service.update(LAN, "deals", d.id, {"name": "Saved"}, seen_version=None))
        answers = at_once(4, lambda number, hands=hands: hands[number]())

        assert kinds(answers[0::2]) == {"NoneType": 1, "NotFound": 1}
        assert all(isinstance(answer, (NotFound, Stale)) or answer.version > 1 for answer in answers[1::2])
        with reading() as connection:
            row = connection.execute(sa.text("SELECT version, deleted_at IS NOT NULL AS gone FROM records.deals WHERE id = :id"),
                                     {"id": deal.id}).one()
            verbs = list(connection.scalars(sa.text(
                "SELECT verb FROM house.history WHERE record_id = :id AND module_id = 'mod_deals' ORDER BY id"), {"id": deal.id}))
        assert row.gone and verbs[-1] == "delete" and verbs.count("delete") == 1 and row.version == len(verbs)


def test_of_two_that_come_back_with_one_unique_value_one_stays_away():
    made = []
    for number in range(5):
        made.append(service.create(LAN, "accounts", {"name": f"Back {number}", "code": "BACK"}).id)
        service.delete(LAN, "accounts", made[-1])

    answers = at_once(5, lambda number: service.restore(LAN, "accounts", made[number]))

    assert kinds(answers) == {"Record": 1, "Conflict": 4} and any(isinstance(answer, Conflict) for answer in answers)


def test_restoring_twice_at_once_restores_once():
    deal = service.create(LAN, "deals", {"name": "Twice"})
    service.delete(LAN, "deals", deal.id)

    assert kinds(at_once(8, lambda _: service.restore(LAN, "deals", deal.id))) == {"Record": 1, "NotFound": 7}
    assert service.read(LAN, "deals", deal.id).version == 3


def test_a_link_to_what_is_being_deleted_is_never_left_dangling_unknown():
    """Children may be made while their parent is edited or deleted; nobody waits for long and no foreign key breaks."""
    parent = service.create(LAN, "accounts", {"name": "Parent"})

    def act(number):
        if number == 0:
            for turn in range(10):
                service.update(HOUSE, "accounts", parent.id, {"industry": str(turn)}, seen_version=None)
            return service.delete(LAN, "accounts", parent.id)
        return [service.create(LAN, "deals", {"name": f"{number}-{turn}", "account": parent.id}).id for turn in range(5)]

    answers = at_once(8, act)

    assert all(answer is None or isinstance(answer, (list, Invalid)) for answer in answers), answers
