"""What a draft would refuse is what the record pipeline then refuses; nothing is written by asking."""
import random
from dataclasses import replace

import pytest
import sqlalchemy as sa

from metadata.model.validation_rule import ValidationRule
from runtime import publish
from runtime.db.transaction import reading, transaction
from runtime.errors import Invalid
from runtime.kinds.kind import catalogue
from runtime.records import service
from runtime.records.what_if import what_if
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders

STAGES = [stage["value"] for stage in builders.STAGES]
RECORDS = 150
FIELDS = ("amount", "stage", "close_date", "name", "account", "account.industry", "hot", "weighted", "tags", "amount.currency",
          "owner")


@pytest.fixture(scope="module")
def house(database):
    chance = random.Random(7)
    builders.publish_all(builders.accounts(), builders.deals(
        builders.a_field("hot", "checkbox", of="deals"), builders.a_field("tags", "tags", of="deals"),
        builders.a_field("note", of="deals"), builders.a_field("double", "formula", of="deals", settings={
            "expression": "weighted * 4", "result": "number"})), builders.a_role("rep"))
    users.sync_roles()
    people = [users.create(name, roles=("rep",), password=f"{name} password") for name in ("lan", "minh")]
    accounts = [service.create(HOUSE, "accounts", {"name": f"Account {at}", "industry": chance.choice(["IT", "Bank", None])}).id
                for at in range(6)]
    for at in range(RECORDS):
        service.create(HOUSE, "deals", {
            "name": chance.choice(["Elm", "Oak Street", "elm 12", "Đồng"]) + f" {at % 7}", "stage": chance.choice([*STAGES, None]),
            "amount": chance.choice([None, 0, 5, "999.50", 1000, 25000]), "hot": chance.choice([True, False]),
            "close_date": chance.choice([None, "2024-01-31", "2026-11-22", "2027-05-01"]),
            "account": chance.choice([None, *accounts]), "tags": chance.choice([[], ["a"], ["a", "b"]]),
            "owner": chance.choice([None, *people])})
    service.delete(HOUSE, "accounts", accounts[0])


def a_rule(name, refuse_if, **properties):
    return ValidationRule(id=f"rule_{name}", name=name, module="deals", refuse_if=refuse_if, message=f"Refused by {name}.",
                          **properties)


def generated(chance):
    """A random condition over the fields, from the operators and examples the types give themselves."""
    from runtime.records.facts import ValueScope  # here: only the generator asks

    now = published.current()
    scope = ValueScope(now, now.module("deals"))

    def row():
        path = chance.choice(FIELDS)
        field, part = scope.find(tuple(path.split(".")))
        kind = now.type(field)
        operator = chance.choice(kind.asked(field, part))
        known = {"amount": [0, 5, 1000], "weighted": [0, 500], "name": ["elm", "Oak Street 1", "ng"], "stage": STAGES,
                  "close_date": ["2024-01-31", "today", "today-30", "2026-12-01"], "account": [2, 3, 999], "tags": ["a", "b"],
                  "account.industry": ["IT", "bank"], "hot": [True, False], "amount.currency": ["USD", "EUR"], "owner": [1, 9]}
        values = known[path]
        operand = {"none": None, "one": chance.choice(values), "many": chance.sample(values, 2),
                   "range": sorted(values[:2], key=str), "text": str(values[0])[:2], "number": 30}[operator.takes]
        return {"field": path, "operator": operator.name} | ({} if operand is None else {"operand": operand})

    def tree(depth):
        form = chance.choice(["row", "row", "all", "any", "not", "text"]) if depth else "row"
        if form == "text":
            return {"expression": chance.choice(["amount > 10 and not hot", "weighted * 2 >= amount", "account.industry = \"IT\"",
                                                 "ISBLANK(close_date) or close_date < TODAY()", "LEN(name) > 5"])}
        if form == "row":
            return row()
        return {"not": tree(depth - 1)} if form == "not" else {form: [tree(depth - 1) for _ in range(chance.randint(1, 3))]}

    return tree(2)


