"""Imports by program: a file goes the whole way, and is refused in the same words and by the same rights as on the screen."""
import io

import pytest
import sqlalchemy as sa
import xlsxwriter

from runtime import worker
from runtime.db.transaction import reading, transaction
from runtime.exchange import store, told
from runtime.security import users
from runtime.web.limits import limiter
from tests.builders import emptied
from tests.runtime.exchange.test_forgetting import Meanwhile

API = "/api/v1/imports"
FILE = ("Deal Name;Amount;Close date;Account;Stage;Mood\n"
        "One;$5.50;21-03-2026;Acme;closed won;sunny\n"
        "Two;many;22-03-2026;Acmee;Fresh;\n"
        "Three;7;03-04-2026;;Proposal;\n")


@pytest.fixture
def ask(app):
    limiter.reset()
    with reading() as connection:
        emptied(connection, "records.deals, records.accounts, house.history, house.import_run")
        connection.execute(sa.text("INSERT INTO records.accounts (name) VALUES ('Acme')"))

    def ask(verb, address, who="lan", headers=None, **sent):
        return app.test_client().open(address if address.startswith("/api") else API + address, method=verb,
                                      headers={"Authorization": f"Bearer {users.token(who)}"} | (headers or {}), **sent)
    return ask


def sent(ask, content=FILE, name="deals.csv", who="lan", **fields):
    content = content if isinstance(content, bytes) else content.encode()
    return ask("POST", "", who, data={"file": (io.BytesIO(content), name), **fields})


def run_all():
    worker.prepare()
    worker.drain_all()


def names():
    with reading() as connection:
        return list(connection.scalars(sa.text("SELECT name FROM records.deals ORDER BY id")))


def test_a_file_is_sent_corrected_checked_started_followed_and_undone(ask):
    made = sent(ask)
    assert made.status_code == 201, made.text
    begun = made.json
    home = f"/{begun['id']}"
    assert made.headers["Location"] == API + home == begun["links"]["self"]
    assert (begun["module"], begun["module_sure"], begun["state"], begun["match"]) == ("deals", 0.8333, "new", "name")
    amount, mood = begun["columns"][1], begun["columns"][5]
    assert amount["field"] == "amount" and amount["samples"] == ["$5.50", "many", "7"] and 0 < amount["sure"] < 1
    assert amount["unread"] == 1 and amount["cells"] == {"many": 1} and mood["field"] is None
    assert {"field": "stage", "label": "Stage"} in begun["fields"] and {"field": "name", "label": "Name"} in begun["keys"]

    changed = ask("PATCH", home, json={"mapping": {"Close date": "close_date#dmy", "Mood": None}, "match": "", "mode": "skip",
                                       "values": {"Stage": {"Fresh": "Qualification"}}})
    assert changed.status_code == 200, changed.text
    assert changed.json["mapping"]["Close date"] == "close_date#dmy" and changed.json["mode"] == "skip"
    assert changed.json["values"] == {"Stage": {"Fresh": "Qualification"}} and changed.json["match"] == ""

    check = ask("POST", f"{home}/check")
    assert check.json["counts"] | {"created": 2, "refused": 1} == check.json["counts"] and check.json["rows"] == 3
    assert [reason["heading"] for reason in check.json["reasons"]] == ["Amount"]

    started = ask("POST", f"{home}/start", headers={"Idempotency-Key": "once"})
    assert (started.status_code, started.json["state"], names()) == (202, "staged", [])
    again = ask("POST", f"{home}/start", headers={"Idempotency-Key": "once"})
    assert again.headers["Idempotent-Replayed"] == "true" and again.json == started.json
    run_all()

    done = ask("GET", home).json
    assert (done["state"], done["counts"]["created"], done["counts"]["refused"]) == ("done", 2, 1)
    assert done["progress"] == {"rows": 3, "done": 3} and names() == ["One", "Three"]
    problem, = ask("GET", f"{home}/problems").json["problems"]
    assert (problem["row"], problem["kind"], problem["column"], problem["value"]) == (3, "refused", "Amount", "many")
    assert "3,refused,Amount,many," in ask("GET", f"{home}/problems.csv").text
    assert ask("GET", "").json["imports"][0]["id"] == begun["id"]

    assert ask("POST", done["links"]["undo"].removeprefix(API)).status_code == 202
    run_all()
    assert ask("GET", home).json["state"] == "undone" and names() == []


