"""A field somebody may not read cannot be learnt through any channel, and answers like one that does not exist."""
import io
import json
import re
from urllib.parse import urlencode

import pytest

from runtime import publish
from runtime.errors import RuntimeProblem
from runtime.exchange import mapping
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE, Actor
from tests import builders

SECRET = "987654321"


@pytest.fixture(scope="module")
def deal(app):
    lan = users.get("lan").id
    account = service.create(HOUSE, "accounts", {"name": "Bến Nghé Foods", "owner": lan})
    made = service.create(HOUSE, "deals", {"name": "Trays", "amount": SECRET, "account": account.id, "owner": lan})
    service.update(Actor(None, "House", everything=True), "deals", made.id, {"amount": SECRET + "0"}, seen_version=1)
    return made.id


def criteria(field):
    return json.dumps({"field": field, "operator": "above", "operand": 5})


ASKING = {
    "fields": lambda f: f"/api/v1/records/deals?fields={f}",
    "a part": lambda f: f"/api/v1/records/deals?fields={f}.currency",
    "filter": lambda f: "/api/v1/records/deals?" + urlencode({"filter": criteria(f)}),
    "filter by expression": lambda f: "/api/v1/records/deals?" + urlencode({"filter": json.dumps({"expression": f"{f} > 5"})}),
    "negated filter": lambda f: "/api/v1/records/deals?" + urlencode({"filter": f'{{"not": {criteria(f)}}}'}),
    "sort": lambda f: f"/api/v1/records/deals?sort=-{f}",
    "one record": lambda f: f"/api/v1/records/deals/1?fields={f}",
    "group": lambda f: f"/api/v1/aggregate/deals?group={f}",
    "sum": lambda f: f"/api/v1/aggregate/deals?measures=sum:{f}",
    "min": lambda f: f"/api/v1/aggregate/deals?measures=min:{f}",
    "filtered aggregate": lambda f: "/api/v1/aggregate/deals?" + urlencode({"filter": criteria(f)}),
    "list filter": lambda f: "/m/deals?" + urlencode({"filter": f"[{criteria(f)}]"}),
    "list sort": lambda f: f"/m/deals?sort={f}",
    "list columns": lambda f: f"/m/deals?columns=name,{f}",
    "list count": lambda f: "/m/deals/count?" + urlencode({"filter": f"[{criteria(f)}]"}),
    "filter dialog": lambda f: f"/m/deals/filter?filter_field={f}",
    "new filter": lambda f: f"/m/deals?filter_field={f}&filter_operator=above&operand=5",
    "bulk edit": lambda f: f"/m/deals/bulk/edit?id=1&field={f}",
    "prefilled form": lambda f: f"/m/deals/new?{f}=5",
}
SHOWING = ("/api/v1/records/deals", "/api/v1/records/deals?fields=*", "/api/v1/records/deals/{id}",
           "/api/v1/records/deals/{id}/history",
           f"/api/v1/search?q={SECRET}", "/api/v1/search?q=trays", "/api/v1/metadata", "/api/v1/openapi.json",
           "/m/deals", "/m/deals/{id}", "/m/deals/{id}/edit", "/m/deals/{id}/panel/timeline", "/m/deals/columns", "/m/deals/filter",
           f"/search?q={SECRET}", "/search?q=trays", "/m/deals?q=" + SECRET, "/")


MADE_ANEW = re.compile(r'[0-9a-f]{16}|"request_id":"[^"]*"|name="_key" value="[^"]*"|[\w-]+\.[\w-]{6}\.[\w-]{27}\b')
"""What every answer makes anew: ids of requests, keys of forms, and tokens signed with the second they were made in."""


def ask(client, path, headers):
    response = client.get(path, headers=headers if path.startswith("/api") else {"HX-Request": "true"})
    return response.status_code, MADE_ANEW.sub("", response.text)


@pytest.mark.parametrize("channel", ASKING)
def test_an_unreadable_and_an_unknown_field_answer_alike(channel, lan, bearer, deal):
    headers = bearer("lan")
    hidden = ask(lan, ASKING[channel]("amount"), headers)
    unknown = ask(lan, ASKING[channel]("amounx"), headers)

    assert hidden[0] == unknown[0] < 500
    assert hidden[1].replace("amount", "?") == unknown[1].replace("amounx", "?")


