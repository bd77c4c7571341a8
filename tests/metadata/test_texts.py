"""Every text people read in definitions is found, under the address its translation has."""
from pathlib import Path

import pytest

from metadata import bundle, texts
from metadata.definitions import Definitions
from metadata.model.button import Button
from runtime.kinds.kind import catalogue
from tests import builders

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def found(*documents) -> dict[str, texts.Text]:
    return {each.address: each for each in texts.texts(Definitions.of_documents(documents), catalogue())}


def test_a_module_its_fields_and_their_choices_are_read():
    known = found(builders.a_module("deals", builders.a_field("stage", "picklist", of="deals", help="Where it stands.",
                                                              settings={"choices": list(builders.STAGES)}), group="Sales"))
    said = {address: text.said for address, text in known.items()}
    assert said["modules.deals.plural"] == "Deals" and said["modules.deals.fields.stage.label"] == "Stage"
    assert said["modules.deals.fields.stage.help"] == "Where it stands."
    assert said["modules.deals.fields.stage.choices.Closed Won"] == "Closed Won"
    assert said["groups.Sales"] == "Sales" and known["groups.Sales"].module == ""
    assert known["modules.deals.fields.stage.label"].module == "deals"
    assert not any("settings" in address or "None" in address for address in said)


def test_what_belongs_to_a_module_is_read_too():
    button = Button(id="btn_x", name="won", module="deals", label="Mark won", confirm="Sure?", actions=())
    known = found(builders.a_module("deals"), builders.a_view("deals", ("name",)), builders.a_layout("deals"), button)
    assert {"views.deals.all.label", "layouts.deals.standard.sections.main", "buttons.deals.won.label",
            "buttons.deals.won.confirm"} <= known.keys()
    assert known["buttons.deals.won.confirm"].what == "Confirm" and known["buttons.deals.won.confirm"].module == "deals"


@pytest.mark.parametrize("seed", ["sales"])
def test_every_text_a_seed_translates_is_one_of_its_texts(seed):
    definitions = bundle.read(SEEDS / seed)
    known = {each.address for each in texts.texts(definitions, catalogue())}
    for translation in definitions.translations.values():
        assert {address for address in translation.labels if not address.startswith("seeds.")} - known == set()
