"""The page of the history's seals, and the same by API: how far it is sealed, and a check of every row by a worker."""
import json

import pytest
import sqlalchemy as sa

from runtime import worker
from runtime.app import create_app
from runtime.db.transaction import reading, transaction
from runtime.kinds.kind import catalogue
from runtime.records import seals, service
from runtime.security import users
from runtime.values import HOUSE
from tests.builders import a_role, accounts, deals, publish_all
from tests.runtime.web.conftest import KEY, signed_in

PAGE, API = "/builder/audit", "/api/v1/metadata/audit"


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    publish_all(accounts(), deals(), a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan")
    made = create_app({"SECRET_KEY": KEY}, rooms=(builder,))
    worker.prepare()
    return made


@pytest.fixture
def boss(app):
    return signed_in(app, "boss")


@pytest.fixture
def ask(app):
    def ask(verb, body=None, who="boss"):
        return app.test_client().open(API, method=verb, headers={"Authorization": f"Bearer {users.token(who)}"},
                                      data=None if body is None else json.dumps(body))
    return ask


def check(boss, since=""):
    return boss.post(PAGE, data={"csrf_token": boss.csrf, "since": since})


def test_an_administrator_sees_how_far_it_is_sealed_and_has_every_row_checked(boss):
    assert "Nothing is sealed yet" not in boss.get(PAGE).text
    for _each in range(3):
        service.create(HOUSE, "deals", {"name": "Trays"})

    assert check(boss).status_code == 303
    assert check(boss).status_code == 303, "it is under way"
    waiting = boss.get(PAGE).text
    assert 'hx-trigger="every 2s"' in waiting and "disabled" in waiting
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM house.audit_check")) == 1
    worker.drain_all()

    page = boss.get(PAGE).text
    assert "3 rows are as they were sealed, unbroken since" in page and "every 2s" not in page


def test_a_head_that_is_none_is_said_beside_its_box(boss):
    answer = check(boss, "yesterday")

    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text and "yesterday" in answer.text


def test_what_differs_is_named_in_words_and_for_programs(boss, ask):
    service.create(HOUSE, "deals", {"name": "Crates"})
    seals.seal()
    head = ask("GET").json["head"]
    assert ask("POST", {"since": head}).status_code == 202
    worker.drain_all()
    assert ask("GET").json["check"]["differences"] == []

    with transaction() as tx:
        tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
        tx.execute(sa.text("UPDATE house.history SET changed = '{}' WHERE id = 2"))
    ask("POST", {"since": head})
    worker.drain_all()

    told, = ask("GET").json["check"]["differences"]
    assert (told["what"], told["row"], told["seal"]) == ("changed", 2, 1)
    assert told["says"] == "Row 2 of the history (Deal 2) was changed after seal 1."
    assert told["says"] in boss.get(PAGE).text
    with reading() as connection:
        finding = catalogue().get("checks", "audit").look(connection)
    assert not finding.ok and told["says"] in finding.says


def test_nobody_else_comes_near_it(app, ask):
    assert signed_in(app, "lan").get(PAGE).status_code == 403
    assert ask("GET", who="lan").status_code == 403 and ask("POST", {}, who="lan").status_code == 403
    assert ask("POST", {"since": "1:2"}).status_code == 400