@pytest.mark.parametrize("path", SHOWING)
def test_what_is_shown_holds_neither_the_value_nor_the_name(path, lan, bearer, deal):
    status, text = ask(lan, path.format(id=deal), bearer("lan"))

    assert status < 500
    assert SECRET not in text.replace(f"q={SECRET}", "").replace(f'"{SECRET}"', "").replace(f"“{SECRET}”", "")
    assert not re.search(r"\bamount\b", text, re.IGNORECASE)


@pytest.mark.parametrize("body", [{"amount": 5}, {"amounx": 5}])
def test_a_hidden_field_cannot_be_written_and_says_no_more_than_an_unknown_one(body, lan, bearer, deal):
    name, = body
    response = lan.patch(f"/api/v1/records/deals/{deal}", json=body, headers=bearer("lan") | {"If-Match": '"2"'})

    assert response.status_code == 422
    assert response.json["errors"] == {name: [f"There is no field '{name}' here that you can use."]}
    assert service.read(HOUSE, "deals", deal)["amount"] == int(SECRET + "0")


IMPORTING = {
    "column": lambda f: {"mapping": {"A": f}},
    "part of a column": lambda f: {"mapping": {"A": f"{f}.currency"}},
    "key of a column": lambda f: {"mapping": {"A": f"account|{f}"}},
    "order of a column": lambda f: {"mapping": {"A": f"{f}#dmy"}},
    "key of the rows": lambda f: {"match": f},
}


@pytest.fixture(scope="module")
def importer(app):
    """Somebody who may import, and from whom the amount is hidden."""
    grant = {"read": "own", "create": True, "edit": "own", "import": True, "fields": {"fld_deals_amount": "hidden"}}
    now = published.refresh()
    publish.publish(HOUSE, now.definitions.with_document(builders.a_role("importer", deals=grant, accounts={"read": "all"})))
    published.refresh()
    users.sync_roles()
    return users.create("ivy", roles=("importer",), password="ivy password", full_name="Ivy")


def begun(client, headers, text="A,Name,amount\n1,Trays,5\n"):
    file = io.BytesIO(text.encode()), "deals.csv"
    made = client.post("/api/v1/imports", headers=headers, data={"file": file, "module": "deals"})
    assert made.status_code == 201, made.text
    return made.json


@pytest.mark.parametrize("channel", IMPORTING)
def test_an_import_by_program_answers_for_a_hidden_field_as_for_an_unknown_one(channel, visitor, bearer, importer, deal):
    headers = bearer("ivy")
    address = begun(visitor, headers)["links"]["self"]
    said = {}
    for name in ("amount", "amounx"):
        answer = visitor.patch(address, json=IMPORTING[channel](name), headers=headers)
        said[name] = answer.status_code, MADE_ANEW.sub("", answer.text).replace(name, "?")
    assert said["amount"] == said["amounx"] and said["amount"][0] == 422


def test_an_import_by_program_guesses_offers_and_finds_nothing_of_a_hidden_field(visitor, bearer, importer, deal):
    headers, said = bearer("ivy"), {}
    for name in ("amount", "amounx"):
        told = begun(visitor, headers, f"Name,{name}\nTrays,{SECRET}\n")
        check = visitor.post(told["links"]["check"], headers=headers).text
        said[name] = re.sub(r'"id":\d+|imports/\d+|"begun_at":"[^"]*"', "", json.dumps(told, separators=(",", ":")) + check)
    assert said["amount"].replace("amount", "?") == said["amounx"].replace("amounx", "?")
    assert "Amount" not in said["amount"]


def test_an_import_cannot_name_it_either(app, deal):
    now, lan = published.current(), users.actor_for("lan", "import")
    said = {}
    for name in ("amount", "amounx"):
        with pytest.raises(RuntimeProblem) as caught:
            mapping.check(now, lan, now.module("deals"), mapping.Mapping_({"A": (mapping.Target(name),)}), ["A"])
        said[name] = (type(caught.value), str(getattr(caught.value, "errors", caught.value)).replace(name, "?"))
    assert said["amount"] == said["amounx"]
