"""The REST API from end to end: what a client sends, what it gets back, and what every refusal looks like."""
import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from metadata.model.role import Role
from runtime import publish, worker
from runtime.db.transaction import reading, transaction
from runtime.locale import money
from runtime.records import service
from runtime.security import store, users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field

COLOURS = {"choices": [{"value": value, "label": value.capitalize()} for value in ("red", "green", "blue")]}
MORE = (a_field("code", of="deals", unique=True), a_field("meeting", "datetime", of="deals"), a_field("tags", "tags", of="deals"),
        a_field("colours", "multi_picklist", of="deals", settings=COLOURS), a_field("site", "address", of="deals"),
        a_field("number", "auto_number", of="deals"), a_field("phone", "phone", of="deals", settings={"region": "VN"}),
        a_field("score", "integer", of="deals"), a_field("done", "checkbox", of="deals"))


@pytest.fixture(scope="module")
def crm(app):
    own = {"read": "own", "create": True, "edit": "own", "delete": "own", "import": False, "export": False, "give": False}
    blind = {"read": "all", "create": True, "edit": "all", "delete": "all", "import": True, "export": True, "give": True,
             "fields": {"fld_deals_amount": "hidden", "fld_deals_score": "read"}}
    builders.publish_all(builders.accounts(a_field("billing", "address", of="accounts")), builders.deals(*MORE),
                         builders.a_role("rep"), builders.a_role("junior", deals=own, accounts=own | {"read": "own"}),
                         builders.a_role("blind", deals=blind))
    with transaction() as tx:
        tx.execute(sa.text("INSERT INTO house.rate (currency, from_date, rate) VALUES ('EUR', '2020-01-01', 1.25)"))
    money.forget()
    worker.prepare()
    worker.drain_all()              # the index that keeps codes unique is built after publishing
    for name, role in (("junior", "junior"), ("blind", "blind")):
        users.create(name, roles=(role,), password=f"{name} password", full_name=name.capitalize())
    published.refresh()
    return {"account": service.create(HOUSE, "accounts", {"name": "Công ty Nguyễn Đức", "industry": "Food",
                                                          "billing": {"city": "Đà Nẵng"}}).id}


