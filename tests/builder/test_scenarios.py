"""Tests in the builder: in plain words, run on the draft, and in the way of a draft that makes one red."""
import pytest

from metadata.model.scenario import Scenario
from metadata.model.validation_rule import ValidationRule
from runtime.app import create_app
from runtime.security import users
from runtime.tables import published
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

NEGATIVE = ValidationRule(id="rule_negative", name="negative", module="deals", message="Amount is below zero.", field="amount",
                          refuse_if={"field": "amount", "operator": "below", "operand": 0})
GUARDED = Scenario(
    id="scn_guarded", name="guarded", label="No deal below zero",
    given=({"name": "acme", "module": "accounts", "values": {"name": "Bến Nghé"}, "as": "role_rep"},),
    when=({"step": "create", "settings": {"as": "role_rep", "module": "deals", "values": {
        "name": "Ship", "account": {"record": "acme"}, "amount": -1, "close_date": "today+7", "stage": "Proposal"}}},),
    then=({"expect": "refused", "settings": {"message": "below zero"}},))


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.accounts(), builders.deals(), NEGATIVE, GUARDED, builders.a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    client.post("/builder/review/drop", data={"csrf_token": client.csrf})
    return client


def post(client, place, **form):
    return client.post(place, data={"csrf_token": client.csrf, **form})


def without_the_rule(client):
    assert post(client, "/builder/m/deals/rules/negative/remove").status_code < 400


def test_a_test_is_read_in_plain_words(boss):
    page = boss.get("/builder/scenarios/guarded").text

    assert "Account with Name: Bến Nghé, owned by a Rep" in page
    assert ("Rep saves a new Deal with Name: Ship, Stage: Proposal, Amount: -1, Close date: in 7 days, "
            "Account: “Bến Nghé”") in page
    assert "It is refused: “below zero”" in page


def test_all_of_them_run_on_the_draft(boss):
    assert "1 test ran, and it is green" in post(boss, "/builder/scenarios/run").text
    without_the_rule(boss)

    page = post(boss, "/builder/scenarios/run").text

    assert "1 test is red" in page
    assert "It was done, though it should have been refused." in page


def test_a_red_test_keeps_a_draft_from_being_published_until_somebody_says_why(boss):
    number = published.refresh().number
    without_the_rule(boss)
    assert "No deal below zero" in boss.get("/builder/scenarios/affected").text

    refused = post(boss, "/builder/review", note="Away.")

    assert refused.status_code == 422
    assert "A test is red, so nothing was published" in refused.text
    assert published.refresh().number == number
    assert post(boss, "/builder/review", note="Away.", override="It moves to the bank.").status_code < 400
    assert published.refresh().number == number + 1
    assert "It moves to the bank." in boss.get("/builder/versions").text
    builders.publish_all(builders.accounts(), builders.deals(), NEGATIVE, GUARDED, builders.a_role("rep"))


def test_a_test_is_written_in_the_form_of_its_schema(boss):
    page = boss.get("/builder/d/scenarios/guarded").text

    assert 'name="when.0.settings.module"' in page
    assert 'name="then.0.settings.message"' in page


def test_programs_run_them_too(boss):
    key = {"Authorization": f"Bearer {users.token('boss')}"}

    found = boss.application.test_client().post("/api/v1/metadata/scenarios/run", json={"draft": "-"}, headers=key).json

    assert found["ok"] and [each["name"] for each in found["scenarios"]] == ["guarded"]
    denied = boss.application.test_client().post("/api/v1/metadata/scenarios/run", json={}, headers={
        "Authorization": f"Bearer {users.token('lan')}"})
    assert denied.status_code == 403


def test_only_builders_see_them(app):
    assert signed_in(app, "lan").get("/builder/scenarios").status_code == 403


def test_a_value_that_names_a_record_is_written_in_the_form(boss):
    page = boss.get("/builder/d/scenarios/guarded").text
    assert "{&#34;record&#34;:&#34;acme&#34;}" in page.replace(" ", "")

    fields = {"label": "No deal below zero", "name": "guarded", "description": "", "given:rows": ["0", "1"],
              "given.0.name": "acme", "given.0.module": "accounts", "given.0.values:rows": "0", "given.0.values.0.key": "name",
              "given.0.values.0.value": "Bến Nghé", "given.1.name": "owned", "given.1.module": "deals",
              "given.1.values:rows": ["0", "1"], "given.1.values.0.key": "name", "given.1.values.0.value": "Owned",
              "given.1.values.1.key": "account", "given.1.values.1.value": '{"record": "acme"}'}
    assert post(boss, "/builder/d/scenarios/guarded", **fields).status_code == 303

    assert "Deal with Name: Owned, Account: “Bến Nghé”" in boss.get("/builder/scenarios/guarded").text
    assert "1 test ran, and it is green" in post(boss, "/builder/scenarios/run").text
