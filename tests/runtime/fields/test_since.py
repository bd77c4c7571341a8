"""Since: keeps when another field last changed."""
from datetime import timedelta

import pytest

from metadata.definitions import Definitions
from runtime.db import clock
from runtime.errors import Invalid
from runtime.kinds.kind import catalogue
from runtime.records import service
from runtime.values import HOUSE
from tests.builders import a_field, accounts, deals, publish_all

SINCE = a_field("stage_since", "since", of="deals", settings={"field": "stage"})

@pytest.fixture
def deal(database, frozen_clock):
    publish_all(accounts(), deals(SINCE))
    return service.create(HOUSE, "deals", {"name": "Frame contract", "stage": "Qualification"})

def test_a_new_record_stands_there_since_it_was_made(deal):
    assert service.read(HOUSE, "deals", deal.id)["stage_since"] == clock.now()

def test_only_a_change_of_the_watched_field_counts(deal):
    made = clock.now()

    clock.advance(timedelta(days=3))
    renamed = service.update(HOUSE, "deals", deal.id, {"name": "Frame contract 2027"}, seen_version=1)
    assert service.read(HOUSE, "deals", deal.id)["stage_since"] == made

    clock.advance(timedelta(days=2))
    service.update(HOUSE, "deals", deal.id, {"stage": "Proposal"}, seen_version=renamed.version)
    assert service.read(HOUSE, "deals", deal.id)["stage_since"] == made + timedelta(days=5)

def test_watching_a_field_that_is_not_there_is_a_problem():
    module = deals(a_field("since_when", "since", of="deals", settings={"field": "phase"}))

    problems = catalogue().get("field_types", "since").settings_problems(
        module.field("since_when"), Definitions({module.path: module}))

    assert problems == ["There is no field 'phase' to watch."]

def test_nobody_sets_it_by_hand(deal):
    with pytest.raises(Invalid):
        service.update(HOUSE, "deals", deal.id, {"stage_since": "2020-01-01T00:00:00Z"}, seen_version=deal.version)
