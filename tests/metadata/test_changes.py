"""Changes: what differs, by id, in sentences; and new names carried into every reference."""
from dataclasses import replace

from metadata.changes import between
from metadata.definitions import Definitions, read_document
from metadata.rename import carried
from tests.builders import STAGES, a_field, a_module


def definitions(*documents):
    return Definitions.of_documents(documents)


def a_noun(path, **content):
    return read_document(path, content)


def sentences(live, draft, retired=None):
    return [str(change) for change in between(definitions(*live), definitions(*draft), retired)]


def test_nothing_changed_is_no_change():
    deals = a_module("deals", a_field("amount", "currency"))

    assert sentences([deals], [a_module("deals", a_field("amount", "currency"))]) == []


def test_every_kind_of_change_is_a_sentence():
    fax, amount = a_field("fax"), a_field("amount", "integer")
    live = [a_module("deals", fax, amount, a_field("old_name"), a_field("size")), a_module("leads"), a_module("gone")]
    draft = [a_module("deals", replace(amount, type="currency"), replace(a_field("old_name"), name="new_name"),
                      replace(a_field("size"), required=True, label="Area"), a_field("close_date", "date")),
             replace(a_module("leads"), name="prospects"), a_module("calls")]

    assert sentences(live, draft) == [
        "Remove module 'Gone'. Its records are kept for 30 days and can be brought back.",
        "Rename module 'leads' to 'prospects'. Its records stay; addresses, the API and files that use the old name must follow.",
        "Add module 'Calls' with 1 field.",
        "Remove field 'Fax' from Deal. Its values are kept for 30 days and can be brought back.",
        "Rename field 'old_name' of Deal to 'new_name'. Its values stay; views, rules and formulas follow.",
        "Add field 'Close date' to Deal.",
        "Change the type of 'Amount' of Deal from integer to currency. Values that do not fit stay in the old column, "
        "where they can be brought back.",
        "Change field 'Area' of Deal: label from 'Size' to 'Area', required from nothing to yes."]


def test_what_was_removed_comes_back():
    fax = a_field("fax")

    assert sentences([a_module("deals")], [a_module("deals", replace(fax, name="telefax"))], {fax.id: fax}) == [
        "Bring back field 'Fax' of Deal with its values."]
    assert sentences([], [a_module("deals", fax)], {"mod_deals": a_module("deals")}) == [
        "Bring back module 'Deals' with its records.", "Add field 'Fax' to Deal."]


def test_documents_are_told_with_what_differs():
    view = a_noun("views/deals.open", id="view_open", name="open", module="deals", label="Open deals", columns=["name"])
    other = replace(view, columns=("name", "amount"), label="Open")

    assert sentences([a_module("deals"), view], [a_module("deals"), other]) == [
        "Change view 'Open' of Deal: label from 'Open deals' to 'Open', columns (with amount)."]
    assert sentences([a_module("deals"), view], [a_module("deals")]) == ["Remove view 'Open deals' of Deal."]
    assert sentences([a_module("deals")], [a_module("deals"), view]) == ["Add view 'Open deals' of Deal."]


def test_a_new_choice_is_a_change_of_settings():
    before = a_module("deals", a_field("stage", "picklist", settings={"choices": list(STAGES[:2])}))
    after = a_module("deals", a_field("stage", "picklist", settings={"choices": list(STAGES)}))

    assert sentences([before], [after]) == ["Change field 'Stage' of Deal: settings (choices)."]


def test_a_renamed_field_is_followed_everywhere(kinds):
    live = definitions(
        a_module("accounts", a_field("industry", of="accounts")),
        a_module("deals", a_field("account", "lookup", of="deals", settings={"module": "accounts"}),
                 a_field("kind", "formula", of="deals", settings={"expression": 'IF(account.industry == "x", 1, 0)',
                     "result": "number"})),
        a_noun("views/deals.all", id="view_deals_all", name="all", module="deals", label="All", columns=["name",
            "account.industry"],
               criteria={"all": [{"field": "account.industry", "operator": "is",
                   "operand": "x"}]}, sort=[{"field": "account.industry"}]),
        a_noun("translations/vi", id="trl_vi", name="vi", labels={"modules.accounts.fields.industry.label": "Ngành"}))
    accounts = live.module("accounts")
    renamed = replace(accounts, fields=tuple(replace(field, name="branch") if field.name == "industry" else field
                                             for field in accounts.fields))

    draft = carried(live, live.with_document(renamed), kinds)

    view = draft.documents["views/deals.all"]
    assert view.columns == ("name", "account.branch")
    assert view.criteria == {"all": [{"field": "account.branch", "operator": "is", "operand": "x"}]}
    assert view.sort == ({"field": "account.branch"},)
    assert "account.branch" in draft.module("deals").field("kind").settings["expression"]
    assert draft.translations["vi"].labels == {"modules.accounts.fields.branch.label": "Ngành"}


def test_a_renamed_module_is_followed_everywhere(kinds):
    live = definitions(
        a_module("accounts"), a_module("deals", a_field("account", "lookup", of="deals", settings={"module": "accounts"})),
        a_noun("views/accounts.all", id="view_acc", name="all", module="accounts", label="All", columns=["name"]),
        a_noun("layouts/accounts.standard", id="lay_acc", name="standard", module="accounts", label="Standard",
               related=[{"module": "deals", "field": "account", "columns": ["name"]}]),
        a_noun("translations/vi", id="trl_vi", name="vi", labels={"modules.accounts.label": "Khách hàng",
            "views.accounts.all.label": "Tất cả"}))
    documents = dict(live.documents)
    documents["modules/companies"] = replace(documents.pop("modules/accounts"), name="companies")

    draft = carried(live, Definitions(documents), kinds)

    assert draft.module("deals").field("account").settings == {"module": "companies"}
    assert draft.documents["views/companies.all"].module == "companies"
    assert draft.documents["layouts/companies.standard"].related[0]["module"] == "deals"
    assert draft.translations["vi"].labels == {"modules.companies.label": "Khách hàng", "views.companies.all.label": "Tất cả"}
    assert not any(path.startswith("views/accounts") for path in draft.documents)


def test_names_the_draft_still_knows_are_left_alone(kinds):
    """Two fields exchange their names: references keep saying what they say."""
    one, other = a_field("one", of="deals"), a_field("other", of="deals")
    view = a_noun("views/deals.all", id="view_x", name="all", module="deals", label="All", columns=["one"])
    live = definitions(a_module("deals", one, other), view)

    draft = carried(live, definitions(a_module("deals", replace(one, name="other"), replace(other, name="one")), view), kinds)

    assert draft.documents["views/deals.all"].columns == ("one",)
