"""Layout rules are made in the builder, told in plain words, tried against the records there are, renamed with their fields."""
import pytest

from builder import draft as drafts
from metadata.model.layout import Layout
from metadata.model.layout_rule import LayoutRule
from runtime.app import create_app
from runtime.errors import Invalid
from runtime.records import service
from runtime.records.what_if import what_if
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

LOST = {"when:part": ["=group", "0=row"], "when::match": "all", "when:0:field": "stage", "when:0:was": "stage",
        "when:0:operator": "is", "when:0:operand": "Closed Lost"}


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.accounts(), builders.deals(builders.a_field("reason", of="deals")), builders.a_role("rep"),
                         builders.a_layout("deals", sections=(
                             {"name": "main", "label": "Main", "fields": ["name", "stage", "reason"]},
                             {"name": "money", "label": "Money", "fields": ["amount"]})))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    for reason in (None, "", "Too dear"):
        service.create(HOUSE, "deals", {"name": "Lost", "stage": "Closed Lost", "reason": reason})
    service.create(HOUSE, "deals", {"name": "Open", "stage": "Proposal"})
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    made = signed_in(app, "boss")
    yield made
    post(made, "/builder/review/drop")


def post(client, address, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf})


def written(client, **data):
    return post(client, "/builder/m/deals/layout_rules", **LOST, **{
        "label": "Lost deals say why", "what": ["show", "require", "hide"], "target": ["reason", "reason", "section:money"],
        "active": "1"} | data)


def draft(name="boss"):
    return drafts.current(users.actor_for(users.get(name).id, "page")).definitions


def test_a_rule_is_made_told_in_plain_words_published_and_obeyed(boss):
    assert written(boss).status_code == 303
    rule, = draft().of(LayoutRule)
    assert (rule.show, rule.require, rule.hide_sections) == (("reason",), ("reason",), ("money",))

    told = boss.get("/builder/m/deals/layout_rules").text
    assert "When Stage is Closed Lost: shows Reason; hides the section “Money”; requires Reason." in told
    assert "Lost deals say why" in boss.get("/builder/review").text

    post(boss, "/builder/review", note="Rule")
    published.refresh()
    with pytest.raises(Invalid, match=r"."):
        service.create(users.actor_for(users.get("lan").id, "api"), "deals", {"name": "New", "stage": "Closed Lost"})

    assert post(boss, f"/builder/m/deals/layout_rules/{rule.name}/remove").status_code == 303
    post(boss, "/builder/review", note="Without")
    published.refresh()


def test_what_is_missing_is_said_at_its_place(boss):
    page = post(boss, "/builder/m/deals/layout_rules", label="", what="show", target="").text

    assert "Say what the rule is called." in page and "Say what the rule does" in page and "Say when the rule is in force" in page


def test_what_cannot_be_is_said_in_words(boss):
    page = written(boss, what=["hide", "require", "require"], target=["name", "weighted", "section:money"])

    assert page.status_code == 422
    for sentence in ("Name is required on every record", "Nobody fills in Weighted", "A section can be shown or hidden."):
        assert sentence in page.text


def test_lines_are_added_and_removed_without_scripts(boss):
    page = written(boss, **{"acts:do": "add"}).text
    assert page.count('name="target"') == 4 and "Lost deals say why" in page

    page = written(boss, **{"acts:do": "remove:0"}).text
    assert page.count('name="target"') == 2
    assert not draft().of(LayoutRule)


def test_it_says_which_records_lack_what_it_requires(boss):
    said = written_what_if(boss).text

    assert "2 of 4 records" in said


def written_what_if(client):
    return post(client, "/builder/m/deals/layout_rules/what-if", **LOST, label="x", what="require", target="reason")


def test_a_draft_asks_about_it_too(boss):
    written(boss)
    found = [each for each in what_if(draft()) if each.kind == "layout_rules"]

    assert [(each.count, each.total, each.refuses) for each in found] == [(2, 4, True)]


def test_a_layout_for_certain_records_says_how_many_get_it():
    lost = Layout(id="lay_deals_lost", name="lost", module="deals", label="Lost deals", sections=(),
                  condition={"field": "stage", "operator": "is", "operand": "Closed Lost"})
    found = what_if(published.current().definitions.with_document(lost))

    assert [(each.kind, each.count, each.total, each.refuses) for each in found] == [("layouts", 3, 4, False)]
    assert found[0].says == "They get the layout “Lost deals”."


def test_a_renamed_field_keeps_its_rules_and_a_removed_one_leaves_them(boss):
    written(boss)
    actor = users.actor_for(users.get("boss").id, "page")

    def renamed(known):
        deals = known.modules["deals"].to_json()
        deals["fields"] = [each | {"name": "why"} if each["name"] == "reason" else each for each in deals["fields"]]
        return known.with_document(drafts.document("modules/deals", deals))

    drafts.change(actor, "Rename", renamed)
    assert draft().of(LayoutRule)[0].require == ("why",)
    assert "Lost deals say why" in boss.get("/builder/search?q=why").text

    post(boss, "/builder/m/deals/fields/why/remove")
    assert draft().of(LayoutRule)[0].require == ()


def test_a_rule_is_switched_off_and_undone(boss):
    written(boss)
    name = draft().of(LayoutRule)[0].name
    post(boss, f"/builder/m/deals/layout_rules/{name}/switch")
    assert draft().of(LayoutRule)[0].active is False

    post(boss, "/builder/undo")
    assert draft().of(LayoutRule)[0].active is True


def test_the_generic_list_leads_to_its_page(boss):
    written(boss)
    rule = draft().of(LayoutRule)[0]
    led = boss.get(f"/builder/d/layout_rules/{rule.key}").headers["Location"]

    assert led.endswith(f"/builder/m/deals/layout_rules/{rule.name}")
