"""Sampling: records that are live become a package's sample records, which another house takes in alike."""
from datetime import timedelta

import pytest

from metadata import package
from metadata.model.seed import Seed
from metadata.package import Package
from runtime.db import clock
from runtime.exchange import samples, sampling
from runtime.records import query, service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders


@pytest.fixture(scope="module")
def house(database):
    builders.publish_all(
        builders.accounts(), builders.deals(
            builders.a_field("done", "checkbox", of="deals"), builders.a_field("seen", "datetime", of="deals"),
            builders.a_field("site", "address", of="deals"), builders.a_field("tags", "tags", of="deals"),
            builders.a_field("paper", "file", of="deals")),
        builders.a_role("rep", deals={"read": "own", "create": True, "edit": "own", "export": True,
                                      "fields": {"fld_deals_amount": "hidden"}}))
    published.refresh()
    today = clock.now()
    acme = service.create(HOUSE, "accounts", {"name": "Acme, Ltd", "secret": "x"})
    service.create(HOUSE, "deals", {
        "name": "Trays \"A\"", "stage": "Proposal", "amount": "1200.5", "account": acme.id, "done": True, "tags": ["red", "blue"],
        "close_date": (today + timedelta(days=12)).date().isoformat(), "seen": (today - timedelta(days=2)).isoformat(),
        "site": {"city": "Huế"}})
    service.create(HOUSE, "deals", {"name": "Plain"})


@pytest.fixture(scope="module")
def admin(house):
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    return users.actor_for("boss", "page")


def test_what_is_written_is_taken_in_alike(house, admin, tmp_path):
    made = sampling.sample(admin, ["accounts", "deals"])
    packed = package.read(package.pack(Package(Seed(id="seed_x", name="x", label="X", version="1.0.0"),
                                               published.current().definitions, made)))
    assert set(packed.samples) == {"accounts.csv", "deals.csv"}
    assert "today+12" in made["deals.csv"].decode() and made["deals.csv"].decode().count(",me\n") == 2
    before = {record.values["name"]: record.values for record in _deals(admin)}
    for record in (*_deals(admin), *query.find(admin, query.Query("accounts", ("name",))).rows):
        service.delete(admin, "deals" if "stage" in record.values else "accounts", record.id)

    package.write_samples(packed, tmp_path)
    samples.take(admin.through("import"), tmp_path)

    after = {record.values["name"]: record.values for record in _deals(admin)}
    assert after.keys() == before.keys()
    for path in ("stage", "amount", "close_date", "done", "site.city", "tags", "account:label"):
        assert after["Trays \"A\""][path] == before["Trays \"A\""][path], path


def test_nothing_is_sampled_that_one_may_not_see(house, admin):
    rep = builders.a_rep()
    assert "deals.csv" not in sampling.sample(rep, ["deals"])
    service.create(rep, "deals", {"name": "Mine"})
    assert sampling.sample(rep, ["deals"])["deals.csv"].decode().splitlines()[0].split(",")[:1] == ["name"]
    assert "amount" not in sampling.sample(rep, ["deals"])["deals.csv"].decode()
    assert "account" not in sampling.sample(admin, ["deals"])["deals.csv"].decode().splitlines()[0]


def _deals(actor):
    return query.find(actor, query.Query("deals", ("name", "stage", "amount", "close_date", "done", "site.city", "tags", "account"),
                                         labels=True)).rows
