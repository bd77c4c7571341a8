"""Shapes: what JSON Schema says, in sentences; and the quick yes never says yes where jsonschema says no."""
import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata import quick, shape
from metadata.definitions import Definitions
from metadata.model.module import Module
from metadata.model.view import View
from runtime.kinds.kind import discover

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 600) | st.floats(allow_nan=False, allow_infinity=False, width=16)
    | st.sampled_from(["", "a", "name", "won", "open", "module", "read", "green", "all", "x" * 130]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "name", "label", "fields", "choices", "value", "module", "columns", "sort", "extra", "type"]),
        inner, max_size=5), max_leaves=12)


def test_each_problem_is_a_sentence_with_its_place():
    told = shape.problems("views/deals.open", View, {
        "id": "view_open", "name": "open", "module": "deals", "columns": ["name", 5], "sums": "amount", "colour": "red",
        "sort": [{"field": "name", "descending": "yes"}]})

    assert {str(problem) for problem in told} == {
        "views/deals.open: 'label' is missing.",
        "views/deals.open: 'colour' is not known here. Known: id, name, module, label, kind, columns, criteria, sort, sums, "
        "deadlines, position, default, settings.",
        "views/deals.open#columns.1: It must be text, not a number.",
        "views/deals.open#sums: It must be a list, not text.",
        "views/deals.open#sort.0.descending: It must be true or false, not text."}


def test_each_of_several_that_are_missing_is_named():
    told = shape.problems("views/deals.open", View, {"id": "view_open", "columns": ["name"], "sort": []})

    assert {problem.message for problem in told if "missing" in problem.message} == {
        f"'{name}' is missing." for name in ("name", "module", "label")}


def test_a_field_is_named_not_numbered():
    told = shape.problems("modules/deals", Module, {
        "id": "mod_deal", "name": "deals", "label": "Deal", "plural": "Deals", "name_field": "name",
        "fields": [{"id": "fld_x", "name": "a" * 70, "label": "X", "type": "text"}]})

    assert len(told) == 1
    assert told[0].path == f"modules/deals#fields.{'a' * 70}.name"
    assert "has 70 characters" in told[0].message


@settings(max_examples=150, deadline=None)
@given(document=JSON)
def test_the_quick_yes_is_never_wrong(document):
    for schema in SCHEMAS:
        if quick.test(schema)(document):
            assert jsonschema.Draft202012Validator(schema).is_valid(document), schema


SCHEMAS = [kind.settings_schema for kind in discover("runtime.fields").all("field_types")] + [
    schema for name, schema in shape.schemas().items() if name not in ("module", "extension")]


def test_the_quick_yes_is_said_to_what_is_sound():
    sound = {"id": "fld_x", "name": "x", "label": "X", "type": "text", "required": True, "settings": {"max_length": 5}}

    assert quick.test(shape.schemas()["field"])(sound)


def test_no_schema_is_ever_fetched():
    validator = shape.Validator({"type": "object", "properties": {"x": {"$ref": "http://127.0.0.1:1/x.json"}}})

    try:
        list(validator.errors({"x": 1}))
    except Exception as problem:
        assert "127.0.0.1" in str(problem) and "Refused" not in str(problem) and "urlopen" not in str(problem)
    else:
        raise AssertionError("The reference was resolved.")


def test_definitions_are_equal_by_content():
    module = {"id": "mod_deal", "name": "deals", "label": "Deal", "plural": "Deals", "name_field": "name"}

    assert Definitions.of_documents([Module.from_json(module)]) == Definitions.of_documents([Module.from_json(dict(module))])
