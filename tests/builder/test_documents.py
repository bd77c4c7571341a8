"""A module's settings, a page for every definition, and the search over them."""
import re

import pytest

from builder import draft as drafts
from runtime.app import create_app
from runtime.security import users
from runtime.values import Actor
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.accounts(), builders.deals(), builders.a_layout("deals"),
                         builders.a_view("deals", ("name", "amount")), builders.a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    post(client, "/builder/review/drop")
    return client


def post(client, address, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf})


def draft():
    return drafts.current(Actor(user_id=users.get("boss").id, name="Bo", roles=("Admin",))).definitions


def test_a_module_is_called_otherwise_in_two_languages(boss):
    assert "Stage field" in boss.get("/builder/m/deals/settings").text
    saved = post(boss, "/builder/m/deals/settings", label="Case", plural="Cases", group="Sales", **{
        "vi:plural": "Hồ sơ", "search_fields": ["", "name", "stage"]})
    assert saved.status_code == 303
    module = draft().modules["deals"]
    assert (module.label, module.plural, module.group, module.search_fields) == ("Case", "Cases", "Sales", ("name", "stage"))
    assert module.fields == builders.deals().fields and draft().translations["vi"].labels == {"modules.deals.plural": "Hồ sơ"}


def test_another_api_name_of_a_module_reaches_what_names_it(boss):
    saved = post(boss, "/builder/m/deals/settings", label="Deal", plural="Deals", name="chances")
    assert saved.location == "/builder/m/chances/settings"
    assert draft().modules["accounts"].field("won").settings["module"] == "chances" and "deals" not in draft().modules
    assert draft().views_of("chances")[0].module == "chances"


def test_a_module_without_a_label_is_not_kept(boss):
    answer = post(boss, "/builder/m/deals/settings", label="", plural="Deals")
    assert answer.status_code == 422 and draft().modules["deals"].label == "Deal"


@pytest.mark.parametrize("folder", ["buttons", "import_maps", "layouts", "roles", "translations", "validation_rules", "views"])
def test_every_noun_has_a_list_and_a_form_for_a_new_one(boss, folder):
    assert boss.get(f"/builder/d/{folder}").status_code == 200
    assert boss.get(f"/builder/d/{folder}/new?module=deals").status_code == 200


def test_a_role_is_made_changed_and_removed(boss):
    made = post(boss, "/builder/d/roles/new", label="Field agent")
    assert made.location == "/builder/d/roles/field_agent"
    assert boss.get(made.location).location == "/builder/roles/field_agent"
    assert 'value="Field agent"' in boss.get("/builder/roles/field_agent").text
    post(boss, "/builder/roles/field_agent", label="Field agents", name="field_agent", description="Out all day.")
    assert draft().roles["field_agent"].description == "Out all day."
    post(boss, made.location, remove="1")
    assert "field_agent" not in draft().roles


def test_what_a_role_may_do_is_a_table_of_modules(boss):
    post(boss, "/builder/roles/rep", label="Rep", name="rep", grants=["*", "mod_deals"], module="mod_deals",
         fields=["fld_deals_amount"], **{
        "*:read": "own", "*:create": "1", "mod_deals:read": "all", "mod_deals:edit": "own", "field:fld_deals_amount": "hidden"})
    nothing = {"import": False, "export": False, "give": False}
    assert draft().roles["rep"].modules == {
        "*": {"read": "own", "edit": "no", "delete": "no", "create": True} | nothing,
        "mod_deals": {"read": "all", "edit": "own", "delete": "no", "create": False} | nothing | {
            "fields": {"fld_deals_amount": "hidden"}}}
    post(boss, "/builder/roles/rep", label="Rep", name="rep", grants=["mod_deals"], **{"mod_deals:read": ""})
    assert set(draft().roles["rep"].modules) == {"*"}
    assert "Fields of Deals" in boss.get("/builder/roles/rep?module=mod_deals").text


def test_what_is_wrong_with_a_definition_stands_beside_it(boss):
    answer = post(boss, "/builder/d/import_maps/new", label="")
    assert answer.status_code == 422 and "Fill this in." in answer.text


