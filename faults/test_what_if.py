"""What a draft says it would refuse is what publishing it then refuses, over a real export: `CRM_EXPORT=folder make faults`.

Twenty rules are made up from the modules' own fields, their types' own operators and values that are really there. Each is
asked about, published, and then every record of its module is saved for real and taken back.
"""
import os
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from metadata import bundle
from metadata.model.validation_rule import ValidationRule
from runtime import publish
from runtime.cli.ready import ready
from runtime.db.transaction import reading, transaction
from runtime.errors import Invalid
from runtime.exchange import profile
from runtime.records import service
from runtime.records.facts import ValueScope
from runtime.records.what_if import what_if
from runtime.tables import published
from runtime.values import HOUSE

EXPORT = os.environ.get("CRM_EXPORT", "")
MOST = int(os.environ.get("FAULT_RECORDS", "5000"))
SEEDS = range(int(os.environ.get("FAULT_TIMES", "20")))
REFUSED = "The made-up rule refuses this."

pytestmark = [pytest.mark.timeout(3600), pytest.mark.skipif(not EXPORT, reason="No export is given (CRM_EXPORT).")]


@pytest.fixture(scope="module")
def house(home):
    """The export taken in, once; a home that has it already is used as it is."""
    ready()
    if not published.refresh().definitions.modules:
        publish.publish(HOUSE, bundle.read("seeds/sales"))
        published.refresh()
        profile.take(HOUSE.through("import"), "zoho", Path(EXPORT))
    with reading() as connection:
        counts = {name: connection.scalar(sa.text(f'SELECT count(*) FROM records."{name}" WHERE deleted_at IS NULL'))
                  for name in published.current().definitions.modules}
    return {name: count for name, count in counts.items() if 50 <= count <= MOST}


def a_condition(chance, now, module):
    """A tree of one to four rows. (the tree, the fields it reads)"""
    scope, used = ValueScope(now, module), []
    asked = [field for field in module.all_fields if now.type(field).columns(field) and now.type(field).asked(field, "")
             and field.name not in ("id", "tags", "updated_at", "updated_by")]

    def row():
        field = chance.choice(asked)
        path = field.name
        operators = now.type(field).asked(field, "")
        known = values_of(module, field)
        operator = chance.choice([each for each in operators if each.takes == "none" or known])
        used.append(path)
        assert scope.find((path,))
        operand = {"none": lambda: None, "one": lambda: chance.choice(known), "number": lambda: chance.randint(1, 400),
                   "many": lambda: chance.sample(known, min(3, len(known))),
                   "range": lambda: sorted(chance.choices(known, k=2)),
                   "text": lambda: str(chance.choice(known))[:chance.randint(1, 6)].strip() or "a"}[operator.takes]()
        return {"field": path, "operator": operator.name} | ({} if operand is None else {"operand": operand})

    form = chance.choice(["row", "all", "any", "not"])
    if form == "row":
        return row(), used
    return ({"not": row()} if form == "not" else {form: [row() for _ in range(chance.randint(2, 4))]}), used


def values_of(module, field):
    """Some that are there, as JSON has them."""
    with reading() as connection:
        found = connection.scalars(sa.text(
            f'SELECT DISTINCT "{field.name}" FROM (SELECT "{field.name}" FROM records."{module.name}" '
            f'WHERE "{field.name}" IS NOT NULL AND deleted_at IS NULL LIMIT 500) AS few LIMIT 40')).all()
    kind = published.current().type(field)
    return [str(each) if isinstance(each, Decimal) else each for each in (kind.to_json(field, "", value) for value in found)]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_count_is_what_is_then_refused(house, seed):
    chance = random.Random(seed)
    now = published.refresh()
    live = now.definitions
    module = now.module(chance.choice(sorted(house)))
    tree, used = a_condition(chance, now, module)
    rule = ValidationRule(id="rule_made_up", name="made_up", module=module.name, refuse_if=tree, message=REFUSED)
    alone = live.with_document(rule)
    for other in live.of(ValidationRule, module.name):        # what they refuse is not asked here
        alone = alone.with_document(replace(other, active=False))

    found, = [each for each in what_if(alone) if each.id == rule.id]
    publish.publish(HOUSE, alone, override="The bundle's scenarios count on its rules.")
    published.refresh()
    refused = sorted(refused_by_the_pipeline(module, used))
    publish.publish(HOUSE, live)
    published.refresh()
    print(f"\n{seed}: {module.name}, {house[module.name]:,} records, {found.count:,} refused: {tree}")

    assert found.total == house[module.name]
    assert (found.count, [each.id for each in found.examples]) == (len(refused), refused[:20]), tree


def refused_by_the_pipeline(module, used):
    """Ids of the records the rule does not let through when they are saved again with one other value changed."""
    texts = [field.name for field in module.fields if field.type in ("long_text", "text") and field.name not in used
             and field.name != module.name_field]
    other = min(texts, key=lambda name: name == "external_id")
    with reading() as connection:
        rows = connection.execute(sa.text(f'SELECT id, version FROM records."{module.name}" WHERE deleted_at IS NULL')).all()
    for id, version in rows:
        try:
            with transaction():
                service.update(HOUSE, module.name, id, {other: "saved again"}, seen_version=version)
                raise _TakeBack
        except _TakeBack:
            pass
        except Invalid as problem:
            if REFUSED in str(problem.errors):
                yield id


class _TakeBack(Exception):
    pass
