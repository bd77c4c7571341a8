"""What was removed is kept for thirty days, then goes for good; its id stays taken."""
from datetime import timedelta

import pytest
import sqlalchemy as sa

from metadata import store
from runtime.db import clock
from runtime.db.transaction import reading, transaction
from runtime.kinds.kind import catalogue
from runtime.tables import published
from tests.builders import a_field, a_module, publish_all

pytestmark = pytest.mark.usefixtures("database")


def purge():
    with transaction() as tx:
        catalogue().get("chores", "purge_retired").run(tx)


def columns(table):
    with reading() as connection:
        return {column["name"] for column in sa.inspect(connection).get_columns(table, schema="records")}


def test_after_thirty_days_and_not_before(frozen_clock):
    publish_all(a_module("deals", a_field("fax", of="deals")), a_module("gone"))
    publish_all(a_module("deals"))
    with reading() as connection:
        left = sa.inspect(connection).get_table_names(schema="records")
    purge()
    assert any(name.startswith("retired_fld_deals_fax") for name in columns("deals")) and "retired_mod_gone" in left

    clock.advance(timedelta(days=31))
    purge()

    assert not any(name.startswith("retired_") for name in columns("deals"))
    with reading() as connection:
        assert "retired_mod_gone" not in sa.inspect(connection).get_table_names(schema="records")
        assert store.retired(connection)["fld_deals_fax"].purged
    publish_all(a_module("deals", a_field("fax", of="deals")), a_module("gone"))
    assert "fax" in published.current().table("deals").c and "gone" in published.current().definitions.modules