@pytest.mark.parametrize(("body", "where", "said"), [
    ({"mapping": {"Amount": "nothing"}}, "Amount", "There is no field 'nothing' here that you can use."),
    ({"mapping": {"Amount": "created_at"}}, "Amount", "There is no field 'created_at' here that you can use."),
    ({"mapping": {"Account": "account|secret"}}, "Account", "There is no field 'account|secret' here that you can use."),
    ({"mapping": {"Nowhere": "name"}}, "Nowhere", "The file has no column “Nowhere”."),
    ({"mapping": {"Amount": "name", "Mood": "name"}}, "name", "“Amount” and “Mood” cannot go into the same field."),
    ({"values": {"Mood": {"sunny": "1"}}}, "Mood", "goes into no field"),
    ({"match": "owner"}, "match", "must be one of the mapped fields"),
    ({"mode": "merge"}, "mode", "Choose what happens with rows that are known."),
    ({"on_duplicate": ""}, "on_duplicate", "Choose what happens with rows that are known."),
    ({"sheet": "Two", "mode": "skip"}, "sheet", "Choose the sheet first"),
    ({"sheet": "Two"}, "sheet", "The workbook has no sheet “Two”.")])
def test_what_cannot_be_chosen_is_refused_by_the_column_it_was_for_and_nothing_changes(ask, body, where, said):
    home = f"/{sent(ask).json['id']}"
    before = ask("GET", home).json

    refused = ask("PATCH", home, json=body)

    assert refused.status_code == 422 and refused.mimetype == "application/problem+json"
    assert list(refused.json["errors"]) == [where] and said in refused.json["errors"][where][0]
    assert refused.json["request_id"] and ask("GET", home).json == before


@pytest.mark.parametrize("body", [{"colour": "red"}, {"mapping": []}, {"mapping": {"Amount": 5}}, {"values": {"Stage": ["x"]}},
                                  {"match": 5}, []])
def test_what_is_not_understood_is_no_guesswork(ask, body):
    home = f"/{sent(ask).json['id']}"
    assert ask("PATCH", home, json=body).status_code == 400
    assert ask("GET", f"{home}/problems?after=x").status_code == 400
    assert ask("GET", "?limit=many").status_code == 400 and ask("GET", "?page=2").status_code == 400


def test_a_hidden_field_is_neither_guessed_nor_named_nor_chosen(ask):
    begun = sent(ask, "Name,Amount\nA,5\n", who="blind").json
    assert begun["columns"][1]["field"] is None
    assert "amount" not in [one["field"] for one in begun["fields"]]
    answers = {}
    for path in ("amount", "amounx"):
        refused = ask("PATCH", f"/{begun['id']}", "blind", json={"mapping": {"Amount": path}})
        answers[path] = refused.status_code, {name: said for name, said in refused.json.items() if name != "request_id"}
    assert str(answers["amount"]).replace("amount", "?") == str(answers["amounx"]).replace("amounx", "?")
    assert answers["amount"][0] == 422
    document = ask("GET", "/api/v1/openapi.json", "blind")
    assert "amount" not in document.text


def test_somebody_elses_import_and_one_that_is_not_there_answer_alike_at_every_address(ask, app):
    number = sent(ask, who="boss").json["id"]
    verbs = [(verb, rule.rule.removeprefix(API)) for rule in app.url_map.iter_rules() if rule.endpoint.startswith("exchange_api.")
             and "import_id" in rule.arguments for verb in rule.methods - {"HEAD", "OPTIONS"}]
    for verb, rule in verbs:
        answers = []
        for one in (number, number + 1_000_000):
            answer = ask(verb, rule.replace("<int:import_id>", str(one)), json={} if verb == "PATCH" else None)
            answers.append((answer.status_code, {name: said for name, said in answer.json.items() if name != "request_id"}))
        assert answers[0] == answers[1] and answers[0][0] == 404, (verb, rule)
    assert len(verbs) == 8 and store.get(number).state == "new"
    assert ask("GET", "").json["imports"] == []


def test_who_may_not_import_is_refused_and_told_of_no_such_paths(ask, app):
    assert sent(ask, who="reader", module="deals").status_code == 403
    assert sent(ask, who="reader").status_code == 404
    assert sent(ask, module="nothing").status_code == 404
    assert app.test_client().get(API).status_code == 401
    paths = {who: [path for path in ask("GET", "/api/v1/openapi.json", who).json["paths"] if path.startswith(API)]
             for who in ("reader", "lan")}
    assert paths["reader"] == [] and len(paths["lan"]) == 7


