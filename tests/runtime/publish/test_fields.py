"""A field that no new record could have is refused before it is published, with a sentence."""
import pytest

from metadata.definitions import Definitions
from runtime import publish
from runtime.records import service
from runtime.values import HOUSE
from tests.builders import a_field, a_module, publish_all

pytestmark = pytest.mark.usefixtures("database")
COLOURS = {"choices": [{"value": "red", "label": "Red"}]}


def told(field):
    return publish.plan(Definitions.of_documents([a_module("plants", field)])).problems


@pytest.mark.parametrize(("type", "default", "settings"), [
    ("integer", "abc", {}), ("integer", 7, {"max": 5}), ("date", "today+x", {}), ("email", "nobody", {}),
    ("text", "x" * 9, {"max_length": 5}), ("percent", "many", {}), ("currency", {"value": "much"}, {}),
    ("address", {"planet": "Mars"}, {}), ("checkbox", "perhaps", {})])
def test_a_default_its_own_field_refuses_is_no_default(type, default, settings):
    problem, = told(a_field("sort", type, of="plants", default=default, settings=settings))

    assert problem.path == "modules/plants#fields.sort.default"
    assert problem.message.startswith("'Sort' does not take its own default. ")


@pytest.mark.parametrize(("type", "default", "settings"), [
    ("integer", 7, {}), ("integer", "7", {}), ("date", "today", {}), ("date", {"days": 3}, {}), ("datetime", "now", {}),
    ("owner", "me", {}), ("checkbox", True, {}), ("picklist", "red", COLOURS), ("multi_picklist", ["red"], COLOURS),
    ("text", "x", {}), ("currency", 12.5, {}), ("tags", ["new"], {})])
def test_a_default_its_field_takes_is_what_new_records_begin_with(type, default, settings):
    name = f"plants_{type}_{len(str(default))}"
    publish_all(a_module(name, a_field("sort", type, of=name, default=default, settings=settings)))

    actor = HOUSE if type != "owner" else HOUSE.__class__(1, "Lan", everything=True)
    assert "sort" in service.defaults(actor, name)


@pytest.mark.parametrize("type", ["address", "long_text", "rich_text", "tags"])
def test_what_an_index_cannot_hold_cannot_be_held_unique(type):
    problem, = told(a_field("sort", type, of="plants", unique=True))

    assert problem.path == "modules/plants#fields.sort.unique" and "cannot be held unique" in problem.message


def test_a_text_of_a_thousand_characters_is_too_long_to_be_held_unique():
    assert told(a_field("sort", of="plants", unique=True, settings={"max_length": 1000}))
    assert not told(a_field("sort", of="plants", unique=True, settings={"max_length": 500}))


@pytest.mark.parametrize("type", ["integer", "decimal", "currency", "percent"])
def test_bounds_that_leave_no_value_are_refused(type):
    problem, = told(a_field("sort", type, of="plants", settings={"min": 5, "max": 1}))

    assert problem.path.startswith("modules/plants#fields.sort") and "so no value would do" in problem.message
