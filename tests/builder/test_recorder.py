"""The recorder: what an admin does on the usual pages becomes a test that is green, and can be kept in the draft."""
import re
from dataclasses import replace

import pytest

from metadata.model.button import Button
from runtime.app import create_app
from runtime.db import clock
from runtime.records import service as records
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.builder.test_scenarios import NEGATIVE
from tests.runtime.web.conftest import KEY, signed_in

WON = Button(id="btn_won", name="won", module="deals", label="Won", place="record", icon="trophy",
             actions=({"action": "update_field", "settings": {"field": "stage", "value": "Closed Won"}},))


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    rep = builders.a_role("rep", accounts={"read": "all", "edit": "no", "create": False})
    builders.publish_all(builders.accounts(), builders.deals(), NEGATIVE, WON, replace(rep, label="Rep"),
                         builders.a_layout("deals"), builders.a_layout("accounts"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Boss")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    post(client, "/builder/review/drop")
    post(client, "/builder/scenarios/record/drop")
    return client


def post(client, place, **form):
    return client.post(place, data={"csrf_token": client.csrf, **form})


def save(client, place, **form):
    """As the form of a record sends it."""
    return post(client, place, **form)


def test_what_is_done_on_screen_becomes_a_green_test(boss):
    account = records.create(HOUSE, "accounts", {"name": "Bến Nghé", "industry": "Ships"})
    assert post(boss, "/builder/scenarios/record").status_code == 303
    assert "A test is being recorded" in boss.get("/m/deals").text
    day = clock.now().date().isoformat()

    made = save(boss, "/m/deals", name="Containers", stage="Proposal", amount="1000", account=account.id, close_date=day)
    number = int(re.search(r"/m/deals/(\d+)", made.location)[1])
    assert save(boss, f"/m/deals/{number}", _method="PUT", name="Containers", amount="3000", version=1).status_code < 400
    assert save(boss, f"/m/deals/{number}", _method="PUT", amount="-1", version=2).status_code == 422
    assert post(boss, f"/m/deals/{number}/button/won").status_code < 400
    stopped = post(boss, "/builder/scenarios/record/stop")

    page = boss.get(stopped.location).text
    assert "A test is being recorded" not in page
    assert "Account with Name: Bến Nghé" in page
    assert "saves a new Deal with Name: Containers" in page and "Close date: today" in page
    assert "presses “Won” on Deal “Containers”" in page
    assert "Weighted: 1,500" in page
    assert "It is refused: “Amount is below zero.”" in page
    kept = save(boss, "/builder/scenarios/record/keep", **{"keep.0": "on", "label.0": "A deal is won", "keep.1": "on",
                                                           "label.1": ""})
    assert kept.status_code == 303
    ran = post(boss, "/builder/scenarios/run").text
    assert "2 tests ran, and all of them are green" in ran
    assert "A deal is won" in ran


def test_with_the_rights_of_a_role_what_it_may_not_do_is_noted_as_refused(boss):
    account = records.create(HOUSE, "accounts", {"name": "Cát Lái"})
    post(boss, "/builder/scenarios/record", role="rep")
    assert "As: rep" in boss.get("/m/accounts").text

    assert save(boss, f"/m/accounts/{account.id}", _method="PUT", name="Other", version=1).status_code == 403
    post(boss, "/builder/scenarios/record/stop")

    page = boss.get("/builder/scenarios/record").text
    assert "Rep saves Account “Cát Lái” with Name: Other" in page
    assert "It is refused" in page


def test_nothing_is_noted_once_the_recording_is_thrown_away(boss):
    post(boss, "/builder/scenarios/record")
    post(boss, "/builder/scenarios/record/drop")

    save(boss, "/m/accounts", name="Unseen")

    assert "Nothing was recorded" in boss.get("/builder/scenarios/record").text


def test_a_refusal_read_in_another_language_is_expected_in_the_words_of_the_definitions(boss):
    post(boss, "/me/settings", language="vi")
    post(boss, "/builder/scenarios/record")
    assert save(boss, "/m/deals", stage="Proposal", amount="1").status_code == 422
    post(boss, "/builder/scenarios/record/stop")
    assert "đạt" in boss.get("/builder/scenarios/record").text

    kept = save(boss, "/builder/scenarios/record/keep", **{"keep.0": "on", "label.0": "Deals have names"})
    post(boss, "/me/settings", language="en")

    assert kept.location.endswith("/deals_have_names")
    assert "It is refused: “Name is required.”" in boss.get(kept.location).text
