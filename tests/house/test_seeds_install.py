"""Every seed installs into an empty house, installs again without a change, and each of its views answers."""
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from metadata import bundle
from runtime import publish, worker
from runtime.db import engine as engines
from runtime.db.transaction import engine
from runtime.publish import packages
from runtime.records import query, service
from runtime.tables import published
from runtime.values import HOUSE, Actor
from tests.counting import counted

ADMIN = Actor(user_id=1, name="Admin", everything=True)
SEEDS = sorted(folder for folder in Path("seeds").iterdir() if (folder / "seed.json").is_file())


@pytest.fixture(scope="module", params=SEEDS, ids=lambda folder: folder.name)
def installed(make_database, request):
    engines.use(make_database())
    worker.prepare()
    for name in bundle.manifest(request.param).needs:
        publish.install_seed(HOUSE, request.param.parent / name)
    publish.install_seed(HOUSE, request.param)
    worker.drain_all()
    published.refresh()
    yield request.param
    engines.use(None)


def _views():
    now = published.current()
    return [(view, query.Query(view.module, view.columns, _held(now, view),
                               tuple((sort["field"], sort.get("descending", False)) for sort in view.sort)))
            for module in now.definitions.modules for view in now.definitions.views_of(module)]


def _held(now, view):
    """The view's condition, and one of the choices its kind reads at a time (a lane of a board)."""
    module = now.definitions.modules[view.module]
    held = [{"field": path, "operator": "is", "operand": module.by_name[path].settings["choices"][0]["value"]}
            for path in now.catalogue.get("view_kinds", view.kind).held(view)]
    return {"all": [*([view.criteria] if view.criteria else []), *held]} if held else view.criteria


def test_installing_again_changes_nothing(installed):
    number = published.current().number

    again = [publish.install_seed(HOUSE, installed.parent / name) for name in bundle.manifest(installed).needs]
    again.append(publish.install_seed(HOUSE, installed))

    assert set(again) == {number}


def test_what_another_package_added_is_not_told_as_changed_here(installed):
    there = dict.fromkeys((*bundle.manifest(installed).needs, installed.name), ())
    assert {each.manifest.name: each.own for each in packages.listed()} == there


def test_every_view_answers_with_its_count_and_sums(installed):
    for view, asked in _views():
        assert query.find(HOUSE, asked).rows == [], view.key
        assert query.count(HOUSE, asked) == (0, False), view.key
        if view.sums:
            query.sums(HOUSE, asked, view.sums)


def test_every_view_is_read_through_an_index(installed):
    plans = {view.key: _plan(asked) for view, asked in _views()}

    assert [key for key, plan in plans.items() if "Index" not in plan] == []
    assert {key: plan for key, plan in plans.items() if _scanned(key, plan)} == {}
    several = {view.key for view, asked in _views() if "one_of" in str(view.criteria)}
    assert {key: plan for key, plan in plans.items() if "Sort" in plan and key not in several} == {}


def _plan(asked):
    """How PostgreSQL reads the list's page where it cannot hide behind the table being small."""
    with counted() as said:
        query.find(ADMIN, asked)
    statement, parameters = max(said, key=lambda each: len(each[0]))
    with engine().connect() as connection:
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        connection.execute(sa.text("SET LOCAL enable_sort = off"))
        connection.execute(sa.text("SET LOCAL enable_bitmapscan = off"))
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())


def _scanned(key, plan):
    return re.search(rf"Seq Scan on {key.partition('.')[0]}\b", plan)


def test_a_deal_is_weighed_and_counted_on_its_account(installed):
    account = service.create(HOUSE, "accounts", {"name": "Bến Nghé Foods"})
    open_deal = service.create(HOUSE, "deals", {"name": "Frame contract", "account": account.id, "amount": "96400",
                                                "stage": "Negotiation/Review"})
    service.create(HOUSE, "deals", {"name": "First lot", "account": account.id, "amount": "1000.50", "stage": "Closed Won",
                                    "close_date": "2026-03-01"})

    worker.drain_all()

    deal = service.read(HOUSE, "deals", open_deal.id)
    counted = service.read(HOUSE, "accounts", account.id)
    assert (deal["weighted_amount"], deal["days_in_stage"]) == (77120, 0)
    assert [str(counted[name]) for name in ("open_deals", "open_amount", "won_deals", "won_amount", "last_won")] == [
        "1", "96400", "1", "1000.5", "2026-03-01"]