def refused_by_the_pipeline(actor=HOUSE):
    """Ids of the deals that cannot be saved any more, each tried for real and taken back."""
    with reading() as connection:
        deals = connection.execute(sa.text("SELECT id, version FROM records.deals WHERE deleted_at IS NULL ORDER BY id")).all()
    refused = []
    for id, version in deals:
        try:
            with transaction():
                service.update(actor, "deals", id, {"note": "saved again"}, seen_version=version)
                raise _TakeBack
        except _TakeBack:
            pass
        except Invalid:
            refused.append(id)
    return refused


class _TakeBack(Exception):
    pass


@pytest.mark.parametrize("seed", range(20))
def test_the_count_of_a_generated_rule_is_what_the_pipeline_then_refuses(house, seed):
    live = published.refresh().definitions
    rule = a_rule("tried", generated(random.Random(seed)))
    draft = live.with_document(rule)

    found, = what_if(draft)
    publish.publish(HOUSE, draft)
    published.refresh()
    refused = refused_by_the_pipeline()
    publish.publish(HOUSE, live)
    published.refresh()

    assert found.count == len(refused), rule.refuse_if
    assert [example.id for example in found.examples] == refused[:20]
    assert sum(owner.count for owner in found.owners) == found.count and found.total == RECORDS


def test_a_field_that_becomes_required_counts_the_records_without_it(house):
    live = published.refresh().definitions
    deals = live.modules["deals"]
    draft = live.with_document(replace(deals, fields=tuple(
        replace(field, required=field.required or field.name in ("amount", "stage")) for field in deals.fields)))

    found = {finding.id: finding for finding in what_if(draft)}

    with reading() as connection:
        empty = connection.execute(sa.text("SELECT count(*) FILTER (WHERE amount IS NULL), count(*) FILTER (WHERE stage IS NULL) "
                                           "FROM records.deals")).one()
    assert (found["fld_deals_amount"].count, found["fld_deals_stage"].count) == tuple(empty)
    assert found["fld_deals_stage"].says == "Stage is required."


def test_a_changed_formula_brings_the_rules_that_read_it(house):
    live = published.refresh().definitions.with_document(a_rule("read", {"field": "double", "operator": "above", "operand": 1000}))
    publish.publish(HOUSE, live)
    live = published.refresh().definitions
    deals = live.modules["deals"]
    draft = live.with_document(replace(deals, fields=tuple(
        replace(field, settings={"expression": "amount / 4", "result": "number"}) if field.name == "weighted" else field
        for field in deals.fields)))

    found = {(finding.kind, finding.id): finding for finding in what_if(draft)}

    assert set(found) == {("formulas", "fld_deals_weighted"), ("formulas", "fld_deals_double"), ("validation_rules", "rule_read")}
    with reading() as connection:
        other, above = connection.execute(sa.text(
            "SELECT count(*) FILTER (WHERE amount <> 0), count(*) FILTER (WHERE amount > 1000) FROM records.deals")).one()
    assert found["formulas", "fld_deals_weighted"].count == other and not found["formulas", "fld_deals_weighted"].refuses
    assert found["validation_rules", "rule_read"].count == above


def test_renames_raise_no_question_and_asking_writes_nothing(house):
    live = published.refresh().definitions
    deals = live.modules["deals"]
    draft = live.with_document(replace(deals, fields=tuple(
        replace(field, name="value") if field.name == "amount" else field for field in deals.fields)))
    from metadata.rename import carried  # here: what a draft's change does with every rename
    with reading() as connection:
        before = connection.execute(sa.text("SELECT max(id), count(*) FROM house.history")).one()

    assert what_if(carried(live, draft, catalogue())) == []

    with reading() as connection:
        assert connection.execute(sa.text("SELECT max(id), count(*) FROM house.history")).one() == before


def test_a_count_that_takes_too_long_says_so(house, monkeypatch):
    live = published.refresh().definitions
    rule = a_rule("slow", {"field": "name", "operator": "contains", "operand": "e"})
    monkeypatch.setattr("runtime.records.what_ifs.validation_rules.criteria.as_sql",
                        lambda _tree, _scope: sa.func.pg_sleep(1).is_not(None))

    found, = what_if(live.with_document(rule), patience=50)

    assert found.count is None and "too many records" in found.problem