def test_a_module_lists_what_belongs_to_it_and_has_no_tab_of_its_own(boss):
    page = boss.get("/builder/m/deals/more").text
    assert 'href="/builder/d/duplicate_rules/new?module=deals"' in page and "/builder/d/views/deals.all" not in page


RULES = (
    ("duplicate_rules/deals.same", {"id": "dup_same", "name": "same", "module": "deals", "label": "Same", "active": False,
                                    "action": "block", "compare": [{"field": "name", "by": "similar"}, {"field": "account"}]},
     "Two are probably the same where Name in similar words and Account agree. Saving one more is refused. It is off."),
    ("convert_maps/deals.won", {"id": "conv_won", "name": "won", "module": "deals", "label": "Convert",
                                "when": {"field": "amount", "operator": "above", "operand": 5},
                                "targets": [{"module": "accounts", "optional": True,
                                             "fields": [{"field": "name", "from": "name"}]}]},
     "Deal becomes Account (if wanted). Only where Amount is above $5."),
    ("import_maps/old_deals", {"id": "imp_old", "name": "old_deals", "label": "Old", "module": "deals", "files": ["Old*.csv"],
                               "columns": {"Deal": "name", "Sum": "amount"}, "match": "name"},
     "2 columns go into Deals. For files called Old*.csv. A record with the same Name is updated."))


@pytest.mark.parametrize(("path", "content", "said"), RULES, ids=[path for path, _content, _said in RULES])
def test_a_rule_is_told_in_a_plain_line(boss, path, content, said):
    drafts.change(users.actor_for("boss", "page"), "Add it.", lambda known: known.with_document(drafts.document(path, content)))
    assert said in boss.get(f"/builder/d/{path.partition('/')[0]}").text and said in boss.get(f"/builder/d/{path}").text


def test_the_search_says_where_a_field_is_used_and_a_word_is_said(boss):
    page = boss.get("/builder/search?q=amount").text
    assert "deals.amount" in page and "· Weighted" in page.replace("\n", "") and 'href="/builder/d/views/deals.all"' in page
    assert "Nothing is called or says that" in boss.get("/builder/search?q=zzzz").text
    assert 'href="/builder/d/roles/rep"' in boss.get("/builder/search?q=rep").text


def test_unknown_definitions_are_not_there(boss):
    for address in ("/builder/d/seeds", "/builder/d/views/deals.none", "/builder/d/x/new", "/builder/m/none/settings"):
        assert boss.get(address).status_code == 404, address


def test_the_menu_is_ordered_by_buttons_and_by_dragging(boss):
    first = list(draft().modules)
    post(boss, f"/builder/menu/{first[0]}/move", to="down")
    assert list(draft().modules) == [first[1], first[0]]
    post(boss, "/builder/menu/order", order=f"{first[0]}@Sales\n{first[1]}@")
    assert list(draft().modules) == first and draft().modules[first[0]].group == "Sales"


def test_an_import_map_is_a_table_of_columns_without_scripts(boss):
    kept = {"label": "Old system", "module": "deals", "on_match": "update", "columns:rows": ["", "0"], "columns.0.key": "Amount",
            "columns.0.path": "amount"}
    first = post(boss, "/builder/d/import_maps/new", label="Old system", module="deals")
    assert first.status_code == 303
    page = boss.get(first.location).text
    assert 'name="schema:do" value="add:columns"' in page and "b-mono" not in page
    more = post(boss, first.location, **kept, **{"schema:do": "add:columns"})
    assert more.status_code == 200 and 'name="columns.1.key"' in more.text
    post(boss, first.location, **kept | {"columns:rows": ["", "0", "1"], "columns.1.key": "Customer", "columns.1.path": "account",
                                         "columns.1.match": "name", "columns.1.values:rows": ["", "0"],
                                         "columns.1.values.0.key": "ACME", "columns.1.values.0.value": "Acme"})
    assert draft().import_maps()[0].columns == {"Amount": "amount", "Customer": {"path": "account", "match": "name",
                                                                                 "values": {"ACME": "Acme"}}}


def test_what_tests_a_setup_is_called_a_test_wherever_it_is_named(boss):
    page = boss.get("/builder/d/scenarios/new").text
    assert "New test" in page and ">Tests</a>" in page and "cenario" not in re.sub(r'"[^"]*"', "", page)
