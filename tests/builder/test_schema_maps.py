"""Objects of names and values are rows in a form; what is drawn and sent back unchanged is the same object."""
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

from builder import schema_form, schema_maps
from metadata import bundle, shape
from metadata.definitions import Definitions
from runtime.locale import text
from tests import builders

SEED = bundle.read(Path(__file__).resolve().parents[2] / "seeds" / "sales")
COLUMNS = shape.schemas()["import_map"]["properties"]["columns"]
KNOWN = Definitions.of_documents([builders.accounts(), builders.deals()])


def sent(inputs) -> MultiDict:
    """What a browser sends of a drawn form."""
    form = MultiDict()
    for each in inputs:
        if each.kind == "rows":
            form.add(f"{each.name}:rows", "")
            for row in each.rows:
                form.add(f"{each.name}:rows", str(row.number))
                form.update(sent(row.inputs))
        elif each.kind == "group":
            form.update(sent(each.inputs))
        elif each.kind == "switch":
            form.setlist(each.name, ["", "1"] if each.value else [""])
        elif each.kind in ("names", "checks"):
            form.setlist(each.name, ["", *(value for value, *_label in each.value or ())])
        else:
            form.add(each.name, "" if each.value is None else str(each.value))
    return form


def asked(content, **more):
    """(the columns as a form has them after `more` was done to it, the form)."""
    schema = {"properties": {"columns": COLUMNS}}
    form = sent(schema_form.inputs(schema, {"columns": content}, draft=KNOWN, module=KNOWN.modules["deals"]))
    form.update(more)
    read = schema_form.read(schema, form, before={"columns": content}, draft=KNOWN, module=KNOWN.modules["deals"])
    return read.get("columns"), form


@pytest.mark.parametrize("known", SEED.import_maps(), ids=lambda known: known.name)
def test_the_columns_of_every_import_map_come_back_as_they_are(known):
    rows = schema_maps.rows(COLUMNS, known.columns)
    assert schema_maps.mapping(COLUMNS, rows) == known.to_json().get("columns", {})


def test_a_form_sent_back_changes_nothing():
    content = {"Amount": "amount", "Account": {"path": "account", "match": "name", "values": {"ACME": "Acme"}},
               "Made": ["close_date", {"path": "name", "hints": {"day_first": True}}], "Age": {"ignore": True}}
    assert asked(content)[0] == content


def test_rows_are_added_filled_and_removed():
    content = {"Amount": "amount"}
    added, _form = asked(content, **{"schema:do": "add:columns"})
    assert added == {"Amount": "amount", "": None}
    inputs = schema_form.inputs({"properties": {"columns": COLUMNS}}, {"columns": added}, draft=KNOWN,
                                module=KNOWN.modules["deals"])
    assert [row.title for row in inputs[0].rows] == ["Amount → Amount", ""]
    filled, _form = asked(added, **{"columns.1.key": "Closing", "columns.1.path": "close_date"})
    assert filled == {"Amount": "amount", "Closing": "close_date"}
    assert asked(added)[0] == content                                              # a row without a name says nothing
    assert asked(filled, **{"schema:do": "remove:columns.0"})[0] == {"Closing": "close_date"}


def test_one_column_that_fills_two_fields_is_two_rows():
    both, _form = asked({"Made": "close_date", "Closed": "amount"}, **{"columns.1.key": "Made"})
    assert both == {"Made": ["close_date", "amount"]}


def test_plain_words_are_a_name_and_a_value():
    schema = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 500}}
    assert schema_maps.is_map(schema) and not schema_maps.is_map({"type": "object"})
    assert schema_maps.rows(schema, {"a": "A"}) == [{"key": "a", "value": "A"}]
    assert schema_maps.mapping(schema, [{"key": "a", "value": "B"}, {"value": "C"}]) == {"a": "B"}
    assert list(schema_maps.items(schema)["properties"]) == ["key", "value"]


def test_the_words_around_it_are_the_readers():
    with text.speaking("vi"):
        drawn = schema_form.inputs({"properties": {"columns": COLUMNS}}, {"columns": {"A": "name"}}, draft=KNOWN,
                                   module=KNOWN.modules["deals"])
    assert drawn[0].rows[0].inputs[0].label == "Cột của tệp"
