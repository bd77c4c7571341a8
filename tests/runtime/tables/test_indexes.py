"""Indexes: those a module needs are there, built without holding anybody up, and only those."""
from dataclasses import replace

import pytest
import sqlalchemy as sa

from metadata.definitions import Definitions, read_document
from runtime import publish
from runtime.db.transaction import engine, reading, transaction
from runtime.kinds.kind import catalogue
from runtime.publish import reconcile
from runtime.tables import indexes, published
from runtime.values import HOUSE, Event
from tests.builders import STAGES, a_field, a_module, publish_all

pytestmark = pytest.mark.usefixtures("database")


def view(module, **content):
    return read_document(f"views/{module}.{content['name']}", {
        "id": f"view_{module}_{content['name']}", "module": module, "label": content["name"], **content})


def there(table):
    with reading() as connection:
        return {row.indexname: row.indexdef for row in connection.execute(sa.text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'records' AND tablename = :table"), {"table": table})}


def deals(*more, **properties):
    return a_module("deals", a_field("account", "lookup", of="deals", settings={"module": "accounts"}),
                    a_field("stage", "picklist", of="deals", settings={"choices": list(STAGES)}),
                    a_field("closed", "date", of="deals"), *more, **properties)


def test_a_new_table_has_its_indexes_at_once():
    publish_all(a_module("accounts"), deals(a_field("code", of="deals", unique=True)), view(
        "deals", name="open", columns=["name"], sort=[{"field": "closed", "descending": True}],
        criteria={"all": [{"field": "stage", "operator": "is", "operand": STAGES[0]["value"]}]}))

    found = " ".join(there("deals").values())
    assert "(account) WHERE (deleted_at IS NULL)" in found
    assert "(owner) WHERE (deleted_at IS NULL)" in found
    assert "USING gin (search)" in found
    assert "(stage, closed DESC NULLS LAST, id DESC) WHERE (deleted_at IS NULL)" in found
    assert "UNIQUE INDEX uq_fld_deals_code ON records.deals USING btree (code) WHERE (deleted_at IS NULL)" in found


def test_what_a_later_version_needs_is_built_after_it_and_what_it_does_not_goes():
    publish_all(a_module("accounts"), deals())
    publish_all(a_module("accounts"), deals(a_field("campaign", "lookup", of="deals", settings={"module": "accounts"})))
    assert not any("(campaign)" in definition for definition in there("deals").values())

    done = indexes.bring_up_to_date(published.refresh(), ["deals"])

    assert len([line for line in done if line.startswith("Built")]) == 1
    assert any("(campaign) WHERE (deleted_at IS NULL)" in definition for definition in there("deals").values())
    assert indexes.bring_up_to_date(published.refresh(), ["deals"]) == []
    publish_all(a_module("accounts"), deals())
    assert [line for line in indexes.bring_up_to_date(published.refresh()) if line.startswith("Dropped")]


def test_a_rename_builds_nothing_anew():
    publish_all(a_module("accounts"), deals())
    indexes.bring_up_to_date(published.refresh())
    renamed = replace(deals(), name="offers", fields=tuple(
        replace(field, name="customer") if field.name == "account" else field for field in deals().fields))
    publish_all(a_module("accounts"), renamed)

    assert indexes.bring_up_to_date(published.refresh()) == []
    assert any("(customer)" in definition for definition in there("offers").values())
    publish_all(a_module("accounts"), deals())


def test_an_index_left_invalid_is_built_anew():
    publish_all(a_module("accounts"), deals())
    indexes.bring_up_to_date(published.refresh())
    name = next(name for name, definition in there("deals").items() if "(account)" in definition)
    with transaction() as tx:
        tx.execute(sa.text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass(:name)"),
                   {"name": f"records.{name}"})

    assert indexes.bring_up_to_date(published.refresh(), ["deals"]) == [f"Dropped {name}.", f"Built {name}."]


def test_a_lost_unique_index_is_missed_and_comes_back_once_no_value_repeats():
    unique = deals(a_field("other", of="deals"))
    unique = replace(unique, fields=tuple(replace(field, unique=field.name == "name") for field in unique.fields))
    publish_all(a_module("accounts"), unique)
    with transaction() as tx:
        tx.execute(sa.text("DROP INDEX records.uq_fld_deals_name"))
        tx.execute(sa.insert(published.current().table("deals")), [{"name": "a"}, {"name": "a"}])

    with reading() as connection:
        assert reconcile.drift(connection) == ["Nothing holds records.deals.name unique."]
    assert "Could not build uq_fld_deals_name: values of 'name' repeat." in indexes.bring_up_to_date(published.refresh())
    with transaction() as tx:
        tx.execute(sa.text("UPDATE records.deals SET name = 'b' WHERE id = (SELECT max(id) FROM records.deals)"))
    assert indexes.bring_up_to_date(published.refresh()) == ["Dropped uq_fld_deals_name.", "Built uq_fld_deals_name."]


def test_the_worker_builds_them_on_the_event():
    publish_all(a_module("accounts"), deals())
    handler = catalogue().get("event_handlers", "build_indexes")
    number = publish.publish(HOUSE, Definitions.of_documents(
        [a_module("accounts"), deals(a_field("late", "lookup", of="deals", settings={"module": "accounts"}))]))
    with engine().connect() as connection:
        row = connection.execute(sa.text("SELECT payload FROM house.event WHERE name = 'metadata.published' "
                                         "ORDER BY id DESC LIMIT 1")).one()
    event = Event(1, "metadata.published", None, None, "cli", None, None, row.payload)

    handler.handle(event, None)

    assert (row.payload["number"], row.payload["modules"]) == (number, ["deals"])
    assert any("(late)" in definition for definition in there("deals").values())
