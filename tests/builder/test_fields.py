"""Fields by clicking: added from the palette, set up, moved, removed and brought back; each a step that can be taken back."""
import re

import pytest

from builder import draft as drafts
from metadata.model.scenario import Scenario
from metadata.model.validation_rule import ValidationRule
from runtime.app import create_app
from runtime.kinds.kind import catalogue
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE, Actor
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    layout = builders.a_layout("deals", sections=({"name": "main", "label": "Main", "columns": 2, "fields": ["name", "amount"]},
                                                  {"name": "money", "label": "Money", "columns": 2, "fields": ["stage"]}))
    builders.publish_all(builders.accounts(), builders.deals(), layout, builders.a_view("deals", ("name", "amount")),
                         builders.a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    post(client, "/builder/review/drop")
    return client


def post(client, address, **data):
    return client.post(address, data={name.replace("__", ":"): value for name, value in data.items()} | {"csrf_token": client.csrf})


def me():
    return Actor(user_id=users.get("boss").id, name="Bo", roles=("Admin",), everything=True)


def draft():
    return drafts.current(me()).definitions


def deals():
    return draft().modules["deals"]


def add(client, type, **data):
    place = post(client, "/builder/m/deals/fields", type=type, **data).location
    return re.fullmatch(r".*/fields/([a-z0-9_]+)\?new=1#field_settings", place)[1]


def test_the_page_shows_palette_list_and_settings(boss):
    page = boss.get("/builder/m/deals").text
    for words in ("Add a field", "Linked", "Roll-up", "Picklist, 4 choices", "Find a field", 'id="field_settings"'):
        assert words in page, words


@pytest.mark.parametrize("kind", list(catalogue().all("field_types")), ids=lambda kind: kind.name)
def test_every_type_can_be_added_and_its_settings_drawn(boss, kind):
    answer = post(boss, "/builder/m/deals/fields", type=kind.name)
    assert answer.status_code == 303 and boss.get(answer.location).status_code == 200


def test_what_needs_settings_is_in_the_draft_once_it_has_them(boss):
    begun = post(boss, "/builder/m/deals/fields", type="rollup", before="fld_deals_amount")
    assert begun.location == "/builder/m/deals/new/rollup?before=fld_deals_amount#field_settings"
    answer = post(boss, "/builder/m/deals/new/rollup", label="Fees", **{"settings.module": ""})
    assert answer.status_code == 422 and "Fill this in." in answer.text and deals().field("fees") is None
    post(boss, "/builder/m/accounts/new/rollup", label="Deals lost", **{
        "settings.module": "deals", "settings.field": "account", "settings.measure": "count"})
    assert draft().modules["accounts"].field("deals_lost").settings == {"module": "deals", "field": "account", "measure": "count"}


def test_a_new_field_stands_on_the_form_and_can_be_placed_elsewhere(boss):
    name = add(boss, "percent")
    assert draft().layouts_of("deals")[0].sections[0]["fields"][-1] == name
    saved = post(boss, f"/builder/m/deals/fields/{name}", label="Penalty cap", name="penalty_cap", section="money",
                 required="1", **{"settings.max": "10", "vi:label": "Mức phạt"})
    assert saved.location == "/builder/m/deals/fields/penalty_cap"
    field = deals().field("penalty_cap")
    assert (field.label, field.required, field.settings) == ("Penalty cap", True, {"max": 10})
    assert draft().layouts_of("deals")[0].sections[1]["fields"][-1] == "penalty_cap"
    assert draft().translations["vi"].labels["modules.deals.fields.penalty_cap.label"] == "Mức phạt"
    assert "Penalty cap" in boss.get("/builder/m/deals").text and ">Added<" in boss.get("/builder/m/deals").text


def test_a_field_is_dropped_in_front_of_another(boss):
    name = add(boss, "text", before="fld_deals_amount")
    order = [each.name for each in deals().fields]
    assert order[order.index(name) + 1] == "amount"


def test_moving_and_dragging_change_the_order(boss):
    post(boss, "/builder/m/deals/fields/amount/move", to="up")
    assert [each.name for each in deals().fields][:3] == ["name", "amount", "stage"]
    ids = [each.id for each in reversed(deals().fields)]
    post(boss, "/builder/m/deals/order", order=" ".join(ids))
    assert [each.id for each in deals().fields] == ids


def test_a_removed_field_leaves_the_form_and_the_views_and_can_be_brought_back(boss):
    post(boss, "/builder/m/deals/fields/close_date/remove")
    assert deals().field("close_date") is None and "To remove" in boss.get("/builder/m/deals").text
    post(boss, "/builder/m/deals/fields/fld_deals_close_date/restore")
    assert deals() == published.refresh().definitions.modules["deals"]
    asked = post(boss, "/builder/m/deals/fields/amount/remove")
    assert "have to be changed by hand" in asked.text and deals().field("amount")     # a roll-up of the accounts sums it
    post(boss, "/builder/m/deals/fields/amount/remove", **{"with": "none"})
    assert "amount" not in draft().layouts_of("deals")[0].sections[0]["fields"]
    assert draft().views_of("deals")[0].columns == ("name",)


def test_the_field_that_records_are_called_by_stays(boss):
    assert post(boss, "/builder/m/deals/fields/name/remove").status_code == 422 and deals().field("name")


def test_another_api_name_is_carried_into_what_uses_it(boss):
    saved = post(boss, "/builder/m/deals/fields/amount", label="Value", name="value")
    assert saved.status_code == 303 and draft().views_of("deals")[0].columns == ("name", "value")
    assert deals().field("weighted").settings["expression"].startswith("value")
    assert post(boss, "/builder/m/deals/fields/value", label="Value", name="stage").status_code == 422


def test_what_a_type_needs_is_said_beside_it(boss):
    answer = post(boss, "/builder/m/deals/fields/account", label="Partner", **{"settings.module": ""})
    assert answer.status_code == 422 and "Fill this in." in answer.text
    assert post(boss, "/builder/m/deals/fields/account", label="Partner", **{"settings.module": "accounts"}).status_code == 303


def test_choices_are_added_row_by_row_and_take_their_value_from_the_label(boss):
    form = {"label": "Kind of house", "settings.choices:rows": ["", "0"], "settings.choices.0.label": "House",
            "settings.choices.0.color": "green"}
    drawn = post(boss, "/builder/m/deals/new/picklist", **form, schema__do="add:settings.choices")
    assert drawn.status_code == 200 and 'name="settings.choices.1.label"' in drawn.text and deals().field("kind_of_house") is None
    post(boss, "/builder/m/deals/new/picklist", **form)
    assert deals().field("kind_of_house").settings == {"choices": [{"value": "House", "label": "House", "color": "green"}]}


def test_where_a_field_is_used_is_listed(boss):
    page = boss.get("/builder/m/deals/fields/amount").text
    assert 'href="/builder/d/views/deals.all"' in page and "· Weighted" in page.replace("\n", "")
    assert "· Won" in page.replace("\n", "")


def test_a_copy_stands_behind_its_original(boss):
    post(boss, "/builder/m/deals/fields/stage/duplicate")
    order = [each.label for each in deals().fields]
    assert order[order.index("Stage") + 1] == "Copy of Stage"
    assert deals().fields[order.index("Copy of Stage")].settings == deals().field("stage").settings


def test_taking_back_the_step_that_made_a_field_leads_to_its_module(boss):
    name = add(boss, "text")
    back = post(boss, "/builder/undo", **{"from": f"/builder/m/deals/fields/{name}"})
    assert back.location == "/builder/m/deals" and deals().field(name) is None


# Choices

def a_choice_form(field, *kept):
    """The settings form of a picklist with only these of its choices, by their number."""
    rows = {}
    for number in kept:
        for name, value in field.settings["choices"][number].items():
            rows[f"settings.choices.{number}.{name}"] = str(value)
    return rows | {"label": field.label, "name": field.name, "type": field.type, "settings.choices:rows": ["", *map(str, kept)]}


def test_a_choice_that_nothing_says_goes_without_a_question(boss):
    stage = deals().field("stage")
    answer = post(boss, "/builder/m/deals/fields/stage", **a_choice_form(stage, 0, 1, 2))
    assert answer.status_code == 303
    assert len(deals().field("stage").settings["choices"]) == 3 and "replaced" not in deals().field("stage").settings


def test_a_choice_that_records_hold_and_views_ask_for_is_replaced_in_both(boss):
    values = [each["value"] for each in deals().field("stage").settings["choices"]]
    service.create(HOUSE, "deals", {"name": "Held", "stage": values[3]})
    drafts.change(me(), "Add a view.", lambda known: known.with_document(builders.a_view(
        "deals", ("name",), name="last", criteria={"any": [
            {"field": "stage", "operator": "one_of", "operand": [values[3], values[0]]},
            {"expression": f'stage == "{values[3]}" or name == "{values[3]}"'}]})))

    asked = post(boss, "/builder/m/deals/fields/stage", **a_choice_form(deals().field("stage"), 0, 1, 2))
    assert asked.status_code == 200 and "1 record holds it." in asked.text and f'name="replace:{values[3]}"' in asked.text
    assert len(deals().field("stage").settings["choices"]) == 4

    done = post(boss, "/builder/m/deals/fields/stage", **a_choice_form(deals().field("stage"), 0, 1, 2),
                **{f"replace:{values[3]}": values[0]})
    assert done.status_code == 303
    assert deals().field("stage").settings["replaced"] == {values[3]: values[0]}
    first, second = draft().documents["views/deals.last"].criteria["any"]
    assert first["operand"] == [values[0]]
    assert second == {"expression": f'stage == "{values[0]}" or name == "{values[3]}"'}


def test_a_choice_that_goes_can_be_left_as_it_is(boss):
    values = [each["value"] for each in deals().field("stage").settings["choices"]]
    done = post(boss, "/builder/m/deals/fields/stage", **a_choice_form(deals().field("stage"), 0, 1, 2),
                **{f"replace:{values[3]}": ""})
    assert done.status_code == 303 and "replaced" not in deals().field("stage").settings
    assert "Records hold values" in boss.get("/builder/review").text


def test_a_default_is_asked_for_as_its_type_takes_it(boss):
    values = [each["value"] for each in deals().field("stage").settings["choices"]]
    page = boss.get("/builder/m/deals/fields/stage").text
    assert re.search(rf'<select[^>]*name="default".*<option value="{values[0]}"', page, re.DOTALL)
    post(boss, "/builder/m/deals/fields/stage", **a_choice_form(deals().field("stage"), 0, 1, 2, 3), default=values[0])
    assert deals().field("stage").default == values[0]

    ticked = add(boss, "checkbox")
    assert 'role="switch" id="s-default"' in boss.get(f"/builder/m/deals/fields/{ticked}").text
    post(boss, f"/builder/m/deals/fields/{ticked}", label="Ticked", name="ticked", type="checkbox", default="1")
    assert deals().field("ticked").default is True

    whole = add(boss, "integer")
    post(boss, f"/builder/m/deals/fields/{whole}", label="Whole", name="whole", type="integer", default="12")
    assert deals().field("whole").default == 12

    person = add(boss, "owner")
    assert "Whoever makes the record" in boss.get(f"/builder/m/deals/fields/{person}").text


def test_removing_a_field_names_what_cannot_stand_without_it_and_takes_it_along_in_one_step(boss):
    name = add(boss, "integer")
    over = {"field": name, "operator": "above", "operand": 5}
    view = builders.a_view("deals", ("name", name), name="big", criteria={"all": [
        over, {"field": "name", "operator": "not_empty"}]})
    rule = ValidationRule(id="rule_big", name="big", module="deals", message="Too big.", refuse_if=over)
    drafts.change(me(), "Add a view and a rule.", lambda known: known.with_document(view).with_document(rule))

    asked = post(boss, f"/builder/m/deals/fields/{name}/remove")
    assert asked.status_code == 200 and "These cannot stand without it:" in asked.text and "Too big." in asked.text
    assert deals().field(name)

    assert post(boss, f"/builder/m/deals/fields/{name}/remove", **{"with": "all"}).status_code == 303
    now = draft().documents
    assert deals().field(name) is None and "validation_rules/deals.big" not in now
    assert list(now["views/deals.big"].columns) == ["name"]
    assert now["views/deals.big"].criteria == {"all": [{"field": "name", "operator": "not_empty"}]}

    post(boss, "/builder/undo")
    assert deals().field(name) and "validation_rules/deals.big" in draft().documents


def test_removing_a_field_only_leaves_the_rest_for_the_review_to_name(boss):
    name = add(boss, "integer")
    rule = ValidationRule(id="rule_big", name="big", module="deals", message="Too big.",
                          refuse_if={"field": name, "operator": "above", "operand": 5})
    drafts.change(me(), "Add a rule.", lambda known: known.with_document(rule))
    assert post(boss, f"/builder/m/deals/fields/{name}/remove", **{"with": "none"}).status_code == 303
    assert "validation_rules/deals.big" in draft().documents and deals().field(name) is None


def test_the_panel_says_who_sees_the_field_and_when_it_is_shown(boss):
    page = boss.get("/builder/m/deals/fields/amount").text
    assert "Who can see it" in page and re.search(r'/builder/roles/rep">[^<]*</a> <span class="hint">changes it', page)
    rep = builders.a_role("rep", deals={"read": "all", "edit": "no", "fields": {"fld_deals_stage": "hidden"}})
    drafts.change(me(), "Let reps read.", lambda known: known.with_document(rep))
    assert '<span class="hint">reads it' in boss.get("/builder/m/deals/fields/amount").text
    assert '<span class="hint">does not see it' in boss.get("/builder/m/deals/fields/stage").text
    assert "/builder/m/deals/layout_rules/new" in page


def test_a_field_goes_from_where_names_lead_to_values_too(boss):
    test = Scenario(id="scn_amounts", name="amounts", label="Amounts",
                    then=({"expect": "exists", "settings": {"module": "deals"}},),
                    given=({"name": "big", "module": "deals", "values": {"name": "Big", "stage": "New"}},))
    drafts.change(me(), "Add a test.", lambda known: known.with_document(test))
    post(boss, "/builder/m/deals/fields/stage/remove", **{"with": "none"})
    assert deals().field("stage") is None
    assert draft().documents[test.path].given[0]["values"] == {"name": "Big"}


def test_a_new_field_marks_what_it_cannot_be_without_and_asks_for_no_more_than_fits(boss):
    lookup, box, text = (boss.get(f"/builder/m/deals/new/{kind}").text for kind in ("lookup", "checkbox", "text"))

    assert re.search(r'<label for="s-settings-module">[^<]* <span class="b-req"', lookup)
    assert 'name="unique"' in text and 'name="unique"' in box and 'name="unique"' not in boss.get(
        "/builder/m/deals/new/rich_text").text
    assert "Used in" not in text and "Used in" in boss.get("/builder/m/deals/fields/name").text


def test_what_a_roll_up_lacks_is_said_once_beside_each(boss):
    page = post(boss, "/builder/m/deals/new/rollup", label="Sum", name="sum")

    assert page.status_code == 422 and page.text.count("Fill this in.") == 3
    for name in ("module", "field", "measure"):
        assert re.search(rf'name="settings.{name}"[^>]*aria-invalid', page.text), name


def test_a_formula_that_cannot_be_read_is_said_beside_it(boss):
    page = post(boss, "/builder/m/deals/new/formula", label="Double", name="double",
                **{"settings.expression": "amuont * 2", "settings.result": "number"})

    assert page.status_code == 422 and "There is no field" in page.text and "amuont" in page.text
    assert "double" not in deals().by_name
