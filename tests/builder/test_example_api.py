"""Build by example for programs: two linked files go the whole way, corrected, without a page."""
import io
import json

import pytest

from runtime.app import create_app
from runtime.exchange import run
from runtime.records import query
from runtime.records.query import Query
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builder.test_example import HOUSES, VISITS
from tests.runtime.web.conftest import KEY

API = "/api/v1/metadata"


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.a_module("deals"), builders.a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("ann", roles=("Admin",), password="ann password", full_name="Ann Admin")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture(scope="module")
def keys(app):
    return {name: users.token(name) for name in ("boss", "ann", "lan")}


@pytest.fixture
def ask(app, keys):
    def ask(verb, address, body=None, who="boss"):
        return app.test_client().open(f"{API}{address}", method=verb, headers={"Authorization": f"Bearer {keys[who]}"},
                                      data=None if body is None else json.dumps(body))
    return ask


@pytest.fixture
def send(app, keys):
    def send(*files, who="boss"):
        return app.test_client().post(f"{API}/examples", headers={"Authorization": f"Bearer {keys[who]}"},
                                      data={"files": [(io.BytesIO(text.encode()), name) for name, text in files]})
    return send


def column(file, heading):
    return next(each for each in file["columns"] if each["heading"] == heading)


def test_two_linked_files_are_proposed_corrected_published_and_imported(ask, send):
    sent = send(("Visits.csv", VISITS), ("Houses.csv", HOUSES))
    assert sent.status_code == 201
    houses, visits = sent.json["files"]
    assert (houses["plural"], houses["rows"], houses["key"]) == ("Houses", 30, "HOUSEID")
    link = column(visits, "House Id")
    assert link["type"] == "link" and link["link"] == {"file": "Houses", "by": "HOUSEID"} and 0.9 < link["sure"] < 1
    assert link["disagreeing"] == [{"row": 42, "cell": "999"}]
    assert column(houses, "HOUSEID")["unique"] and column(houses, "Agent Owner")["type"] is None

    houses |= {"plural": "Homes", "columns": [{"heading": "Kind", "type": "text", "required": True},
                                              {"heading": "Site", "type": None}]}
    made = ask("POST", f"/examples/{sent.json['token']}/draft", {"files": [houses, {"file": "Visits.csv", "label": "Viewing"}]})
    assert made.status_code == 201 and made.json["modules"] == {"Houses.csv": "homes", "Visits.csv": "visits"}
    token = made.json["token"]
    assert ask("POST", f"/examples/{token}/import").status_code == 409
    assert ask("POST", "/publish", {}).status_code == 201

    homes, viewings = (published.refresh().definitions.modules[name] for name in ("homes", "visits"))
    assert homes.by_name["kind"].type == "text" and homes.by_name["kind"].required and "site" not in homes.by_name
    assert viewings.label == "Viewing" and viewings.by_name["house_id"].settings == {"module": "homes"}

    begun = ask("POST", f"/examples/{token}/import")
    assert begun.status_code == 202
    assert [(each["file"], each["module"]) for each in begun.json["imports"]] == [("Houses.csv", "homes"), ("Visits.csv", "visits")]
    for each in begun.json["imports"]:
        run.go(each["import"])
        told = ask("GET", f"/examples/imports/{each['import']}").json
        assert told["state"] == "done" and told["created"] == query.count(HOUSE, Query(each["module"]))[0]
    row = query.find(HOUSE, Query("visits", columns=("house_id.street",), limit=1,
                                  criteria={"field": "subject", "operator": "is", "operand": "Visit 1"})).rows[0]
    assert row.values["house_id.street"] == "2 Elm Street"


@pytest.mark.parametrize("wrong", [
    {"files": "all"}, {"files": [{"file": "Other.csv"}]}, {"files": [{"file": "Houses.csv", "columns": 3}]},
    {"files": [{"file": "Houses.csv", "columns": [{"heading": "Nothing"}]}]},
    {"files": [{"file": "Houses.csv", "columns": [{"heading": "Kind", "type": "nonsense"}]}]},
    {"files": [{"file": "Houses.csv", "use": False}]},
])
def test_corrections_that_make_no_sense_are_told_and_nothing_is_drafted(ask, send, wrong):
    token = send(("Houses.csv", HOUSES)).json["token"]
    assert ask("POST", f"/examples/{token}/draft", wrong).status_code in (400, 422)
    assert ask("GET", "/drafts/-").json["changes"] == []


def test_files_are_for_who_sent_them(ask, send):
    token = send(("Houses.csv", HOUSES)).json["token"]
    assert ask("GET", f"/examples/{token}").status_code == 200
    assert ask("GET", f"/examples/{token}", who="ann").status_code == 404
    assert ask("GET", f"/examples/{token}", who="lan").status_code == 403
    assert send(("Houses.csv", HOUSES), who="lan").status_code == 403
    assert ask("POST", f"/examples/{token}/import").status_code == 409
    assert send().status_code == 422 and send(("picture.csv", "%PDF-1.7 ...")).status_code == 422
