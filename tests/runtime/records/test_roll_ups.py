"""Roll-ups: whatever happens to the children, the parents' numbers are what SQL says, as soon as the workers are idle."""
import random
from dataclasses import replace
from decimal import Decimal
from threading import Thread

import pytest
import sqlalchemy as sa

from metadata.definitions import Definitions
from runtime import publish, worker
from runtime.db.transaction import reading, transaction
from runtime.exchange import service as exchange
from runtime.records import bulk, service
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field

WON = {"field": "stage", "operator": "is", "operand": "Closed Won"}
ROLLS = {
    "deals_count": {"measure": "count"}, "won": {"measure": "sum", "of": "amount", "criteria": WON},
    "largest": {"measure": "max", "of": "amount"}, "smallest": {"measure": "min", "of": "amount"},
    "average": {"measure": "avg", "of": "amount"}, "heavy": {"measure": "sum", "of": "weighted"},
    "last_close": {"measure": "max", "of": "close_date", "result": "date"},
}


def documents():
    rolls = [a_field(name, "rollup", of="accounts", settings={"module": "deals", "field": "account", **settings})
             for name, settings in ROLLS.items()]
    region = a_field("region", "lookup", of="accounts", settings={"module": "regions"})
    of_region = {"module": "accounts", "field": "region"}
    won = a_field("won", "rollup", of="regions", settings={**of_region, "measure": "sum", "of": "won"})
    regions = builders.a_module("regions", won, a_field("accounts_count", "rollup", of="regions",
                                                        settings={**of_region, "measure": "count"}))
    return (regions, builders.a_module("accounts", region, *rolls), builders.deals(), builders.a_role("rep"))


@pytest.fixture(scope="module")
def crm(database):
    made = builders.publish_all(*documents())
    worker.prepare()
    worker.drain_all()
    return made


@pytest.fixture
def three(crm):
    region = service.create(HOUSE, "regions", {"name": "South"}).id
    return region, [service.create(HOUSE, "accounts", {"name": f"Account {n}", "region": region}).id for n in range(3)]


TRUTH = sa.text("""
SELECT a.id, count(d.id), coalesce(sum(d.amount__home) FILTER (WHERE d.stage = 'Closed Won'), 0), max(d.amount__home),
       min(d.amount__home), avg(d.amount__home), coalesce(sum(d.amount / 2), 0), max(d.close_date)
FROM records.accounts a LEFT JOIN records.deals d ON d.account = a.id AND d.deleted_at IS NULL GROUP BY a.id ORDER BY a.id""")
HELD = sa.text(f"SELECT id, {', '.join(ROLLS)} FROM records.accounts ORDER BY id")
REGIONS_TRUTH = sa.text("""SELECT r.id, coalesce(sum(a.won), 0), count(a.id) FROM records.regions r
LEFT JOIN records.accounts a ON a.region = r.id AND a.deleted_at IS NULL GROUP BY r.id ORDER BY r.id""")
REGIONS_HELD = sa.text("SELECT id, won, accounts_count FROM records.regions ORDER BY id")


def all_true():
    worker.drain_all()
    with reading() as connection:
        for held, truth in ((HELD, TRUTH), (REGIONS_HELD, REGIONS_TRUTH)):
            assert list(map(tuple, connection.execute(held))) == list(map(tuple, connection.execute(truth)))
        assert connection.scalar(sa.text("SELECT count(*) FROM house.delivery WHERE state = 'dead'")) == 0


def account(number):
    return service.read(HOUSE, "accounts", number)


def a_deal(of, **values):
    return service.create(HOUSE, "deals", {"name": "Trays", "account": of, "amount": 100, "stage": "Closed Won"} | values)


def test_a_new_parent_counts_and_sums_nothing_at_once(crm):
    made = service.create(HOUSE, "accounts", {"name": "New"})
    assert (made["deals_count"], made["won"], made["largest"]) == (0, 0, None)
    assert account(made.id)["deals_count"] == 0

    with transaction() as tx:
        row, = bulk.create_many(tx, HOUSE, "accounts", [{"name": "By import"}])
    assert account(row)["won"] == 0


