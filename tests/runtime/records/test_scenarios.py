"""Scenarios run through the real record pipeline, and leave nothing behind."""
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from metadata.definitions import Definitions
from metadata.model.scenario import Scenario
from metadata.model.validation_rule import ValidationRule
from runtime import publish
from runtime.db.transaction import reading, transaction
from runtime.records import scenarios, service
from runtime.tables import trial
from runtime.values import HOUSE
from tests.builders import a_field, a_module, a_role, accounts, deals, publish_all

OWN = {"read": "own", "create": True, "edit": "own", "delete": "no", "import": False, "export": False, "give": False}
NEGATIVE = ValidationRule(id="rule_negative", name="negative", module="deals", message="Amount is below zero.", field="amount",
                          refuse_if={"field": "amount", "operator": "below", "operand": 0})
ACME = {"name": "acme", "module": "accounts", "values": {"name": "Acme"}}
LINES = a_module("lines", a_field("number", "auto_number", of="lines"))


def a_scenario(name="it_works", given=(ACME,), when=(), then=()):
    return Scenario(id=f"scn_{name}", name=name, label=name.replace("_", " ").capitalize(), given=tuple(given), when=tuple(when),
                    then=tuple(then))


def a_step(step, **settings):
    return {"step": step, "settings": settings}


def expect(expectation, **settings):
    return {"expect": expectation, "settings": settings}


def a_deal(amount, **more):
    values = {"name": "Ship", "account": {"record": "acme"}, "amount": amount, **more.pop("values", {})}
    return a_step("create", module="deals", values=values, name="ship", **more)


def definitions(*more):
    documents = (accounts(), deals(), LINES, NEGATIVE, a_role("rep", deals=OWN), a_role("boss"), *more)
    return Definitions({each.path: each for each in documents})


def outcome(*more):
    [found] = scenarios.run(definitions(*more))
    return found


def everything():
    """How many rows each table of the house and the records holds, and where its counters stand."""
    with reading() as connection:
        tables = connection.execute(sa.text("SELECT schemaname, tablename FROM pg_tables "
                                            "WHERE schemaname IN ('house', 'records') ORDER BY 1, 2")).all()
        rows = {f"{schema}.{name}": connection.scalar(sa.text(f'SELECT count(*) FROM "{schema}"."{name}"'))
                for schema, name in tables}
        counters = connection.execute(sa.text("SELECT schemaname, sequencename, last_value FROM pg_sequences "
                                              "WHERE schemaname IN ('house', 'records') ORDER BY 1, 2")).all()
        return rows, [tuple(row) for row in counters], connection.execute(sa.text("SELECT * FROM house.counter")).all()


@pytest.fixture(autouse=True)
def prepared(database):
    return database


def test_any_step_may_be_refused_where_that_is_expected_and_the_rest_goes_on():
    steps = [a_deal(-1), a_deal(5)]
    both = a_scenario(when=steps, then=[expect("refused", step=1, message="below zero"), expect("exists", module="deals", count=1)])

    assert outcome(both).passed
    assert "should have been refused" in outcome(a_scenario(when=steps[1:], then=[expect("refused", step=1)])).sentence
    assert outcome(a_scenario(when=steps, then=[expect("refused")])).step == "when.0", "only the step that is named"
    assert "no step 7" in outcome(a_scenario(when=steps[1:], then=[expect("refused", step=7)])).sentence


def test_a_refusal_that_is_expected_is_green():
    refused = a_scenario(when=[a_deal(-1, **{"as": "role_rep"})],
                         then=[expect("refused", field="amount", message="below zero"), expect("exists", module="deals", count=0)])

    assert outcome(refused).passed


@pytest.mark.parametrize(("when", "then", "step", "sentence"), [
    ([a_deal(1)], [expect("refused")], "then.0", "though it should have been refused"),
    ([a_deal(-1)], [expect("exists", module="deals")], "when.0", "It was refused: Amount is below zero."),
    ([a_deal(-1)], [expect("refused", field="name")], "then.0", "not at 'name'"),
    ([a_deal(-1)], [expect("refused", message="Too much")], "then.0", "other words"),
    ([a_deal(5)], [expect("values", module="deals", record="ship", values={"amount": 6})], "then.0", "is 5"),
    ([a_deal(5)], [expect("exists", module="deals", values={"account": {"record": "acme"}}, count=2)], "then.0", "There are 1"),
    ([a_deal(5)], [expect("hidden", module="deals", record="ship", **{"as": "role_boss"})], "then.0", "can be seen"),
    ([a_deal("many")], [expect("exists", module="deals")], "when.0", "It was refused"),
])
def test_what_is_not_so_is_red_and_says_where_and_why(when, then, step, sentence):
    found = outcome(a_scenario(when=when, then=then))

    assert not found.passed
    assert found.step == step
    assert sentence in found.sentence


def test_formulas_roll_ups_and_days_are_what_they_are_in_the_real_tables():
    counted = a_scenario(
        when=[a_deal(1000, values={"stage": "Closed Won", "close_date": "today+7"}),
              a_step("update", module="deals", record="ship", values={"amount": "3000"})],
        then=[expect("values", module="deals", record="ship",
                     values={"weighted": 1500, "close_date": "today+7", "account": {"record": "acme"}, "account.name": "Acme"}),
              expect("values", module="accounts", record="acme", values={"won": 3000})])

    found = outcome(counted)

    assert found.passed, found


