"""The store: versions by content, drafts, seeds, and ids that are never forgotten."""
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from metadata import store
from metadata.definitions import Definitions
from metadata.errors import NoSuchVersion, StaleBase
from metadata.model.seed import Seed
from runtime.db.transaction import engine
from tests.builders import a_field, a_module

AT = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.fixture
def connection(database):
    """Rolled back after each test, so that every one begins at version 0."""
    with engine().connect() as connection:
        with connection.begin() as transaction:
            yield connection
            transaction.rollback()


def definitions(*documents):
    return Definitions.of_documents(documents)


def publish(connection, draft, base):
    _, live = store.published(connection)
    store.note_ids(connection, live, draft, version=base + 1, at=AT)
    return store.publish(connection, draft, base=base, actor_id=1, note="why", changes=["What."], at=AT)


def test_it_begins_empty(connection):
    assert store.published(connection) == (0, Definitions())


def test_every_version_is_kept_exactly(connection):
    first = definitions(a_module("deals", a_field("amount", "decimal", default=1.5, settings={"minimum": 0.1})))
    second = definitions(a_module("deals"))

    assert (publish(connection, first, 0), publish(connection, second, 1)) == (1, 2)

    store.forget()
    assert store.published(connection) == (2, second)
    assert store.at(connection, 1) == first
    assert store.at(connection, 0) == Definitions()
    assert [(version.number, version.base, version.note, version.changes) for version in store.history(connection)] == [
        (2, 1, "why", ("What.",)), (1, 0, "why", ("What.",))]
    with pytest.raises(NoSuchVersion):
        store.at(connection, 3)


def test_the_second_on_one_base_is_refused(connection):
    publish(connection, definitions(a_module("deals")), 0)

    with pytest.raises(StaleBase, match="Version 1 was published while you worked on version 0"):
        publish(connection, definitions(a_module("leads")), 0)


def test_the_same_content_is_kept_once(connection):
    deals = a_module("deals")
    publish(connection, definitions(deals), 0)
    publish(connection, definitions(replace(deals), a_module("leads")), 1)

    assert connection.scalar(sa.text("SELECT count(*) FROM house.metadata_document WHERE path = 'modules/deals'")) == 1
    assert store.published(connection)[1].module("deals") is store.at(connection, 1).module("deals")


def test_ids_that_went_are_remembered_as_what_they_were(connection):
    fax = a_field("fax")
    publish(connection, definitions(a_module("deals", fax)), 0)
    publish(connection, definitions(a_module("deals")), 1)

    known = store.retired(connection)
    assert list(known) == [fax.id]
    assert (known[fax.id].noun, known[fax.id].module_id, known[fax.id].document) == ("field", "mod_deals", fax)

    publish(connection, definitions(a_module("deals", fax)), 2)
    assert store.retired(connection) == {}


def test_a_module_that_went_takes_its_fields_along(connection):
    publish(connection, definitions(a_module("deals", a_field("fax"))), 0)
    publish(connection, Definitions(), 1)

    assert set(store.retired(connection)) == {"mod_deals", "fld_x_fax", "fld_deals_name"}


def test_a_bundle_is_remembered_as_it_was_laid_down(connection):
    bundle = definitions(a_module("deals"))

    store.lay_seed(connection, Seed(id="seed_sales", name="sales", label="Sales"), bundle, at=AT)

    assert store.seed(connection, "sales") == bundle
    assert store.seed(connection, "other") is None
    assert store.seeds(connection) == ["sales"]