def test_children_are_counted_where_they_are_and_as_they_are(three):
    _region, (one, two, _) = three
    deal = a_deal(one)
    all_true()
    assert (account(one)["deals_count"], account(one)["won"], account(one)["heavy"]) == (1, 100, 50)

    service.update(HOUSE, "deals", deal.id, {"account": two}, seen_version=1)
    all_true()
    assert (account(one)["deals_count"], account(two)["won"]) == (0, 100)

    service.update(HOUSE, "deals", deal.id, {"amount": 250}, seen_version=2)
    all_true()
    service.update(HOUSE, "deals", deal.id, {"stage": "Proposal"}, seen_version=3)
    all_true()
    assert (account(two)["won"], account(two)["largest"]) == (0, 250)

    service.delete(HOUSE, "deals", deal.id)
    all_true()
    assert (account(two)["deals_count"], account(two)["largest"]) == (0, None)

    service.restore(HOUSE, "deals", deal.id)
    all_true()
    service.update(HOUSE, "deals", deal.id, {"account": None}, seen_version=6)
    all_true()
    assert account(two)["deals_count"] == 0


def test_a_roll_up_of_a_roll_up_follows(three):
    region, (one, two, _) = three
    a_deal(one, amount=70)
    a_deal(two, amount=30)
    all_true()
    assert service.read(HOUSE, "regions", region)["won"] == 100

    service.delete(HOUSE, "accounts", two)
    all_true()
    assert service.read(HOUSE, "regions", region)["won"] == 70


def test_a_calculated_number_raises_no_version_and_leaves_no_history(three):
    _region, (one, *_rest) = three
    a_deal(one)
    worker.drain_all()

    assert account(one).version == 1 and len(service.history_of(HOUSE, "accounts", one)) == 1
    service.update(HOUSE, "accounts", one, {"name": "Renamed"}, seen_version=1)     # nobody is told that somebody came first


def test_batches_move_numbers_too(three):
    _region, (one, two, _) = three
    with transaction() as tx:
        ids = bulk.create_many(tx, HOUSE, "deals", [{
            "name": f"Row {n}", "account": one, "amount": Decimal(n), "amount.currency": "USD", "stage": "Closed Won"}
            for n in range(50)])
    all_true()
    assert account(one)["won"] == sum(range(50))

    with transaction() as tx:
        bulk.update_many(tx, HOUSE, "deals", [(number, {"account": two}) for number in ids[:25]])
    all_true()
    assert account(two)["deals_count"] == 25


def test_undoing_an_import_takes_its_numbers_back(three, tmp_path):
    _region, (one, *_rest) = three
    a_deal(one, amount=5)
    worker.drain_all()
    service.update(HOUSE, "accounts", one, {"name": "Only one of this name"}, seen_version=1)
    file = tmp_path / "deals.csv"
    file.write_text("Name,Account,Amount,Stage\n" + "Row,Only one of this name,10,Closed Won\n" * 20)
    said = exchange.import_file(HOUSE, file, "deals")
    assert said["created"] == 20, said
    all_true()
    assert account(one)["won"] == 205

    exchange.request_undo(HOUSE, said["import_id"], here=True)
    all_true()
    assert account(one)["won"] == 5


def test_random_changes_by_several_people_and_workers_end_in_the_truth(three):
    """Workers drain while people change; each hand sees another moment, and the last number is still right."""
    _region, accounts = three
    deals = [a_deal(accounts[n % 3], amount=n).id for n in range(12)]
    problems = []

    def work(seed):
        dice = random.Random(seed)
        try:
            for _ in range(25):
                given = {"amount": dice.randrange(1000), "account": dice.choice(accounts),
                         "stage": dice.choice(["Closed Won", "Proposal"])}
                service.update(HOUSE, "deals", dice.choice(deals), given, seen_version=None)
                if dice.random() < 0.3:
                    worker.drain("default")
        except Exception as problem:
            problems.append(problem)

    threads = [Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    all_true()


def test_publishing_a_new_roll_up_fills_it_for_the_records_there_are(three):
    _region, (one, *_rest) = three
    a_deal(one, amount=9)
    more = a_field("open_amount", "rollup", of="accounts", settings={
        "module": "deals", "field": "account", "measure": "sum", "of": "amount"})
    now = published.current().definitions
    module = now.module("accounts")
    publish.publish(HOUSE, Definitions({**now.documents, module.path: replace(module, fields=(*module.fields, more))}))
    published.refresh()

    worker.drain_all()
    assert account(one)["open_amount"] == 9
