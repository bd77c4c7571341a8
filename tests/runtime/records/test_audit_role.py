"""The role of docs/deploy.md: the application may add to the history and purge by the one door, and nothing else."""
import os
import re
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from runtime.db import engine as engines
from runtime.db import schema
from runtime.db.transaction import reading, transaction
from runtime.records import audit, history, seals, service
from runtime.tables import published
from runtime.tables.trial import trial
from runtime.values import HOUSE
from tests.builders import a_rep, a_role, accounts, deals, publish_all
from tests.conftest import _other

ROLE, KEEPER, NAME = (f"{name}_{os.getpid()}" for name in ("crm", "crm_audit", "test"))
LAN = a_rep(7)


@pytest.fixture(scope="module")
def as_the_role(servers):
    """A database that a role of its own owns, except for the history, as the page says."""
    plain = servers.database_url.replace("postgresql+psycopg://", "postgresql://")
    recipe = re.search(r"```sql\n(CREATE ROLE crm_audit.*?)```", Path("docs/deploy.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    name = f"{NAME}_role"
    with psycopg.connect(plain, autocommit=True) as connection:
        if not connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]:
            pytest.skip("The tests' database user may make no roles.")
        connection.execute(f"CREATE ROLE {ROLE} LOGIN")
        connection.execute(f"CREATE DATABASE {name} OWNER {ROLE}")
        try:
            engines.use(re.sub(r"//[^@/]+@", f"//{ROLE}@", _other(servers.database_url, name)))
            schema.prepare()
            with psycopg.connect(_other(plain, name), autocommit=True) as other:
                other.execute(re.sub(r"\bcrm\b", ROLE, recipe.replace("crm_audit", KEEPER)))
            publish_all(accounts(), deals(), a_role("rep"))
            yield
        finally:
            engines.use(None)
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute(f"DROP ROLE IF EXISTS {KEEPER}, {ROLE}")


def test_records_are_written_sealed_purged_and_verified(as_the_role):
    deal = service.create(LAN, "deals", {"name": "Trays"})
    service.update(LAN, "deals", deal.id, {"name": "Crates"}, seen_version=1)
    assert seals.seal() == 2

    publish_all(accounts(), deals(), a_role("rep"), a_role("other"))
    with transaction() as tx:
        now = published.current()
        tx.execute(sa.text("DELETE FROM records.deals WHERE id = :id"), {"id": deal.id})
        assert history.purge(tx, now.module("deals"), [deal.id], HOUSE, deal.values["created_at"]) == 2
    seals.seal()

    report = audit.verify()
    assert report.whole and (report.rows, report.purged) == (1, 2)
    with trial(published.current().definitions, ["deals"]):
        service.create(HOUSE, "deals", {"name": "Tried"})
    assert audit.verify().waiting == 0


@pytest.mark.parametrize("statement", [
    "UPDATE house.history SET actor_id = 8", "DELETE FROM house.history", "TRUNCATE house.history",
    "ALTER TABLE house.history DISABLE TRIGGER ALL", "UPDATE house.history_head SET number = 0",
    "UPDATE house.history_seal SET at = now()", "DELETE FROM house.history_seal", "SET session_replication_role = replica"])
def test_nothing_else_is_let_in(as_the_role, statement):
    with pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"), transaction() as tx:
        tx.execute(sa.text("SELECT set_config('banyan.purging', 'yes', true)"))
        tx.execute(sa.text(statement))
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT current_user")) == ROLE