def test_the_right_to_import_is_asked_again_at_each_step(ask):
    number = sent(ask).json["id"]
    users.set_roles("lan", ["reader"])
    try:
        for verb, place in (("PATCH", ""), ("POST", "/check"), ("POST", "/start")):
            assert ask(verb, f"/{number}{place}", json={} if verb == "PATCH" else None).status_code == 403
    finally:
        users.set_roles("lan", ["rep"])
    assert store.get(number).state == "new"


def test_what_has_started_is_changed_and_discarded_no_more(ask):
    number = sent(ask).json["id"]
    assert ask("POST", f"/{number}/undo").status_code == 409
    assert ask("POST", f"/{number}/start").status_code == 202
    for verb, place in (("PATCH", ""), ("POST", "/check"), ("DELETE", ""), ("POST", "/undo")):
        assert ask(verb, f"/{number}{place}", json={} if verb == "PATCH" else None).status_code == 409, (verb, place)
    twin = sent(ask).json["id"]
    assert f"import {number}" in ask("POST", f"/{twin}/start").json["detail"]
    assert ask("DELETE", f"/{twin}").status_code == 204 and ask("GET", f"/{twin}").status_code == 404
    run_all()
    assert ask("GET", f"/{number}").json["state"] == "done"


def test_a_key_that_started_one_import_starts_no_other(ask):
    first, other = sent(ask).json["id"], sent(ask, "Name\nOther\n").json["id"]
    assert ask("POST", f"/{first}/start", headers={"Idempotency-Key": "one"}).status_code == 202
    refused = ask("POST", f"/{other}/start", headers={"Idempotency-Key": "one"})
    assert refused.status_code == 422 and "already used" in refused.json["detail"]
    assert ask("POST", f"/{other}/start", headers={"Idempotency-Key": "x" * 256}).status_code == 400
    assert store.get(other).state == "new"


def test_two_corrections_at_once_both_stand(ask):
    number = sent(ask).json["id"]
    lan = users.actor_for("lan", "api")
    with transaction():
        told.change(lan, number, {"mapping": {"Amount": None}})
        second = Meanwhile(lambda: told.change(lan, number, {"mapping": {"Account": None}}))
        second.until_it_waits()
    second.done()
    assert sorted(ask("GET", f"/{number}").json["mapping"]) == ["Close date", "Deal Name", "Stage"]


def test_another_sheet_of_a_workbook_is_chosen_and_guessed_anew(ask):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name, heading in (("Deals", "Name"), ("More", "Deal Name")):
            book.add_worksheet(name).write_column(0, 0, [heading, f"From {name}"])
    told = sent(ask, file.getvalue(), "book.xlsx", module="deals").json
    assert (told["sheet"], told["sheets"], told["module_sure"]) == ("Deals", ["Deals", "More"], None)

    changed = ask("PATCH", f"/{told['id']}", json={"sheet": "More"}).json
    assert (changed["sheet"], changed["mapping"]) == ("More", {"Deal Name": "name"})
    assert changed["columns"][0]["samples"] == ["From More"]
    ask("POST", f"/{told['id']}/start")
    run_all()
    assert names() == ["From More"]


def test_a_correction_above_the_limit_and_one_of_no_json_are_refused(ask):
    home = f"/{sent(ask).json['id']}"
    assert ask("PATCH", home, data=b'"' + b"x" * 3_000_000 + b'"').status_code == 413
    assert ask("PATCH", home, data=b"{mapping").status_code == 400
    assert ask("PATCH", home, json={"values": {"Stage": {"Fresh\x00": "Won"}}}).status_code == 422


def test_the_list_and_the_problems_come_page_by_page(ask):
    numbers = [sent(ask, f"Name,Amount\nA{at},x\nB{at},y\nC{at},z\n", name=f"{at}.csv").json["id"] for at in range(3)]
    first = ask("GET", "?limit=2").json
    rest = ask("GET", f"?limit=2&before={first['next']}").json
    assert [one["id"] for one in (*first["imports"], *rest["imports"])] == numbers[::-1] and rest["next"] is None

    ask("PATCH", f"/{numbers[0]}", json={"mapping": {"Amount": "amount"}})
    ask("POST", f"/{numbers[0]}/start")
    run_all()
    found, after = [], "0:"
    while after:
        page = ask("GET", f"/{numbers[0]}/problems", query_string={"limit": 1, "after": after}).json
        found += [one["value"] for one in page["problems"]]
        after = page["next"]
    assert found == ["x", "y", "z"]
