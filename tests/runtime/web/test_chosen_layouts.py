"""Which layout a page has: by the record's values, then by the person's roles, else the one for the rest."""
import pytest

from metadata import check
from metadata.definitions import Definitions
from runtime.kinds.kind import catalogue
from runtime.records import layouts, service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.counting import counted
from tests.runtime.web.conftest import signed_in

HX = {"HX-Request": "true"}
BIG = {"field": "size", "operator": "is", "operand": "Big"}
SIZES = {"choices": [{"value": "Big", "label": "Big"}, {"value": "Small", "label": "Small"}]}


def a_layout(name, *fields, **properties):
    return builders.a_layout("deals", id=f"lay_deals_{name}", name=name, label=name.capitalize(),
                             sections=({"name": name, "label": f"Section {name}", "fields": list(fields)},), **properties)


@pytest.fixture(scope="module")
def crm(app):
    visits = builders.a_module("visits", a_field("deal", "lookup", of="visits", settings={"module": "deals"}))
    calls = builders.a_module("calls", a_field("deal", "lookup", of="calls", settings={"module": "deals"}),
                              a_field("seconds", "integer", of="calls"))
    builders.publish_all(
        builders.accounts(), visits, calls,
        builders.deals(a_field("size", "picklist", of="deals", settings=SIZES), a_field("hidden", of="deals"),
                       a_field("site", of="deals"), a_field("terms", of="deals")),
        a_layout("standard", "name", "size", related=({"module": "visits", "field": "deal", "columns": ["name"]},)),
        a_layout("big", "name", "size", "site", condition=BIG,
                 related=({"module": "visits", "field": "deal", "columns": ["name"]},
                          {"module": "calls", "field": "deal", "columns": ["name", "seconds"]})),
        a_layout("legal", "name", "terms", roles=("role_lawyer",)),
        a_layout("both", "name", "terms", "site", condition=BIG, roles=("role_lawyer",), position=50),
        a_layout("secret", "name", condition={"field": "hidden", "operator": "not_empty"}, position=1),
        builders.a_role("rep", deals={"read": "all", "create": True, "edit": "all", "fields": {"fld_deals_hidden": "hidden"}}),
        builders.a_role("lawyer"))
    users.sync_roles()
    for name in ("rep", "lawyer"):
        users.create(f"one_{name}", roles=(name,), password=f"one {name} password")
    return published.current()


@pytest.fixture
def people(app, crm):
    return lambda name: signed_in(app, f"one_{name}")


def a_deal(**values):
    return service.create(HOUSE, "deals", {"name": "Deal"} | values).id


@pytest.mark.parametrize(("who", "values", "section"), [
    ("rep", {}, "standard"), ("rep", {"size": "Small"}, "standard"), ("rep", {"size": "Big"}, "big"),
    ("lawyer", {}, "legal"), ("lawyer", {"size": "Big"}, "both"), ("lawyer", {"hidden": "x"}, "secret")])
def test_a_page_has_the_first_layout_that_fits_the_record_and_the_person(people, who, values, section):
    page = people(who).get(f"/m/deals/{a_deal(**values)}").text

    assert f"Section {section}" in page


def test_a_condition_about_a_field_one_may_not_read_chooses_nothing_for_them(people):
    assert "Section standard" in people("rep").get(f"/m/deals/{a_deal(hidden='x')}").text


def test_the_page_of_a_module_with_several_layouts_takes_no_more_statements(people):
    rep, big = people("rep"), a_deal(size="Big")
    rep.get(f"/m/deals/{big}")
    with counted() as said:
        assert rep.get(f"/m/deals/{big}").status_code == 200

    assert len(said) <= 3, said


def test_a_related_list_is_that_of_the_layout_the_page_has(people):
    big, small = a_deal(size="Big"), a_deal(size="Small")
    service.create(HOUSE, "calls", {"name": "About the site", "deal": big})
    rep = people("rep")

    assert "About the site" in rep.get(f"/m/deals/{big}/panel/related_1", headers=HX).text
    assert rep.get(f"/m/deals/{small}/panel/related_1", headers=HX).status_code == 404


def test_a_form_has_the_layout_its_values_choose(people):
    rep = people("rep")

    assert "Section big" in rep.get(f"/m/deals/{a_deal(size='Big')}/edit").text
    assert "Section standard" in rep.get("/m/deals/new").text
    assert "Section big" in rep.get("/m/deals/new?size=Big").text


def test_what_is_typed_chooses_the_layout_of_a_form_that_comes_back_with_errors(people):
    rep = people("rep")
    page = rep.post("/m/deals", data={"name": "", "size": "Big", "csrf_token": rep.csrf})

    assert page.status_code == 422
    assert "Section big" in page.text


def test_layouts_of_one_position_are_asked_by_condition_before_role(crm):
    asked = layouts.candidates(crm, HOUSE, crm.module("deals"))

    assert [each.name for each in asked] == ["secret", "big", "standard"]


def test_a_module_all_of_whose_layouts_are_for_some_needs_one_for_the_rest(crm):
    documents = {path: each for path, each in crm.definitions.documents.items() if path != "layouts/deals.standard"}

    assert any("for the rest" in problem.message for problem in check.problems(Definitions(documents), catalogue()))
