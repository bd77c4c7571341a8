"""The check: what cannot be published is said in one sentence, with its place and the way out."""
import time
from dataclasses import replace

import pytest

from metadata import check
from metadata.definitions import Definitions, read_document
from metadata.store import Retired
from tests.builders import a_field, a_layout, a_module, a_role


def a_noun(path, **content):
    return read_document(path, content)


def problems(kinds, *documents, retired=None):
    return [str(problem) for problem in check.problems(Definitions.of_documents(documents), kinds, retired)]


def test_a_sound_set_has_no_problems(kinds):
    assert problems(kinds, a_module("accounts"), a_module(
        "deals", a_field("account", "lookup", of="deals", settings={"module": "accounts"}),
        a_field("double", "formula", of="deals", settings={"expression": "IF(ISBLANK(account.name), 1, 2)",
            "result": "number"}))) == []


@pytest.mark.parametrize(("field", "said"), [
    (a_field("x", "textt"), "modules/deals#fields.x.type: There is no field type 'textt'. Known: address, auto_number"),
    (a_field("x", "lookup", settings={"module": "acounts"}), "There is no module 'acounts'. Did you mean 'accounts'?"),
    (a_field("x", "lookup"), "modules/deals#fields.x.settings: 'module' is missing."),
    (a_field("x", "text", settings={"max_length": "long"}), "settings.max_length: It must be a whole number, not text."),
    (a_field("x", "picklist", settings={"choices": [{"value": "a", "label": "A"}, {"value": "a", "label": "B"}]}),
        "'a' stands in the list twice"),
    (a_field("x", "formula", settings={"expression": "amont * 2", "result": "number"}), "There is no field 'amont'"),
    (a_field("x", "formula", settings={"expression": "name * 2", "result": "number"}), "needs a number, not a text"),
    (a_field("x", "formula", settings={"expression": "1 +", "result": "number"}),
        "modules/deals#fields.x.settings.expression: At character"),
    (a_field("x", "formula", unique=True, settings={"expression": "1", "result": "number"}), "cannot be held unique"),
    (a_field("x", "formula", required=True, settings={"expression": "1", "result": "number"}), "cannot be required"),
    (a_field("order"), "reserved word of SQL"),
    (a_field("n" * 70), "has 70 characters"),
    (a_field("name", label="Other"), "Two fields of Deal are named 'name'"),
])
def test_a_field_that_cannot_be_is_said(kinds, field, said):
    found = problems(kinds, a_module("accounts"), a_module("deals", a_field("name", of="deals"), a_field("amount",
        "currency"), field))

    assert any(said in line for line in found), found


@pytest.mark.parametrize(("properties", "said"), [
    ({"name_field": "titel"}, "There is no field 'titel' in Deals."),
    ({"search_fields": ("name", "amount")}, "The search cannot look into 'amount'"),
    ({"stage_field": "name"}, "cannot be the stage field. Choose a picklist."),
    ({"match_fields": ("code",)}, "There is no field 'code' in Deals."),
])
def test_a_module_names_only_fields_it_has(kinds, properties, said):
    found = problems(kinds, a_module("deals", a_field("amount", "currency"), **properties))

    assert any(said in line for line in found), found


def test_links_of_views_layouts_rules_and_roles_are_followed(kinds):
    found = problems(
        kinds, a_module("accounts"), a_module("deals", a_field("account", "lookup", settings={"module": "accounts"}),
            a_field("notes", "long_text")),
        a_noun("views/deals.open", id="view_open", name="open", module="deals", label="Open", columns=["name", "account.industry"],
               criteria={"all": [{"field": "stage", "operator": "is", "operand": 1}, {"field": "name", "operator": "above",
                   "operand": 3}]},
               sort=[{"field": "closed"}], sums=["name"]),
        a_noun("layouts/deals.standard", id="lay_deals", name="standard", module="deals", label="Standard",
               sections=[{"name": "main", "label": "Main", "fields": ["name", "price"]}],
               related=[{"module": "accounts", "field": "name", "columns": ["name", "size"]}]),
        a_noun("validation_rules/deals.big", id="rule_big", name="big", module="deals", message="No.", field="size",
               refuse_if={"expression": "name & 1"}),
        a_noun("views/leads.all", id="view_leads", name="all", module="leads", label="All"),
        a_role("rep", leads={"read": "all"}))

    assert set(found) >= {
        "views/deals.open#columns.1: There is no field 'account.industry' in Deals.",
        "views/deals.open#criteria: There is no field 'stage' in Deals.",
        "views/deals.open#sort.0.field: There is no field 'closed' in Deals.",
        "views/deals.open#sums: 'name' cannot be added up: it is of type text.",
        "layouts/deals.standard#sections.main.fields.1: There is no field 'price' in Deals.",
        "layouts/deals.standard#related.0.field: 'name' of Accounts does not point to deals.",
        "layouts/deals.standard#related.0.columns.1: There is no field 'size' in Accounts.",
        "validation_rules/deals.big#field: There is no field 'size' in Deals.",
        "views/leads.all#module: There is no module 'leads'.",
        "roles/rep#modules.mod_leads: There is no module with the id 'mod_leads'. Roles name modules and fields by their ids."}
    assert any("views/deals.open#criteria: 'name' cannot be asked 'above'. Possible: is," in line for line in found)
    assert any("validation_rules/deals.big#refuse_if" in line and "true or false" in line for line in found)


