"""Buttons of a layout: checked, renamed with the button, merged in their order, added to another bundle's layout and taken out."""
from dataclasses import replace

import pytest

from metadata import check, mentions, overlay
from metadata.definitions import Definitions
from metadata.merge import merge
from metadata.model.button import Button
from metadata.model.layout import Layout
from metadata.model.layout_extension import LayoutExtension
from metadata.model.scenario import Scenario
from metadata.model.translation import Translation
from metadata.rename import carried
from runtime.kinds.kind import catalogue
from tests.builders import a_field, a_layout, a_module

LIVE = {"action": "update_field", "settings": {"field": "name", "value": "x"}}


def a_button(name, module="homes", **properties):
    return Button(**{"id": f"btn_{module}_{name}", "name": name, "module": module, "label": name.capitalize(), "actions": (LIVE,)}
                  | properties)


def homes(*names, all=False) -> Definitions:
    """Homes with the buttons sell, let and show on the record, tick above lists; of keys, give. names: the layout's."""
    return Definitions.of_documents([
        a_module("homes", a_field("give", of="homes")), a_module("keys"), a_button("sell"), a_button("let"), a_button("show"),
        a_button("tick", place="bulk"), a_button("swap", place="row"), a_button("give", "keys"),
        a_layout("homes", **({} if all else {"buttons": names}))])


def a_scenario(button) -> Scenario:
    press = {"step": "press", "settings": {"module": "homes", "record": "elm", "button": button}}
    return Scenario(id="scn_sell", name="sell", label="Sell", given=({"name": "elm", "module": "homes", "values": {}},),
                    when=(press,), then=({"expect": "exists", "settings": {"module": "homes"}},))


def layout(definitions) -> Layout:
    return definitions.documents["layouts/homes.standard"]


def problems(definitions):
    return [(each.path.partition("#")[2], each.message) for each in check.problems(definitions, catalogue())]


@pytest.mark.parametrize("definitions", [homes(all=True), homes(), homes("sell", "let"), homes("show")])
def test_a_layout_names_the_buttons_of_the_record_in_any_order(definitions):
    assert problems(definitions) == []


@pytest.mark.parametrize(("names", "place", "said"), [
    (("sell", "sel"), "buttons.1", "There is no button 'sel' in Homes. Did you mean 'sell'?"),
    (("give",), "buttons.0", "The button 'give' is one of Keys, not of Homes."),
    (("tick",), "buttons.0", "The button 'tick' stands above a list, for the ticked rows, not on the record's page. "
                             "Take it off the layout, or change its place."),
    (("sell", "swap"), "buttons.1", "The button 'swap' stands in the rows of a list, not on the record's page. "
                                    "Take it off the layout, or change its place."),
    (("sell", "sell"), "buttons", "It names something twice. Keep one."),
])
def test_a_button_that_cannot_stand_there_is_told(names, place, said):
    assert problems(homes(*names)) == [(place, said)]


def test_none_and_not_said_are_two_things():
    assert layout(homes(all=True)).buttons is None and "buttons" not in layout(homes(all=True)).to_json()
    assert Layout.from_json(layout(homes()).to_json()).buttons == ()


def test_a_buttons_name_is_no_fields_name():
    said = mentions.of(layout(homes("let", "sell")), catalogue())

    assert set(said.buttons) == {"let", "sell"} and not {"let", "sell"} & set(said.names)


def test_layouts_scenarios_and_translations_follow_a_button_that_is_renamed():
    live = homes("let", "sell")
    labels = {"buttons.homes.sell.label": "Bán", "buttons.keys.give.label": "Đưa"}
    for document in (a_scenario("sell"), Translation(id="tr_vi", name="vi", labels=labels)):
        live = live.with_document(document)
    renamed = replace(live.documents["buttons/homes.sell"], name="part_with")

    done = carried(live, live.without("buttons/homes.sell").with_document(renamed), catalogue())

    assert layout(done).buttons == ("let", "part_with")
    assert done.documents["scenarios/sell"].when[0]["settings"]["button"] == "part_with"
    assert done.translations["vi"].labels == {"buttons.homes.part_with.label": "Bán", "buttons.keys.give.label": "Đưa"}
    assert problems(done) == []


def test_a_scenario_that_presses_what_is_not_there_is_told_before_it_runs():
    assert problems(homes().with_document(a_scenario("buy"))) == [("when.0.settings.button", "There is no button 'buy' in Homes.")]


def test_buttons_are_merged_by_name_and_keep_their_order():
    done = merge(homes("sell", "let"), homes("let", "sell"), homes("sell", "let", "show"))

    assert layout(done.definitions).buttons == ("let", "show", "sell") and not done.conflicts


def test_two_lists_where_all_stood_before_are_two_thoughts():
    done = merge(homes(all=True), homes("sell"), homes("let", "show"))

    assert [conflict.place for conflict in done.conflicts] == ["buttons"] and layout(done.definitions).buttons == ("sell",)
    assert layout(merge(homes(all=True), homes("sell"), homes(all=True)).definitions).buttons == ("sell",)


def an_extension(*names):
    return Definitions.of_documents([LayoutExtension(id="lay_homes", name="standard", module="homes", extends=True, buttons=names)])


def installed(live, package, before=overlay.NONE):
    base, theirs = overlay.sides(live, before, package)
    return merge(base, live, theirs).definitions


def test_a_bundle_adds_buttons_to_anothers_layout_and_takes_just_them_out_again():
    live, package = homes("sell"), an_extension("let", "show")

    laid = installed(live, package)

    assert layout(laid).buttons == ("sell", "let", "show") == layout(package.onto(live)).buttons
    assert overlay.lifted(laid, package)[0] == live
    assert layout(overlay.lifted(laid, an_extension("show"), [an_extension("let")])[0]).buttons == ("sell", "let")
    assert layout(installed(laid, an_extension("show"), package)).buttons == ("sell", "show")
    assert installed(laid, package, package) == laid


def test_where_all_stand_a_bundle_has_nothing_to_add():
    live = homes(all=True)

    assert installed(live, an_extension("let")) == live
    assert overlay.lifted(live, an_extension("let"))[0] == live


def test_buttons_moved_here_stay_where_they_are_when_their_bundle_comes_again():
    package = an_extension("let")
    moved = homes("let", "sell")

    assert layout(installed(moved, package, package)).buttons == ("let", "sell")


def test_a_layout_laid_down_again_keeps_the_buttons_another_bundle_added():
    own = homes("sell", "show")
    laid = an_extension("let").onto(own)

    assert layout(homes("show", "sell").onto(laid, own)).buttons == ("show", "let", "sell")
    assert layout(homes(all=True).onto(laid, own)).buttons is None
