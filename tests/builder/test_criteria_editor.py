"""A condition is picked in words, read back from the form, written as text and back, and tried on a record."""
import re
from html import unescape

import flask
import pytest
from werkzeug.datastructures import MultiDict

from builder import criteria_editor
from metadata import criteria_text, paths
from runtime.app import create_app
from runtime.kinds.kind import catalogue
from runtime.records import service
from runtime.records.facts import ValueScope
from runtime.security import users
from runtime.tables import criteria, published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

CONTROL = re.compile(r"<input ([^>]*)>|<select ([^>]*)>(.*?)</select>|<textarea ([^>]*)>(.*?)</textarea>", re.S)


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    hot = builders.a_field("hot", "checkbox", of="deals")
    builders.publish_all(builders.accounts(), builders.deals(hot), builders.a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    return signed_in(app, "boss")


@pytest.fixture
def asked(app):
    with app.test_request_context("/builder"):
        flask.g.actor = HOUSE
        yield published.refresh().definitions


def posted(app, editor):
    """What a browser sends back of an editor: {name: values} of its controls."""
    found = MultiDict()
    for tag in CONTROL.finditer(str(app.jinja_env.get_template("builder/parts/criteria.html").module.criteria(editor))):
        attributes = tag[1] or tag[2] or tag[4]
        name = re.search(r'name="([^"]*)"', attributes)
        if name is None or ('type="checkbox"' in attributes and " checked" not in attributes):
            continue
        value = re.search(r'value="([^"]*)"', attributes)
        if tag[2]:
            value = re.search(r'<option value="([^"]*)" selected', tag[3]) or re.search(r'<option value="([^"]*)"', tag[3])
        found.add(unescape(name[1]), unescape(tag[5] if tag[4] else value[1] if value else ""))
    return found


TREES = [
    {"field": "amount", "operator": "above", "operand": 1000},
    {"field": "amount", "operator": "between", "operand": [5, 10]},
    {"all": [{"field": "stage", "operator": "one_of", "operand": ["Proposal", "Closed Won"]},
             {"any": [{"field": "account.industry", "operator": "empty"},
                      {"field": "name", "operator": "contains", "operand": "Elm"}]}]},
    {"not": {"any": [{"field": "close_date", "operator": "before", "operand": "today-7"}, {"expression": "amount / 2 > 5"}]}},
    {"field": "stage", "operator": "is_not", "operand": "Proposal"},
    {"field": "amount.currency", "operator": "is", "operand": "USD"},
    {"all": [{"field": "hot", "operator": "is_true"}, {"field": "owner", "operator": "is_me"}]},
    {"field": "name", "operator": "one_of", "operand": ["a", "b c"]},
]


@pytest.mark.parametrize("tree", TREES, ids=str)
def test_what_is_drawn_comes_back_as_it_was(app, asked, tree):
    module = asked.modules["deals"]
    form = posted(app, criteria_editor.editor(asked, module, tree, name="refuse_if"))
    form.poplist("refuse_if")

    assert criteria_editor.read(form, "refuse_if", asked, module) == tree
    assert criteria_editor.problems(asked, module, tree) == []
    assert criteria_editor.summary(asked, module, tree)


def test_rows_and_groups_are_added_and_removed_by_buttons(app, asked):
    module, tree = asked.modules["deals"], None
    for action in ("row@", "group@", "text@", "row@0", "remove@1"):
        form = posted(app, criteria_editor.editor(asked, module, tree, name="show_if"))
        form["show_if:do"] = action
        assert criteria_editor.pressed(form) and criteria_editor.pressed(form, "show_if")
        tree = criteria_editor.read(form, "show_if", asked, module, loose=True)

    empty = {"field": "", "operator": "is"}
    assert tree == {"all": [{"any": [empty, empty]}]} and criteria_editor.settled(tree) is None


def test_another_field_forgets_the_answer_to_the_old_one(app, asked):
    module = asked.modules["deals"]
    form = posted(app, criteria_editor.editor(asked, module, TREES[0], name="c"))
    form["c:0:field"] = "name"
    assert criteria_editor.read(form, "c", asked, module) == {"field": "name", "operator": "is"}


VALUES = [{}, {"amount": 7, "stage": "Proposal", "name": "Elm", "hot": True, "owner": 3},
          {"amount": 2000, "stage": "Closed Won", "name": "a", "hot": False, "account.industry": "IT"}]


@pytest.mark.parametrize("tree", TREES, ids=str)
def test_words_and_their_text_hold_for_the_same_records(asked, tree):
    now, module = published.current(), asked.modules["deals"]
    plain = paths.Scope(asked, catalogue(), module)
    text = criteria_text.to_text(tree, plain)
    again = criteria_text.from_text(text, plain)

    for other in ({"expression": text}, again):
        for values in VALUES:
            moment = HOUSE.moment(None)
            assert (criteria.as_python(tree, ValueScope(now, module))(values, moment)
                    == criteria.as_python(other, ValueScope(now, module))(values, moment)), (text, other, values)


def test_an_expression_is_checked_with_place_and_cause(boss):
    asked = "/builder/criteria/check?module=deals&name=x&wanted=boolean"
    for text, told in (("amount > ", "At character"), ("amnt > 5", "There is no field &#39;amnt&#39;"),
                       ("amount", "true or false is needed"),
                       ("amount > 5", "This can be read")):
        assert told in boss.post(asked, data={"x": text, "csrf_token": boss.csrf}).text, text


def test_a_condition_is_tried_on_a_record(boss):
    made = service.create(HOUSE, "deals", {"name": "Elm", "amount": "1500", "stage": "Proposal"})
    form = {"c:part": ["=group", "0=row"], "c::match": "all", "c:0:field": "amount", "c:0:was": "amount", "c:0:operator": "above",
            "c:0:operand": "1000", "csrf_token": boss.csrf, "c:try": str(made.id)}

    assert "It holds for Elm." in boss.post("/builder/criteria/try?module=deals&name=c", data=form).text
    told = boss.post("/builder/criteria/try?module=deals&name=c", data=form | {"c:0:operand": "2000"}).text
    assert "It does not hold for Elm." in told and "1,500" in told
    assert "Choose a record" in boss.post("/builder/criteria/try?module=deals&name=c", data=form | {"c:try": ""}).text
    assert "amount" in boss.get("/builder/criteria/words?module=deals").text
    drawn = boss.post("/builder/criteria?module=deals&name=c", data=form | {"c:do": "write@"}).text
    assert "amount &gt; 1000" in drawn
