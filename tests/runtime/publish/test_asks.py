"""What a package asks for: everything by which somebody could do or see more, also where that is said by leaving out."""
from dataclasses import replace

import pytest

from metadata.definitions import Definitions
from runtime.publish.asks import GRANT, asks
from tests.builders import a_field, a_module, a_role

DEALS = a_module("deals", a_field("amount", "currency", of="deals"))
HOMES = a_module("homes", a_field("price", "currency", of="homes"))
SHUT = {"read": "own", "edit": "own", "fields": {"fld_deals_amount": "hidden"}}


def asked(before, after):
    parts = (DEALS, HOMES)
    found = asks(Definitions.of_documents([*parts, *before]), Definitions.of_documents([*parts, *after]))
    assert {each.kind for each in found} <= {GRANT}
    return [each.sentence for each in found]


@pytest.mark.parametrize(("change", "sentence"), [
    ({"designs": ("layouts", "validation_rules")}, "may change and publish, in all modules: Validation rules."),
    ({"builder": True}, "may change and publish how everything is built"),
    ({"modules": {"mod_deals": {"read": "own", "edit": "own"}}}, "get, in Deals: Amount: edit"),
    ({"modules": {"mod_deals": SHUT | {"fields": {"fld_deals_amount": "read"}}}}, "get, in Deals: Amount: read"),
    ({"modules": {"mod_deals": SHUT | {"read": "all"}}}, "get, in Deals: read all"),
    ({"modules": {"mod_deals": SHUT, "*": {"read": "all"}}}, "get, in every other module: read all"),
    ({"modules": {"mod_deals": SHUT, "mod_homes": {"read": "own"}}}, "get, in Homes: read own"),
])
def test_a_role_that_reaches_further_is_asked_for(change, sentence):
    rep = replace(a_role("rep"), modules={"mod_deals": SHUT})
    assert any(sentence in said for said in asked([rep], [replace(rep, **change)]))


def test_what_falls_back_to_every_other_module_is_asked_for():
    rep = replace(a_role("rep"), modules={"mod_deals": {"read": "no"}, "*": {"read": "all", "export": True}})
    said, = asked([rep], [replace(rep, modules={"*": rep.modules["*"]})])
    assert "get, in Deals: export, read all" in said


def test_a_role_that_stays_or_loses_is_not_asked_about():
    rep = replace(a_role("rep"), modules={"mod_deals": SHUT, "*": {"read": "all"}}, designs=("layouts",))
    assert asked([rep], [replace(rep, label="Seller", designs=(), modules={"mod_deals": {"read": "own"} | {
        "fields": {"fld_deals_amount": "hidden"}}})]) == []


def test_a_computed_field_that_shows_what_is_hidden_is_asked_for():
    doubled = a_field("doubled", "formula", of="deals", publish_result=True,
                      settings={"expression": "amount * 2", "result": "number"})
    told = "sees the result of 'Doubled', also of fields that are hidden from them"

    more, = asks(Definitions.of_documents([DEALS]), Definitions.of_documents([replace(DEALS, fields=(*DEALS.fields, doubled))]))
    assert more.kind == GRANT and told in more.sentence