def test_formulas_that_are_made_from_themselves_are_named_whole(kinds):
    accounts = a_module("accounts",
                        a_field("total", "rollup", of="accounts", settings={"module": "deals", "field": "account",
                            "measure": "sum", "of": "share"}))
    deals = a_module("deals", a_field("account", "lookup", of="deals", settings={"module": "accounts"}),
                     a_field("share", "formula", of="deals", settings={"expression": "account.total / 2", "result": "number"}))

    assert problems(kinds, accounts, deals) == [
        "modules/deals#fields.share: It is made from itself: deals.share → accounts.total → deals.share. "
        "Take one of these fields out of another's formula."] or problems(kinds, accounts, deals) == [
        "modules/accounts#fields.total: It is made from itself: accounts.total → deals.share → accounts.total. "
        "Take one of these fields out of another's formula."]


def test_a_formula_of_itself_is_a_circle(kinds):
    assert "deals.x → deals.x" in problems(kinds, a_module("deals", a_field("x", "formula", settings={"expression": "x + 1",
        "result": "number"})))[0]


def test_long_chains_of_formulas_are_no_circle(kinds):
    fields = [a_field("f0", "formula", settings={"expression": "1", "result": "number"})]
    fields += [a_field(f"f{n}", "formula", settings={"expression": f"f{n - 1} + f{max(n - 2, 0)}",
        "result": "number"}) for n in range(1, 40)]

    assert problems(kinds, a_module("deals", *fields)) == []


def test_ids_are_used_once(kinds):
    assert any("The id 'fld_x_y' is used by modules/accounts#fields.y already" in line for line in problems(
        kinds, a_module("accounts", a_field("y")), a_module("deals", a_field("y"))))


def test_the_id_of_something_removed_brings_it_back_or_is_refused(kinds):
    fax = Retired("fld_x_fax", "field", "mod_accounts", "fax", a_field("fax"), False)

    assert problems(kinds, a_module("accounts", a_field("fax")), retired={fax.id: fax}) == []
    assert "belonged to the field 'fax' before. Ids are never used again" in problems(
        kinds, a_module("deals", a_field("fax")), retired={fax.id: fax})[0]
    assert "belonged to the field 'fax' before" in problems(kinds, a_module("fax", id="fld_x_fax"), retired={fax.id: fax})[0]


def test_roles_may_still_name_what_was_removed(kinds):
    role = a_role("rep", deals={"read": "all", "fields": {"fld_x_fax": "hidden"}})

    assert problems(kinds, a_module("deals"), role, retired={"fld_x_fax": Retired("fld_x_fax", "field", "mod_deals",
        "fax", None, False)}) == []
    assert "There is no field with the id 'fld_x_fax'" in problems(kinds, a_module("deals"), role)[0]


def test_limits_are_said(kinds):
    wide = a_module("wide", *(a_field(f"f{n}") for n in range(501)))

    assert "It has 502 entries; at most 500 are possible." in problems(kinds, wide)[0]
    assert check.warnings(Definitions.of_documents([a_module("wide", *(a_field(f"f{n}") for n in range(301)))]))


def test_hostile_labels_and_values_are_only_text(kinds):
    assert problems(kinds, a_module("deals", a_field("x", label='"; DROP TABLE m_1;--'), a_field(
        "y", "picklist", settings={"choices": [{"value": "<script>", "label": "<script>alert(1)</script>"}]}))) == []


def test_three_hundred_modules_of_a_hundred_fields_take_two_seconds_at_most(kinds):
    documents = [a_module(f"m{m}", *(
        a_field(f"f{n}", ("text", "integer", "date", "checkbox")[n % 4], of=f"m{m}") if n % 10 else
        a_field(f"f{n}", "lookup", of=f"m{m}", settings={"module": f"m{(m + 1) % 300}"}) for n in range(98)),
        a_field("sum", "formula", of=f"m{m}", settings={"expression": "f1 + f0.f5", "result": "number"})) for m in range(300)]
    definitions = Definitions.of_documents(documents)
    started = time.process_time()

    assert check.problems(definitions, kinds) == []

    assert time.process_time() - started < 2
    changed = replace(documents[0], label="Other")
    started = time.process_time()
    assert check.problems(definitions.with_document(changed), kinds) == []
    assert time.process_time() - started < 2


def test_what_a_timeline_and_a_next_step_go_by_is_a_day(kinds):
    related = tuple({"module": "deals", "field": "account", "columns": ["name"], "timeline": {"at": at}}
                    for at in ("closed", "name", "created_at"))
    layout = a_layout("accounts", next_step={"field": "name", "on": "name"}, related=related)
    deals = a_module("deals", a_field("closed", "date", of="deals"),
                     a_field("account", "lookup", of="deals", settings={"module": "accounts"}))

    assert problems(kinds, a_module("accounts"), deals, layout) == [
        "layouts/accounts.standard#related.1.timeline.at: 'name' of Deals says no day. Choose a date.",
        "layouts/accounts.standard#next_step.on: 'name' of Accounts says no day. Choose a date."]
