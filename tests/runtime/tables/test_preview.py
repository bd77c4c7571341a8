"""A draft over the records there are: renamed, new and retyped fields, new modules, formulas and links; nothing is written."""
from dataclasses import replace
from decimal import Decimal

import pytest

from runtime.errors import NotFound, Refused
from runtime.records import aggregate, query, service
from runtime.records.query import Query
from runtime.tables import preview, published
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field, a_module


@pytest.fixture(scope="module")
def crm(database):
    builders.publish_all(builders.accounts(), builders.deals(a_field("fax", of="deals")))
    account = service.create(HOUSE, "accounts", {"name": "Acme", "industry": "Paper"})
    service.create(HOUSE, "deals", {"name": "Boxes", "amount": 100, "fax": "123", "account": account.id, "stage": "Proposal"})
    return published.current()


@pytest.fixture
def draft(crm):
    """fax renamed to telefax, tripled added, close_date now text, a module of its own."""
    definitions = crm.definitions
    deals = definitions.modules["deals"]
    fields = tuple(replace(each, name="telefax") if each.name == "fax" else
                   replace(each, type="text") if each.name == "close_date" else each for each in deals.fields)
    tripled = a_field("tripled", "formula", of="deals", settings={"expression": "amount * 3", "result": "number"})
    note = a_field("note", of="deals")
    return definitions.with_document(deals.with_fields((*fields, tripled, note))).with_document(a_module("visits"))


def rows(module, *columns, **asked):
    return [row.values for row in query.find(HOUSE, Query(module, columns=columns, **asked)).rows]


def test_a_draft_reads_the_records_there_are(crm, draft):
    with preview.shown(draft):
        row, = rows("deals", "name", "telefax", "tripled", "note", "close_date", "account.name",
                    criteria={"field": "tripled", "operator": "above", "operand": 200}, sort=(("telefax", False),))
        assert (row["telefax"], row["tripled"], row["note"], row["close_date"]) == ("123", Decimal(300), None, None)
        assert row["account.name"] == "Acme"
        assert rows("visits", "name") == [] and query.count(HOUSE, Query("visits")) == (0, False)
        answer = aggregate.aggregate(HOUSE, "deals", group=("stage",), measures=("sum:tripled",))
        assert [row["sum:tripled"] for row in answer.rows] == [Decimal(300)]
    assert published.current() is crm
    with pytest.raises(NotFound):
        crm.module("visits")


def test_nothing_can_be_written_in_a_preview(crm, draft):
    with preview.shown(draft):
        for verb in (lambda: service.create(HOUSE, "deals", {"name": "More"}),
                     lambda: service.update(HOUSE, "deals", 1, {"name": "Other"}, seen_version=1),
                     lambda: service.delete(HOUSE, "deals", 1)):
            with pytest.raises(Refused):
                verb()
    assert [row["name"] for row in rows("deals", "name")] == ["Boxes"]


def test_a_removed_module_is_not_there_in_the_preview(crm, draft):
    with preview.shown(draft.without("modules/visits")), pytest.raises(NotFound):
        query.find(HOUSE, Query("visits"))
