"""Forms drawn from schemas: every noun and every kind can be drawn and read back unchanged; buttons work on lists."""
import pytest
from werkzeug.datastructures import MultiDict

from builder import schema_form
from metadata import shape
from metadata.definitions import Definitions
from runtime.kinds.kind import catalogue
from tests import builders

DEALS = builders.deals()
HERE = Definitions({each.path: each for each in (DEALS, builders.accounts(), builders.a_role())})
PICKLIST = catalogue().get("field_types", "picklist").settings_schema
TWO = {"choices": [{"value": "a", "label": "A", "color": "green"}, {"value": "b", "label": "B", "probability": 40}]}


def posted(inputs):
    """What a browser would send back of these controls."""
    form = MultiDict()
    for each in inputs:
        if each.kind == "rows":
            form.add(f"{each.name}:rows", "")
            for row in each.rows:
                form.add(f"{each.name}:rows", str(row.number))
                form.update(posted(row.inputs))
        elif each.kind == "group":
            form.update(posted(each.inputs))
        elif each.kind in ("names", "checks"):
            form.add(each.name, "")
            for one in each.value:
                form.add(each.name, one[0] if each.kind == "names" else one)
        elif each.kind == "switch":
            form.setlist(each.name, ["", "1"] if each.value else [""])
        elif each.kind not in ("criteria", "hint"):
            form.add(each.name, "" if each.value is None else str(each.value))
    return form


def drawn(schema, value, **more):
    return schema_form.inputs(schema, value, draft=HERE, module=DEALS, **more)


def again(schema, value, before=None, **pressed):
    form = posted(drawn(schema, value))
    form.update({name.replace("__", ":"): text for name, text in pressed.items()})
    return schema_form.read(schema, form, before=value if before is None else before, draft=HERE, module=DEALS)


@pytest.mark.parametrize("kind", list(catalogue().all("field_types")), ids=lambda kind: kind.name)
def test_settings_of_a_kind_are_read_back_as_they_were(kind):
    schema = {"properties": {name: each for name, each in kind.settings_schema.get("properties", {}).items()
                             if each.get("format") != "criteria"}}
    for field in [each for module in HERE.modules.values() for each in module.fields if each.type == kind.name]:
        plain = {name: value for name, value in field.settings.items() if name in schema["properties"]}
        assert again(schema, plain) == plain


@pytest.mark.parametrize("noun", ["button", "layout", "view", "role", "import_map", "validation_rule"])
def test_every_noun_can_be_drawn(noun):
    schema = {"properties": {name: each for name, each in shape.schemas()[noun]["properties"].items()
                             if each.get("format") != "criteria"}}
    assert drawn(schema, {})


def test_a_role_and_a_view_are_read_back_as_they_were():
    for noun, document in (("role", builders.a_role("rep")), ("view", builders.a_view("deals", ("name", "account.industry")))):
        schema = {"properties": {name: each for name, each in shape.schemas()[noun]["properties"].items()
                                 if each.get("format") != "criteria"}}
        content = document.to_json()
        assert again(schema, content) == content


def test_a_button_adds_moves_and_removes_a_row():
    assert again(PICKLIST, TWO, schema__do="add:choices")["choices"] == [*TWO["choices"], {}]
    assert [each["value"] for each in again(PICKLIST, TWO, schema__do="up:choices.1")["choices"]] == ["b", "a"]
    assert again(PICKLIST, TWO, schema__do="remove:choices.0")["choices"] == TWO["choices"][1:]


def test_rows_come_in_the_order_they_stand_in():
    form = posted(drawn(PICKLIST, TWO))
    form.setlist("choices:rows", ["", "1", "0"])
    read = schema_form.read(PICKLIST, form, before=TWO, draft=HERE, module=DEALS)
    assert [each["value"] for each in read["choices"]] == ["b", "a"]


def test_what_the_form_did_not_draw_stays():
    before = DEALS.to_json()
    read = schema_form.read(shape.schemas()["module"], MultiDict({"label": "Opportunity"}), before=before, draft=HERE, module=DEALS)
    assert read == before | {"label": "Opportunity"}


def test_what_cannot_be_read_stays_for_the_check_to_say():
    text = catalogue().get("field_types", "text").settings_schema
    assert schema_form.read(text, MultiDict({"max_length": "many"}), before={}, draft=HERE, module=DEALS) == {"max_length": "many"}


def test_what_is_missing_is_said_where_it_belongs():
    errors = {"settings": ["'module' is missing."], "settings.choices.0": ["'label' is missing."]}
    assert set(schema_form.placed(errors)) == {"settings.module", "settings.choices.0.label"}


def test_references_offer_what_the_property_beside_them_names():
    schema = catalogue().get("field_types", "rollup").settings_schema
    only = ("module", "field", "of")
    of = next(each for each in drawn(schema, {"module": "accounts"}, only=only) if each.name == "of")
    assert "industry" in dict(of.options[0][1]) and "stage" not in dict(of.options[0][1])


STAGES = ["Qualification", "Closed Won"]


@pytest.mark.parametrize(("field", "offered"), [("stage", True), ("amount", False), ("", False)])
def test_the_value_of_a_field_with_choices_is_chosen(field, offered):
    here = builders.a_module("sheds", builders.a_field("stage", "picklist", of="sheds", settings={
        "choices": [{"value": each, "label": each} for each in STAGES]}), builders.a_field("amount", "currency", of="sheds"),
        builders.a_field("sold", "checkbox", of="sheds"))
    draft = Definitions({here.path: here})
    update = catalogue().get("actions", "update_field").settings_schema
    named, value, _computed = schema_form.inputs(update, {"field": field, "value": "Lost"}, draft=draft, module=here)
    assert named.redraw and (value.kind == "select") is offered
    if offered:
        assert [each for _heading, group in value.options for each, _label in group] == [*STAGES, "Lost"]

    create = catalogue().get("actions", "create_record").settings_schema
    given = {"module": "sheds", "values": [{"field": "sold", "value": True}]}
    rows = next(each for each in schema_form.inputs(create, given, draft=draft, module=DEALS) if each.name == "values")
    sold = rows.rows[0].inputs[1]
    assert (sold.kind, sold.value) == ("select", "true")
    form = posted(schema_form.inputs(create, given, draft=draft, module=DEALS))
    assert schema_form.read(create, form, before=given, draft=draft, module=DEALS) == given
