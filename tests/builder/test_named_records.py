"""Values of a scenario are chosen: a record that is there by then, a person, a choice, yes or no; none is typed as JSON."""
import json
from pathlib import Path

import flask
import pytest

from builder import schema_form
from metadata import shape
from metadata.definitions import Definitions
from metadata.model.scenario import Scenario
from runtime.app import create_app
from runtime.publish import with_extended
from runtime.values import HOUSE
from tests import builders
from tests.builder.test_schema_maps import sent
from tests.runtime.web.conftest import KEY

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
SCHEMA = shape.schemas()["scenario"]
KNOWN = Definitions.of_documents([builders.accounts(), builders.deals(), builders.a_role("rep")])
CONTENT = {
    "id": "scn_x", "name": "x", "label": "X", "given": [
        {"name": "acme", "module": "accounts", "values": {"name": "Acme"}},
        {"name": "ship", "module": "deals", "values": {"account": {"record": "acme"}, "owner": None}}],
    "when": [{"step": "create", "settings": {"module": "accounts", "values": {"name": "Later"}, "name": "later"}},
             {"step": "update", "settings": {"module": "deals", "record": "ship", "values": {"account": {"record": "later"}}}}],
    "then": [{"expect": "refused"}]}


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


def drawn(content=CONTENT):
    """{name: input} of every control."""
    return {each.name: each for each in schema_form._all(schema_form.inputs(SCHEMA, content, draft=KNOWN, module=None))}


def offered(input):
    return [value for _heading, group in input.options for value, _label in group]


def test_a_link_offers_the_records_that_are_there_by_then():
    shown = drawn()

    assert offered(shown["given.1.values.0.value"]) == ['{"record":"acme"}'] == [shown["given.1.values.0.value"].value]
    assert offered(shown["when.1.settings.values.0.value"]) == ['{"record":"acme"}', '{"record":"later"}']
    assert dict(shown["when.1.settings.values.0.value"].options[0][1])['{"record":"later"}'] == "Account: Later (later)"
    assert offered(shown["when.1.settings.record"]) == ["ship"], "of the module of the step"


def test_an_owner_is_a_person_of_a_role_and_a_picklist_one_of_its_choices():
    shown = drawn()
    owner = shown["given.1.values.1.value"]
    assert owner.kind == "select" and offered(owner) == ['{"person":"role_rep"}']

    stage = next(each.name for each in KNOWN.modules["deals"].fields if each.type == "picklist")
    content = CONTENT | {"given": [{"name": "a", "module": "deals", "values": {stage: ""}}], "when": []}
    assert set(offered(drawn(content)["given.0.values.0.value"])) == {
        each["value"] for each in KNOWN.modules["deals"].by_name[stage].settings["choices"]}


@pytest.mark.parametrize("seed", ["sales", "real_estate", "nonprofit"])
def test_every_scenario_that_comes_with_the_product_is_drawn_and_read_back_as_it_is(app, seed):
    known = with_extended(SEEDS / seed)
    for each in known.of(Scenario):
        content = each.to_json()
        with app.test_request_context():
            flask.g.actor = HOUSE
            inputs = schema_form.inputs(SCHEMA, content, draft=known, module=None)
            form = sent(inputs)
            for one in schema_form._all(inputs):
                if one.kind == "criteria":
                    form[one.name] = json.dumps(one.value)
            read = schema_form.read(SCHEMA, form, before=content, draft=known, module=None)
        assert said(read) == said(content), each.name


def said(value):
    """Without what is empty, which says nothing."""
    if isinstance(value, dict):
        return {name: said(each) for name, each in value.items() if each not in (None, "", [], (), {})}
    return [said(each) for each in value] if isinstance(value, (list, tuple)) else value
