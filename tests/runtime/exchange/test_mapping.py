"""Mapping: columns find their fields by label, api name, alias and what their cells hold."""
import pytest

from runtime.errors import Invalid
from runtime.exchange import mapping, reading
from runtime.exchange.mapping import Mapping_, Target
from runtime.tables import published
from runtime.values import HOUSE
from tests.builders import a_field, accounts, deals, publish_all


def guesses(crm, actor, path, module="deals"):
    found = mapping.guess(crm, actor, crm.module(module), reading.sheet(path))
    return {heading: name for heading, (name, _score) in found.items()}


def test_headings_find_their_fields_whatever_their_spelling(crm, lan, a_file):
    path = a_file("Deal Name,AMOUNT,close_date,Account Name,engage_date,Shoe size\nA,$1,2026-01-02,Acme,2026-01-01,7\n")
    assert guesses(crm, lan, path) == {"Deal Name": "name", "AMOUNT": "amount", "close_date": "close_date",
                                       "Account Name": "account", "engage_date": "opened"}


def test_a_column_whose_cells_do_not_fit_is_not_guessed(crm, lan, a_file):
    path = a_file("Name,Close date\nA,blue\nB,green\nC,red\n")
    assert guesses(crm, lan, path) == {"Name": "name"}


def test_a_hidden_field_is_neither_guessed_nor_taken(crm, blind, a_file):
    path = a_file("Name,Amount\nA,5\n")
    assert guesses(crm, blind, path) == {"Name": "name"}

    for name in ("amount", "no_such_field"):
        with pytest.raises(Invalid) as refused:
            mapping.check(crm, blind, crm.module("deals"), Mapping_({"Amount": (Target(name),)}), ["Name", "Amount"])
        assert refused.value.errors == {name: [f"There is no field '{name}' here that you can use."]}


@pytest.mark.parametrize("path", ["id", "version", "created_by", "deleted_at", "created_at", "owner.name"])
def test_what_the_house_keeps_cannot_be_a_target(crm, lan, path):
    with pytest.raises(Invalid):
        mapping.check(crm, lan, crm.module("deals"), Mapping_({"X": (Target(path),)}), ["X"])


def test_a_link_whose_heading_says_id_is_found_by_the_key_of_other_systems(crm, a_file):
    publish_all(accounts(a_field("external_id", of="accounts", unique=True)), deals())
    now = published.refresh()
    found = mapping.guessed(now, HOUSE, now.module("deals"), reading.sheet(a_file("Name,Account Id\nA,7\n")))
    assert found.columns["Account Id"] == (Target("account", "external_id"),)

    named = mapping.guessed(now, HOUSE, now.module("deals"), reading.sheet(a_file("Name,Account\nA,Acme\n")))
    assert named.columns["Account"] == (Target("account"),)
