"""A field may be called like a method of dict: the form shows its value, and no error that is none."""
import flask
import pytest

from runtime.app import create_app
from runtime.web.templating import Environment


@pytest.fixture
def environment():
    return Environment(flask.Flask(__name__))


@pytest.mark.parametrize("name", ["keys", "items", "values", "get", "pop", "update", "copy"])
def test_a_name_in_brackets_is_the_entry_alone(environment, name):
    drawn = environment.from_string("{{ given[name] or 'nothing' }}")

    assert drawn.render(given={}, name=name) == "nothing"
    assert drawn.render(given={name: "hook 14"}, name=name) == "hook 14"


def test_what_is_no_mapping_is_asked_as_ever(environment):
    assert environment.from_string("{{ given['upper']() }}{{ given[0] }}").render(given="ab") == "ABa"


def test_the_pages_are_drawn_so(database):
    assert isinstance(create_app({"SECRET_KEY": "tests only, of thirty-two bytes or more"}).jinja_env, Environment)
