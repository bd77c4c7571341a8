"""Scenarios are checked like everything else, and follow renames."""
from dataclasses import replace

import pytest

from metadata import check, rename, scenarios
from metadata.definitions import Definitions
from metadata.model.scenario import Scenario
from runtime.kinds.kind import catalogue
from tests.builders import a_field, a_role, accounts, deals

SHIP = {"step": "create", "settings": {"as": "role_rep", "module": "deals", "name": "ship", "values": {
    "name": "Ship", "account": {"record": "acme"}, "amount": 5, "amount.currency": "VND"}}}


def a_scenario(given=({"name": "acme", "module": "accounts", "values": {"name": "Acme", "industry": "Ships"}},), when=(SHIP,),
               then=({"expect": "values", "settings": {"module": "deals", "record": "ship", "values": {"weighted": 2}}},)):
    return Scenario(id="scn_ships", name="ships", label="Ships", given=given, when=when, then=then)


def definitions(scenario):
    return Definitions({each.path: each for each in (accounts(), deals(), a_role("rep"), scenario)})


def problems(scenario):
    return [each.message for each in check.problems(definitions(scenario), catalogue())]


def test_a_sound_scenario_has_no_problems():
    assert problems(a_scenario()) == []


@pytest.mark.parametrize(("changed", "said"), [
    ({"given": ({"name": "acme", "module": "nowhere"},)}, "There is no module 'nowhere'"),
    ({"given": ({"name": "acme", "module": "accounts", "values": {"size": 1}},)}, "There is no field 'size'"),
    ({"given": ()}, "No record is called 'acme' at this point"),
    ({"when": ()}, "No record is called 'ship' at this point"),
    ({"when": (SHIP, SHIP)}, "Two records are called 'ship'"),
    ({"when": ({"step": "dance"},)}, "There is no scenario step 'dance'"),
    ({"when": ({"step": "create", "settings": {"module": "deals", "values": {}, "as": "role_x"}},), "then": (
        {"expect": "refused"},)}, "There is no role with the id 'role_x'"),
    ({"then": ({"expect": "values", "settings": {"module": "deals", "record": "ship", "values": {"weight": 2}}},)},
     "There is no field 'weight'"),
    ({"then": ({"expect": "exists", "settings": {"module": "deals", "criteria": {"field": "name", "operator": "is_me",
                                                                                  "operand": 1}}},)}, "cannot be asked 'is_me'"),
])
def test_what_a_scenario_names_has_to_be_there(changed, said):
    found = problems(replace(a_scenario(), **changed))

    assert any(said in each for each in found), found


def test_a_scenario_follows_renames_of_modules_and_fields():
    live = definitions(a_scenario())
    amount = replace(live.modules["deals"].by_name["amount"], name="price")
    fields = tuple(amount if field.name == "amount" else field for field in live.modules["deals"].fields)
    draft = live.without("modules/deals").with_document(replace(live.modules["deals"], name="orders", fields=fields))

    carried = rename.carried(live, draft, catalogue()).documents["scenarios/ships"]

    assert carried.when[0]["settings"]["module"] == "orders"
    assert list(carried.when[0]["settings"]["values"]) == ["name", "account", "price", "price.currency"]
    assert scenarios.modules(carried) == {"accounts", "orders"}


def test_it_says_which_modules_and_roles_it_names():
    assert scenarios.modules(a_scenario()) == {"accounts", "deals"}
    assert scenarios.roles(a_scenario()) == {"role_rep"}


def test_a_condition_inside_settings_is_about_the_module_named_beside_it():
    won = a_field("lost", "rollup", of="accounts", settings={
        "module": "deals", "field": "account", "measure": "count",
        "criteria": {"field": "amount", "operator": "above", "operand": 1}})
    live = Definitions({each.path: each for each in (accounts(won), deals())})
    renamed = tuple(replace(field, name="price") if field.name == "amount" else field for field in live.modules["deals"].fields)

    carried = rename.carried(live, live.with_document(replace(live.modules["deals"], fields=renamed)), catalogue())

    assert carried.modules["accounts"].by_name["lost"].settings["criteria"]["field"] == "price"