def test_roles_see_what_they_may_see_and_no_more():
    mine = a_scenario(
        given=[ACME, {"name": "his", "module": "deals", "as": "role_boss",
                      "values": {"name": "His", "account": {"record": "acme"}}}],
        when=[a_deal(5, **{"as": "role_rep"})],
        then=[expect("hidden", module="deals", record="his", **{"as": "role_rep"}),
              expect("seen", module="deals", record="ship", **{"as": "role_rep"}),
              expect("values", module="deals", record="ship", values={"owner": {"person": "role_rep"}})])

    found = outcome(mine)

    assert found.passed, found


def test_each_scenario_begins_with_nothing():
    made = a_step("create", module="lines", values={"name": "One"}, name="one")
    first = expect("values", module="lines", record="one", values={"number": "0001"})
    both = [a_scenario(name, given=(), when=[made], then=[expect("exists", module="lines", count=1), first])
            for name in ("a", "b")]

    assert [(each.passed, each.sentence) for each in scenarios.run(definitions(*both))] == [(True, ""), (True, "")]


def test_nothing_is_left_behind_and_nobody_hears_of_it():
    publish_all(*definitions().documents.values())
    service.create(HOUSE, "lines", {"name": "Real"})
    before = everything()

    green = a_scenario(when=[a_deal(5), a_step("create", module="lines", values={"name": "Line"}),
                             a_step("delete", module="deals", record="ship"), a_step("restore", module="deals", record="ship")],
                       then=[expect("exists", module="deals", count=1)])
    red = a_scenario("red", then=[expect("exists", module="deals")])
    assert [each.passed for each in scenarios.run(definitions(green, red))] == [True, False]

    assert everything() == before


def test_nobody_waits_for_a_trial():
    publish_all(*definitions().documents.values())
    real = service.create(HOUSE, "accounts", {"name": "Real"})

    def write():
        service.update(HOUSE, "accounts", real.id, {"name": "Changed"}, seen_version=None)
        return service.create(HOUSE, "lines", {"name": "Another"})

    with ThreadPoolExecutor(1) as others, trial.trial(definitions(), ["accounts", "lines"]) as tx:
        service.create(HOUSE, "lines", {"name": "Tried"})
        assert tx.scalar(sa.text("SELECT count(*) FROM records.accounts")) == 0
        assert others.submit(write).result(60)                      # while the trial goes on
        assert others.submit(publish.publish, HOUSE, definitions(a_module("fresh"))).result(60)
        assert tx.scalar(sa.text("SELECT count(*) FROM records.lines")) == 1

    assert service.read(HOUSE, "accounts", real.id)["name"] == "Changed"


def test_killed_in_the_middle_it_leaves_nothing(database, tmp_path):
    publish_all(*definitions().documents.values())
    before = everything()
    program = tmp_path / "dies.py"
    program.write_text(f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).resolve().parents[3])!r})
from tests.runtime.records import test_scenarios as here
from runtime.db import engine
from runtime.records import service
engine.use({database!r})
kept = service.create
def dies(*given):
    made = kept(*given)
    if given[1] == "deals":
        os.kill(os.getpid(), signal.SIGKILL)
    return made
service.create = dies
here.scenarios.run(here.definitions(here.a_scenario(when=[here.a_deal(5)], then=[here.expect("exists", module="deals")])))
""")

    died = subprocess.run([sys.executable, str(program)], env=os.environ, capture_output=True, timeout=60, check=False)

    assert died.returncode == -signal.SIGKILL, died.stderr
    for _wait in range(50):
        with reading() as connection:
            if not connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock"),
                                     {"lock": trial.LOCK & 0xFFFFFFFF}):
                break
        time.sleep(0.1)
    assert everything() == before
    with reading() as connection:
        assert not connection.scalar(sa.text("SELECT count(*) FROM pg_namespace WHERE nspname LIKE '%meanwhile'"))
    with transaction() as tx:
        assert tx.scalar(sa.text("SELECT count(*) FROM records.deals")) == 0


def test_a_small_change_asks_only_for_the_scenarios_it_can_touch():
    about_deals = a_scenario("about_deals", when=[a_deal(5)], then=[expect("exists", module="deals")])
    about_lines = a_scenario("about_lines", given=(), then=[expect("exists", module="lines", count=0)])
    live = definitions(about_deals, about_lines)

    assert scenarios.affected(live, live.without(NEGATIVE.path)) == ["about_deals"]
    assert scenarios.affected(live, live) == []
    homes = a_module("homes", a_field("account", "lookup", of="homes", settings={"module": "accounts"}))
    assert scenarios.affected(live, live.with_document(homes)) == [], "deals lean on accounts, and accounts on no homes"
    assert scenarios.affected(live, live.with_document(accounts(a_field("size", of="accounts")))) == ["about_deals"]
    assert scenarios.affected(live, live.without("roles/boss")) == ["about_deals", "about_lines"]
