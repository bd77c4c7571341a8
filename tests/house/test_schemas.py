"""Each noun's JSON Schema and dataclass say the same; every property explains itself in plain words."""
from dataclasses import MISSING, fields

import jsonschema
import pytest

from metadata import references, shape
from metadata.model.document import noun_name
from metadata.model.field import Field
from metadata.model.nouns import ADDITIONS, nouns
from metadata.model.seed import Seed

EVERY = [*nouns().values(), *ADDITIONS.values(), Field, Seed]
KNOWN_FORMATS = references.FORMATS | {"operator", "id", "api-name", "label", "words", "field-type", "view-kind", "action",
                                    "scenario-step", "expectation"}


@pytest.mark.parametrize("noun", EVERY, ids=lambda noun: noun.__name__)
def test_schema_and_dataclass_have_the_same_properties(noun):
    schema = shape.schema(noun)

    assert list(schema["properties"]) == [field.name for field in fields(noun)]
    assert set(schema["required"]) == {field.name for field in fields(noun)
                                       if field.default is MISSING and field.default_factory is MISSING}
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("noun", EVERY, ids=lambda noun: noun.__name__)
def test_schema_and_dataclass_have_the_same_defaults(noun):
    for field in fields(noun):
        schema = shape.schema(noun)["properties"][field.name]
        if field.default is not MISSING or field.default_factory is not MISSING:
            default = field.default if field.default is not MISSING else field.default_factory()
            assert schema["default"] == (list(default) if isinstance(default, tuple) else default), field.name


@pytest.mark.parametrize("name", shape.schemas())
def test_every_property_has_a_title_and_a_description(name):
    for place, schema in _properties(shape.schemas()[name]):
        assert schema.get("title") or place.endswith("fields"), f"{place} has no title"
        assert schema.get("description") or place.endswith("fields"), f"{place} has no description"
        assert schema.get("description", ".").endswith((".", "…", "}")), f"{place}: a sentence ends with a full stop"


@pytest.mark.parametrize("name", shape.schemas())
def test_every_schema_is_a_schema_with_known_formats(name):
    schema = shape.schemas()[name]

    jsonschema.Draft202012Validator.check_schema(schema)
    for place, each in _properties(schema):
        if "format" in each:
            assert each["format"] in KNOWN_FORMATS, place


def test_every_noun_has_a_schema_and_every_schema_a_noun():
    assert set(shape.schemas()) - {"criteria"} == {noun_name(noun) for noun in EVERY}


def _properties(schema, place=""):
    if isinstance(schema, dict):
        for name, each in schema.get("properties", {}).items():
            yield f"{place}.{name}", each
            yield from _properties(each, f"{place}.{name}")
        for inner in ("items", "additionalProperties"):
            yield from _properties(schema.get(inner), place)
        for each in schema.get("anyOf", ()):
            yield from _properties(each, place)