class Client:
    """A program with one person's key."""

    def __init__(self, app, headers):
        self.app, self.headers = app.test_client(), headers

    def ask(self, method, path, body=None, headers=None, **query):
        query = {name: json.dumps(value) if isinstance(value, (dict, list)) else value for name, value in query.items()}
        address = "/api/v1" + path + ("?" + urlencode(query) if query else "")
        return self.app.open(address, method=method, json=body, headers=self.headers | (headers or {}))

    def make(self, module="deals", **values):
        made = self.ask("POST", f"/records/{module}", {"name": "Trays"} | values)
        assert made.status_code == 201, made.text
        return json.loads(made.data, parse_float=Decimal)

    def get(self, path, **query):
        answer = self.ask("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data, parse_float=Decimal)


@pytest.fixture
def client(app, crm, bearer):
    return Client(app, bearer("boss"))


@pytest.fixture
def junior(app, crm, bearer):
    return Client(app, bearer("junior"))


@pytest.fixture
def blind(app, crm, bearer):
    return Client(app, bearer("blind"))


def refused(answer, status, *fields):
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status and answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert answer.json["detail"] and answer.json["title"] and answer.json["type"]
    if fields:
        assert set(answer.json["errors"]) == set(fields), answer.json
    return answer.json


def rows_hash(module="deals"):
    with reading() as connection:
        return connection.execute(sa.text(
            f"SELECT md5(string_agg(t::text, '|' ORDER BY id)), count(*) FROM records.{module} t")).one(), connection.execute(
            sa.text("SELECT (SELECT count(*) FROM house.history), "
                    "(SELECT count(*) FROM house.event WHERE module IS NOT NULL)")).one()


# Create and read

def test_a_new_record_has_a_place_and_a_version(client, crm):
    made = client.ask("POST", "/records/deals", {
        "name": "Trays", "amount": 48500.5, "stage": "Proposal", "close_date": "2026-11-28", "account": crm["account"],
        "meeting": "2026-11-28T14:30:00+07:00", "tags": ["export", "frame"], "colours": ["blue", "red"], "phone": "0283 822 1190",
        "score": 7, "done": True, "site": {"street": "12 Bạch Đằng", "city": "Đà Nẵng"}})

    assert made.status_code == 201 and made.headers["ETag"] == '"1"'
    assert made.headers["Location"].endswith(f"/api/v1/records/deals/{made.json['id']}")
    got = client.ask("GET", f"/records/deals/{made.json['id']}")
    assert got.headers["ETag"] == '"1"' and got.json == made.json
    assert '"amount":48500.5,' in got.text
    assert got.json["meeting"] == "2026-11-28T07:30:00Z" and got.json["colours"] == ["red", "blue"]
    assert got.json["phone"] == "+842838221190" and got.json["site.city"] == "Đà Nẵng" and got.json["site.country"] is None
    assert got.json["weighted"] == 24250.25 and got.json["number"]


def test_decimals_travel_exactly(client):
    made = client.ask("POST", "/records/deals", {"name": "Exact"}).json
    changed = client.app.patch(f"/api/v1/records/deals/{made['id']}", data='{"amount": 123456789012345.678901}',
                               content_type="application/json", headers=client.headers | {"If-Match": '"1"'})

    assert '"amount":123456789012345.678901' in changed.text
    assert '"amount":123456789012345.678901' in client.ask("GET", f"/records/deals/{made['id']}").text


@pytest.mark.parametrize("body", [{"site": {"city": "Huế", "code": "49000"}}, {"site.city": "Huế", "site.code": "49000"}])
def test_parts_may_be_nested_or_flat(client, body):
    made = client.make(**body)

    assert (made["site.city"], made["site.code"]) == ("Huế", "49000")


def test_a_part_alone_changes_only_that_part_and_null_empties_them_all(client):
    made = client.make(site={"city": "Huế", "street": "1 Lê Lợi"})
    path = f"/records/deals/{made['id']}"

    assert client.ask("PATCH", path, {"site": {"city": "Vinh"}}, {"If-Match": '"1"'}).json["site.street"] == "1 Lê Lợi"
    emptied = client.ask("PATCH", path, {"site": None}, {"If-Match": '"2"'})
    assert emptied.status_code == 200, emptied.text
    assert (emptied.json["site.city"], emptied.json["site.street"]) == (None, None)


def test_another_currency_is_kept_and_valued_at_home(client):
    made = client.make(amount={"value": 100, "currency": "EUR"})

    assert (made["amount"], made["amount.currency"], made["amount.home"]) == (100, "EUR", 125)
    changed = client.ask("PATCH", f"/records/deals/{made['id']}", {"amount.currency": "USD"}, {"If-Match": '"1"'})
    assert (changed.json["amount"], changed.json["amount.home"]) == (100, 100)
    emptied = client.ask("PATCH", f"/records/deals/{made['id']}", {"amount": None}, {"If-Match": '"2"'})
    assert (emptied.json["amount"], emptied.json["amount.currency"], emptied.json["amount.home"]) == (None, None, None)


def test_a_currency_without_a_rate_is_refused_by_name(client):
    refused(client.ask("POST", "/records/deals", {"name": "x", "amount": 5, "amount.currency": "ISK"}), 422, "amount")
    refused(client.ask("POST", "/records/deals", {"name": "x", "amount": 5, "amount.currency": "???"}), 422, "amount.currency")


def test_several_wrong_values_are_all_named(client):
    before = rows_hash()
    refused(client.ask("POST", "/records/deals", {"name": "x", "stage": "Dreaming", "score": "many", "meeting": "soon",
                                                  "colours": ["pink"], "close_date": 5}), 422,
            "stage", "score", "meeting", "colours", "close_date")
    assert rows_hash() == before


def test_a_required_field_and_a_unique_one_say_so(client):
    refused(client.ask("POST", "/records/deals", {"score": 1}), 422, "name")
    client.make(code="A-1")
    refused(client.ask("POST", "/records/deals", {"name": "x", "code": "A-1"}), 422, "code")
    other = client.make(code="A-2")
    refused(client.ask("PATCH", f"/records/deals/{other['id']}", {"code": "A-1"}, {"If-Match": '"1"'}), 422, "code")


# Idempotency

def test_the_same_key_twice_creates_once_and_answers_alike(client):
    first = client.ask("POST", "/records/deals", {"name": "Once", "amount": 1.5}, {"Idempotency-Key": "k-1"})
    again = client.ask("POST", "/records/deals", {"name": "Once", "amount": 1.5}, {"Idempotency-Key": "k-1"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json and again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"] and again.headers["ETag"] == first.headers["ETag"]
    assert client.get("/records/deals", filter={"field": "name", "operator": "is", "operand": "Once"})["count"] == 1


def test_the_same_key_for_something_else_is_refused(client, blind):
    client.ask("POST", "/records/deals", {"name": "First"}, {"Idempotency-Key": "k-2"})

    refused(client.ask("POST", "/records/deals", {"name": "Second"}, {"Idempotency-Key": "k-2"}), 422)
    refused(client.ask("POST", "/records/accounts", {"name": "First"}, {"Idempotency-Key": "k-2"}), 422)
    assert blind.ask("POST", "/records/deals", {"name": "Second"}, {"Idempotency-Key": "k-2"}).status_code == 201   # their own


def test_a_refused_request_does_not_use_up_its_key(client):
    refused(client.ask("POST", "/records/deals", {"name": "x", "score": "many"}, {"Idempotency-Key": "k-3"}), 422)

    assert client.ask("POST", "/records/deals", {"name": "x", "score": 3}, {"Idempotency-Key": "k-3"}).status_code == 201


def test_a_key_that_is_too_long_is_a_bad_request(client):
    refused(client.ask("POST", "/records/deals", {"name": "x"}, {"Idempotency-Key": "k" * 256}), 400)


# Change, delete, restore

def test_a_change_needs_the_version_it_is_based_on(client):
    made = client.make()
    path = f"/records/deals/{made['id']}"

    refused(client.ask("PATCH", path, {"score": 1}), 428)
    refused(client.ask("PATCH", path, {"score": 1}, {"If-Match": "*"}), 428)
    refused(client.ask("PATCH", path, {"score": 1}, {"If-Match": '"7"'}), 412)
    refused(client.ask("PATCH", path, {"score": 1}, {"If-Match": '"99999999999999999999"'}), 412)
    changed = client.ask("PATCH", path, {"score": 1}, {"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"], changed.json["score"]) == (200, '"2"', 1)
    refused(client.ask("PATCH", path, {"score": 2}, {"If-Match": '"1"'}), 412)
    assert client.get(path)["score"] == 1


def test_a_deleted_record_is_gone_until_it_is_restored(client):
    made = client.make(name="Gone")
    path = f"/records/deals/{made['id']}"

    refused(client.ask("DELETE", path, headers={"If-Match": '"4"'}), 412)
    assert client.ask("DELETE", path).status_code == 204
    refused(client.ask("GET", path), 404)
    refused(client.ask("PATCH", path, {"score": 1}, {"If-Match": '"2"'}), 404)
    refused(client.ask("DELETE", path), 404)
    assert made["id"] not in [row["id"] for row in client.get("/records/deals", limit=200)["records"]]
    assert made["id"] in [row["id"] for row in client.get("/records/deals", limit=200, deleted=1)["records"]]
    back = client.ask("POST", f"{path}/restore")
    assert (back.status_code, back.json["version"], back.headers["ETag"]) == (200, 3, '"3"')
    refused(client.ask("POST", f"{path}/restore"), 404)
    verbs = [entry["verb"] for entry in client.get(f"{path}/history")["history"]]
    assert verbs == ["restore", "delete", "create"]


def test_what_came_back_cannot_take_a_unique_value_from_another(client):
    made = client.make(code="U-1")
    client.ask("DELETE", f"/records/deals/{made['id']}")
    client.make(code="U-1")

    refused(client.ask("POST", f"/records/deals/{made['id']}/restore"), 409)
    assert client.get("/records/deals", deleted="true", filter={"field": "code", "operator": "is", "operand": "U-1"})["count"] == 1


def test_history_tells_each_change_in_json_values(client):
    made = client.make(amount=10, close_date="2026-01-02", tags=["a"])
    path = f"/records/deals/{made['id']}"
    client.ask("PATCH", path, {"amount": 12.25, "close_date": "2026-02-03", "tags": ["b"]}, {"If-Match": '"1"'})

    newest, oldest = client.get(f"{path}/history")["history"]
    assert newest["changed"]["amount"] == [10, Decimal("12.25")] and newest["changed"]["close_date"] == ["2026-01-02", "2026-02-03"]
    assert newest["changed"]["tags"] == [["a"], ["b"]] and newest["channel"] == "api" and newest["by_name"] == "Bo Boss"
    assert client.get(f"{path}/history", limit=1)["history"] == [newest]
    assert client.get(f"{path}/history", before=newest["id"])["history"] == [oldest]


READ_ONLY = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "import_id", "search",
             "weighted", "number", "amount.home", "nonsense", "site.planet", "name.part", "account.name", "__class__", "", "name ",
             "NAME")


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_cannot_be_set_is_refused_by_name_and_changes_nothing(client, name):
    made = client.make()
    before = rows_hash()

    refused(client.ask("PATCH", f"/records/deals/{made['id']}", {name: 5, "score": 3}, {"If-Match": '"1"'}), 422, name)
    refused(client.ask("POST", "/records/deals", {"name": "x", name: 5}), 422, name)
    assert rows_hash() == before


def test_a_roll_up_cannot_be_set(client, crm):
    refused(client.ask("PATCH", f"/records/accounts/{crm['account']}", {"won": 5}, {"If-Match": '"1"'}), 422, "won")


# Lists

@pytest.fixture(scope="module")
def dozen(app, crm):
    """Twelve deals of their own, told apart by their code."""
    for number in range(12):
        service.create(HOUSE, "deals", {
            "name": f"Dozen {number:02}", "code": f"dozen-{number}", "score": None if number % 5 == 0 else number,
            "amount": number * 100, "stage": ("Qualification", "Proposal", "Closed Won")[number % 3],
            "account": crm["account"] if number % 2 else None, "close_date": f"2026-{number + 1:02}-15",
            "meeting": f"2026-{number + 1:02}-01T00:30:00+07:00", "done": number % 2 == 0,
            "tags": ["even"] if number % 2 == 0 else ["odd"]})
    return {"field": "code", "operator": "contains", "operand": "dozen"}


def test_a_list_shows_the_fields_that_are_asked_for_through_links_too(client, dozen):
    got = client.get("/records/deals", filter=dozen, sort="name", limit=2,
                     fields="name,account.name,account.owner.name,amount.currency")

    assert got["records"][1] | {"id": 0} == {"id": 0, "version": 1, "name": "Dozen 01", "account.name": "Công ty Nguyễn Đức",
                                             "account.owner.name": None, "amount.currency": "USD"}
    all_and_more = client.get("/records/deals", filter=dozen, fields="*,account.industry")["records"][0]
    assert set(all_and_more) > {"stage", "account.industry"}


@pytest.mark.parametrize(("criteria", "numbers"), [
    ({"field": "amount", "operator": "above", "operand": 1000}, [11]),
    ({"field": "stage", "operator": "one_of", "operand": ["Closed Won"]}, [2, 5, 8, 11]),
    ({"field": "account.industry", "operator": "is", "operand": "Food"}, [1, 3, 5, 7, 9, 11]),
    ({"any": [{"field": "score", "operator": "empty"}, {"field": "score", "operator": "is", "operand": 7}]}, [0, 5, 7, 10]),
    ({"not": {"field": "score", "operator": "not_empty"}}, [0, 5, 10]),
    ({"expression": "amount > 900 and stage = \"Proposal\""}, [10]),
    ({"field": "weighted", "operator": "above", "operand": 500}, [11]),
    ({"field": "done", "operator": "is_true"}, [0, 2, 4, 6, 8, 10]),
    ([{"field": "amount", "operator": "above", "operand": 200}, {"field": "amount", "operator": "below", "operand": 500}], [3, 4]),
])
def test_a_filter_finds_what_it_says(client, dozen, criteria, numbers):
    wanted = {"all": [dozen, *(criteria if isinstance(criteria, list) else [criteria])]}

    assert [int(row["name"][-2:]) for row in client.get("/records/deals", filter=wanted, sort="name")["records"]] == numbers


def test_pages_by_cursor_meet_every_record_once_whatever_the_order(client, dozen):
    for sort in ("name", "-score", "score,-name", "-account.name,amount", "meeting"):
        whole = [row["id"] for row in client.get("/records/deals", filter=dozen, sort=sort)["records"]]
        met, after = [], None
        while True:
            page = client.get("/records/deals", filter=dozen, sort=sort, limit=5, **({"after": after} if after else {}))
            met += [row["id"] for row in page["records"]]
            after = page["next"]
            if after is None:
                break
        assert met == whole and len(whole) == 12
        back = client.get("/records/deals", filter=dozen, sort=sort, limit=5, before=page["previous"])
        assert [row["id"] for row in back["records"]] == whole[5:10]


def test_counts_are_capped_exact_or_left_out(client, dozen, monkeypatch):
    monkeypatch.setattr("runtime.records.query.CAP", 10)
    capped = client.get("/records/deals", filter=dozen, limit=2)
    assert (capped["count"], capped["capped"]) == (10, True)
    exact = client.get("/records/deals", filter=dozen, limit=2, count="exact")
    assert (exact["count"], exact["capped"]) == (12, False)
    assert client.get("/records/deals", filter=dozen, limit=2, count="none")["count"] is None
    refused(client.ask("GET", "/records/deals", count="all"), 400)


def test_words_find_records_in_a_list_and_in_the_search(client, crm):
    assert [row["id"] for row in client.get("/records/accounts", q="nguyen duc")["records"]] == [crm["account"]]
    hit, = client.get("/search", q="duc ngu")["results"]
    assert (hit["module"], hit["id"], hit["title"]) == ("accounts", crm["account"], "Công ty Nguyễn Đức")
    assert client.get("/search", q="")["results"] == [] and client.get("/search", q="nguyen", module="deals")["results"] == []


BAD = {
    "limit 0": {"limit": 0}, "limit 201": {"limit": 201}, "limit text": {"limit": "many"}, "limit huge": {"limit": "9" * 30},
    "sort unknown": {"sort": "nonsense"}, "sort address": {"sort": "site"}, "sort tags": {"sort": "tags"},
    "five sorts": {"sort": "name,score,amount,stage,code"}, "fields unknown": {"fields": "name,nonsense"},
    "six hops": {"fields": "account.owner.name.x.y.z.w"}, "filter not JSON": {"filter": "{"}, "filter text": {"filter": "\"name\""},
    "filter number": {"filter": "5"}, "filter empty object": {"filter": "{}"}, "filter no operator": {"filter": {"field": "name"}},
    "operator": {"filter": {"field": "name", "operator": "sounds_like", "operand": "x"}},
    "operand": {"filter": {"field": "amount", "operator": "above", "operand": "much"}},
    "operand missing": {"filter": {"field": "amount", "operator": "above"}},
    "operand object": {"filter": {"field": "name", "operator": "is", "operand": {"$ne": 1}}},
    "operand huge": {"filter": {"field": "score", "operator": "is", "operand": 10 ** 40}},
    "101 conditions": {"filter": {"all": [{"field": "name", "operator": "empty"}] * 101}},
    "deep": {"filter": json.loads('{"not":' * 30 + '{"field":"name","operator":"empty"}' + "}" * 30)},
    "501 operands": {"filter": {"field": "name", "operator": "one_of", "operand": [str(number) for number in range(501)]}},
    "unknown parameter": {"page": 2}, "cursor": {"after": "abc"}, "expression": {"filter": {"expression": "amount >"}},
    "expression of nothing": {"filter": {"expression": "amount + 1"}},
    "121 columns": {"fields": ",".join(f"c{n}" for n in range(121))},
}


@pytest.mark.parametrize("name", BAD)
def test_a_question_that_cannot_be_asked_is_a_bad_request_with_a_sentence(client, dozen, name):
    problem = refused(client.ask("GET", "/records/deals", **BAD[name]), 400)
    assert len(problem["detail"]) > 15


REPORTS = {
    "five groups": {"group": "stage,code,score,done,account"}, "eleven measures": {"measures": ",".join(["count"] * 11)},
    "unknown": {"group": "nonsense"}, "bucket": {"group": "close_date:decade"}, "bucket of text": {"group": "name:month"},
    "measure": {"measures": "median:amount"}, "sum of text": {"measures": "sum:name"}, "measure of nothing": {"measures": "sum"},
    "group by tags": {"group": "tags"}, "filter": {"filter": {"field": "nonsense", "operator": "empty"}},
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_that_cannot_be_made_is_a_bad_request(client, name):
    refused(client.ask("GET", "/aggregate/deals", **REPORTS[name]), 400)


# Aggregates

def test_a_report_counts_and_sums_by_groups(client, dozen):
    rows = client.get("/aggregate/deals", group="stage", filter=dozen,
                      measures="count,sum:amount,avg:amount,min:amount,max:amount,max:score")["rows"]

    assert rows[0] == {"stage": "Closed Won", "count": 4, "sum:amount": 2600, "avg:amount": 650, "min:amount": 200,
                       "max:amount": 1100, "max:score": 11}
    assert sum(row["count"] for row in rows) == 12


def test_a_report_without_groups_is_one_row_and_sums_are_exact(client, dozen):
    assert client.get("/aggregate/deals", filter=dozen, measures="sum:amount")["rows"] == [{"sum:amount": 6600}]
    assert client.get("/aggregate/deals", filter={"field": "code", "operator": "is", "operand": "none"},
                      measures="count,sum:amount")["rows"] == [{"count": 0, "sum:amount": None}]


@pytest.mark.parametrize(("bucket", "first", "groups"), [
    ("day", "2026-01-15", 12), ("week", "2026-01-12", 12), ("month", "2026-01-01", 12), ("quarter", "2026-01-01", 4),
    ("year", "2026-01-01", 1)])
def test_dates_are_cut_into_buckets_named_by_their_first_day(client, dozen, bucket, first, groups):
    rows = client.get("/aggregate/deals", group=f"close_date:{bucket}", filter=dozen)["rows"]

    assert rows[0][f"close_date:{bucket}"] == first and len(rows) == groups


def test_moments_are_cut_in_the_asker_s_own_zone(app, bearer, dozen):
    """00:30 on the first in Saigon is still the last day of the month before in London."""
    for name, zone, first in (("saigon", "Asia/Ho_Chi_Minh", "2026-01-01"), ("london", "Europe/London", "2025-12-01")):
        person = users.create(name, roles=("rep",), password=f"{name} password")
        store.save_profile(person, {"time_zone": zone})
        rows = Client(app, bearer(name)).get("/aggregate/deals", group="meeting:month", filter=dozen)["rows"]
        assert rows[0]["meeting:month"] == first and len(rows) == 12


def test_the_first_and_last_moment_keep_their_time(client, dozen):
    row, = client.get("/aggregate/deals", measures="min:meeting,max:close_date", filter=dozen)["rows"]

    assert row == {"min:meeting": "2025-12-31T17:30:00Z", "max:close_date": "2026-12-15"}


def test_a_link_is_grouped_by_id_with_its_name_beside_it(client, dozen, crm):
    rows = client.get("/aggregate/deals", group="account", filter=dozen)["rows"]

    assert {"account": crm["account"], "account:label": "Công ty Nguyễn Đức", "count": 6} in rows


# What each may see

def test_people_who_see_only_their_own_count_only_their_own(client, junior):
    client.make(name="Not Junior's", code="j-0")
    mine = junior.make(name="Junior's", code="j-1")
    asked = {"field": "code", "operator": "contains", "operand": "j-"}

    assert [row["id"] for row in junior.get("/records/deals", filter=asked)["records"]] == [mine["id"]]
    assert junior.get("/records/deals", filter=asked, count="exact")["count"] == 1
    assert junior.get("/aggregate/deals", filter=asked)["rows"] == [{"count": 1}]
    assert [hit["id"] for hit in junior.get("/search", q="junior")["results"]] == [mine["id"]]


def test_a_strange_id_answers_like_a_missing_one_on_every_door(client, junior):
    theirs = client.make()["id"]
    for method, tail, body in (("GET", "", None), ("PATCH", "", {"name": "Mine"}), ("DELETE", "", None), ("GET", "/history", None),
                               ("POST", "/restore", None)):
        answers = []
        for number in (theirs, 99_999_999, 99_999_999_999_999_999_999_999):
            problem = refused(junior.ask(method, f"/records/deals/{number}{tail}", body, {"If-Match": '"1"'}), 404)
            answers.append(problem["detail"])
        assert len(set(answers)) == 1, answers


def test_a_link_to_a_record_one_may_not_see_keeps_its_name_to_itself(client, junior, crm):
    mine = junior.make()
    client.ask("PATCH", f"/records/deals/{mine['id']}", {"account": crm["account"]}, {"If-Match": '"1"'})

    got = junior.get(f"/records/deals/{mine['id']}", fields="name,account.name,account.industry")
    assert (got["account.name"], got["account.industry"]) == (None, None)
    refused(junior.ask("POST", "/records/deals", {"name": "x", "account": crm["account"]}), 422, "account")
    assert junior.get("/records/deals", filter={"field": "account.name", "operator": "contains", "operand": "Nguy"})["count"] == 0
    row, = junior.get("/aggregate/deals", group="account", filter={"field": "id", "operator": "is", "operand": mine["id"]})["rows"]
    assert row["account:label"] is None


def test_a_read_only_field_and_a_hidden_one_cannot_be_set_nor_given_away_what_one_may_not_give(client, blind, junior):
    mine = blind.make()
    path = f"/records/deals/{mine['id']}"

    assert "amount" not in mine and "weighted" not in mine
    problem = refused(blind.ask("PATCH", path, {"score": 5, "amount": 5}, {"If-Match": '"1"'}), 422, "score", "amount")
    assert problem["errors"]["score"] == ["You cannot set this field."]
    refused(junior.ask("POST", "/records/deals", {"name": "x", "owner": users.get("boss").id}), 422, "owner")


def test_the_recycle_bin_shows_only_what_one_may_delete(app, client, bearer):
    looker = {"read": "all", "create": False, "edit": "no", "delete": "no"}
    now = published.current().definitions
    publish.publish(HOUSE, now.with_document(Role(id="role_viewer", name="viewer", label="Viewer", modules={"mod_deals": looker})))
    published.refresh()
    users.sync_roles()
    users.create("viewer", roles=("viewer",), password="viewer password")
    viewer = Client(app, bearer("viewer"))

    assert viewer.ask("GET", "/records/deals").status_code == 200
    refused(viewer.ask("GET", "/records/deals", deleted=1), 403)
    refused(viewer.ask("POST", "/records/deals", {"name": "x"}), 403)
    refused(viewer.ask("GET", "/records/accounts"), 404)
    assert set(viewer.get("/openapi.json")["paths"]) >= {"/api/v1/records/deals"}
    assert "/api/v1/records/accounts" not in viewer.get("/openapi.json")["paths"]
    assert "post" not in viewer.get("/openapi.json")["paths"]["/api/v1/records/deals"]


# Keys

def test_without_a_key_in_use_there_is_no_answer(app, crm):
    users.create("leaving", roles=("Admin",), password="leaving password")
    key = users.token("leaving")
    plain = app.test_client()
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"},
                    {"Authorization": f"Basic {key}"}, {"Authorization": f"Bearer {key}x"}):
        answer = plain.get("/api/v1/records/deals", headers=headers)
        refused(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert plain.get("/api/v1/records/deals", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    users.disable(users.get("leaving").id)
    refused(plain.get("/api/v1/records/deals", headers={"Authorization": f"Bearer {key}"}), 401)


def test_a_session_cookie_opens_no_api(boss):
    refused(boss.get("/api/v1/records/deals"), 401)


# Descriptions

def test_the_metadata_lists_what_one_may_read(client, blind):
    deals = next(module for module in client.get("/metadata")["modules"] if module["name"] == "deals")
    fields = {field["name"]: field for field in deals["fields"]}
    assert fields["amount"]["parts"] == ["amount.currency", "amount.home"] and not fields["weighted"]["editable"]
    assert "above" in fields["amount"]["operators"] and fields["account"]["module"] == "accounts"
    assert "amount" not in json.dumps(blind.get("/metadata"), default=str)


def test_the_openapi_document_is_valid_and_holds_for_what_is_answered(client, blind):
    document = client.get("/openapi.json")
    openapi_spec = pytest.importorskip("openapi_spec_validator")
    openapi_spec.validate(json.loads(json.dumps(document, default=float)))

    import jsonschema
    made = json.loads(client.ask("POST", "/records/deals", {"name": "x", "tags": ["a"], "colours": ["red"],
                                                            "site": {"city": "Huế"}, "amount": 5, "done": True,
                                                            "close_date": "2026-01-01"}).data)
    schema = document["components"]["schemas"]["Deals"]
    jsonschema.Draft202012Validator(json.loads(json.dumps(schema, default=float))).validate(made)
    assert set(made) <= set(schema["properties"])
    one = "/api/v1/records/deals/{id}"
    assert {f"{one}/restore", f"{one}/history", "/api/v1/metadata"} <= set(document["paths"])
    assert "amount" not in json.dumps(blind.get("/openapi.json"), default=str)


# Refused writes leave nothing

def a_hundred_bad_bodies():
    wrong = {"name": [5, None, "", " ", [], {}, "a\x00", "x" * 1000], "stage": ["Dreaming", 5, ["Proposal"], True],
             "amount": ["much", [], {"value": "x"}, {"planet": 5}, True, 1e30], "close_date": [5, "31/31/2026", "2026-02-30", True],
             "account": [0, -5, 999_999_999, "x", 10 ** 30, [1], True], "owner": [999_999_999, "me", {}],
             "meeting": ["soon", 5, []], "tags": [5, {"a": 1}, [1, 2], ["x" * 50]],
             "colours": ["pink", ["red", "pink"], 5, {"red": 1}],
             "site": ["Huế", 5, ["x"], {"planet": "Mars"}], "site.city": [5, ["x"], "x" * 200], "phone": ["call me", "12", 5],
             "score": ["x", 1.5, 10 ** 30, [], {}], "done": ["perhaps", 7, {}], "id": [1], "version": [1], "weighted": [1],
             "number": ["X1"], "amount.home": [1], "amount.currency": ["EURO", 5], "nonsense": [None, 1, {}]}
    return [(name, value) for name, values in wrong.items() for value in values]


def test_two_hundred_refused_writes_change_nothing(client, junior, blind, crm):
    deal = client.make(name="Standing", amount=5, stage="Proposal")
    mine = junior.make(name="Junior's own")
    gone = client.make()
    client.ask("DELETE", f"/records/deals/{gone['id']}")
    path, before = f"/records/deals/{deal['id']}", (rows_hash(), rows_hash("accounts"))
    count = 0
    for name, value in a_hundred_bad_bodies():
        for answer in (client.ask("POST", "/records/deals", {"name": "New", name: value}),
                       client.ask("PATCH", path, {"stage": "Closed Won", name: value}, {"If-Match": '"1"'})):
            assert 400 <= answer.status_code < 500, (name, value, answer.status_code, answer.text)
            if answer.status_code == 422:
                named = [error for error in answer.json["errors"] if error == name or error.startswith(f"{name}.")]
                assert named, (name, value, answer.text)
            count += 1
    etag = {"If-Match": '"1"'}
    for answer in (junior.ask("PATCH", path, {"name": "Mine now"}, etag), junior.ask("DELETE", path),
                   junior.ask("POST", f"{path}/restore"),
                   blind.ask("PATCH", path, {"amount": 1}, etag), client.ask("PATCH", path, {"name": "x"}),
                   client.ask("PATCH", path, {"name": "x"}, {"If-Match": '"9"'}), client.ask("PATCH", path, [1], etag),
                   junior.ask("PATCH", f"/records/deals/{mine['id']}", {"owner": users.get("boss").id}, etag),
                   client.ask("PATCH", f"/records/deals/{gone['id']}", {"name": "x"}, {"If-Match": '"2"'}),
                   client.ask("PUT", path, {"name": "x"}), client.ask("POST", path, {"name": "x"}),
                   client.app.patch(f"/api/v1{path}", data="name=x", headers=client.headers | etag)):
        assert 400 <= answer.status_code < 500, answer.text
        count += 1
    assert count > 100
    assert (rows_hash(), rows_hash("accounts")) == before
