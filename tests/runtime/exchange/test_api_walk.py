"""The walk in docs/imports.md, line by line, and files that nobody should send."""
import io
import re
import shlex
from pathlib import Path

import pytest

from runtime import worker
from runtime.db.transaction import reading
from runtime.security import users
from runtime.web.limits import limiter
from tests.builders import emptied
from tests.runtime.exchange.test_hostile_files import a_bomb

API = "/api/v1/imports"
DEALS = b"Deal Name,Amount,Mood\nOne,5,sunny\nTwo,many,grey\n"
PAGE = Path("docs/imports.md").read_text(encoding="utf-8")


@pytest.fixture
def send(app):
    limiter.reset()
    with reading() as connection:
        emptied(connection, "records.deals, house.history, house.import_run")
    headers = {"Authorization": f"Bearer {users.token('lan')}"}

    def send(content, name="deals.csv", **fields):
        return app.test_client().post(API, headers=headers, data={"file": (io.BytesIO(content), name), **fields})
    send.get = lambda address: app.test_client().get(address, headers=headers)
    send.post = lambda address: app.test_client().post(address, headers=headers)
    return send


def curl(app, line, known):
    """One line of the shell, as curl would send it."""
    for name, value in known.items():
        line = line.replace(f"${name}", value)
    verb, headers, form, body, address = "", {}, {}, None, ""
    words = iter(shlex.split(line)[1:])
    for word in words:
        if word == "-X":
            verb = next(words)
        elif word == "-H":
            name, _colon, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-F":
            name, _is, value = next(words).partition("=")
            form[name] = (io.BytesIO(DEALS), value[1:]) if value.startswith("@") else value
        elif word == "-d":
            body = next(words)
            headers["Content-Type"] = "application/x-www-form-urlencoded"       # what curl says where nobody says otherwise
        else:
            address = word
    assert "$" not in line and not address.startswith("-")
    return app.test_client().open(address, method=verb or ("POST" if form else "GET"), headers=headers, data=form or body)


def test_the_walk_of_the_document_goes_as_it_says(app, send):
    lines = re.search(r"```sh\n(.*?)```", PAGE, re.DOTALL).group(1).splitlines()
    known, statuses, last = {"CRM": "", "KEY": users.token("lan")}, [], None
    for line in lines:
        last = curl(app, line, known)
        statuses.append(last.status_code)
        if "ID" not in known:
            known["ID"] = str(last.json["id"])
        if "start" in line or "undo" in line:
            worker.prepare()
            worker.drain_all()

    assert statuses == [201, 200, 200, 202, 200, 200, 200, 202]
    told = send.get(f"{API}/{known['ID']}").json
    assert (told["state"], told["counts"]["created"], told["counts"]["refused"], told["counts"]["undone"]) == ("undone", 1, 1, 1)


def test_the_document_names_every_address_and_property(app):
    said = {rule.rule.removeprefix(API).rpartition("/")[2] for rule in app.url_map.iter_rules()
            if rule.endpoint.startswith("exchange_api.")} - {"", "<int:import_id>"}
    assert said == {"check", "start", "undo", "problems", "problems.csv"}
    assert [word for word in (*said, "mapping", "values", "match", "mode", "on_duplicate", "sheet", "module_sure")
            if word not in PAGE] == []


@pytest.mark.parametrize(("content", "name", "said"), [
    (b"", "a.csv", "The file is empty."), (b"%PDF-1.7", "a.csv", "This is no table."), (b"\x1e[]", "a.csv", "This is no table."),
    (b"PK\x03\x04 no workbook", "a.xlsx", "This workbook cannot be read."),
    (b"Name\n", "a.csv", "no rows below them"), (b"\xff\xfe\xd8", "a.csv", "cannot be read")])
def test_what_is_no_table_is_refused_as_on_the_screen(send, content, name, said):
    answer = send(content, name, module="deals")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), answer.text
    assert said in answer.json["errors"]["file"][0] and answer.json["request_id"]


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_by_its_size(send, tmp_path):
    answer = send(a_bomb(tmp_path / "bomb.xlsx", 1_100).read_bytes(), "bomb.xlsx", module="deals")
    assert answer.status_code == 422
    assert answer.json["errors"] == {"file": ["The workbook unpacks to more than 1 GB. Save its first sheet as CSV."]}


def test_a_cell_of_ten_megabytes_holds_its_row_back_and_no_other(send):
    made = send(b"Name,Code\n" + b"x" * 10_000_000 + b",1\nFine,2\n", module="deals")
    assert made.status_code == 201 and len(made.data) < 20_000
    check = send.post(made.json["links"]["check"])
    assert (check.json["counts"]["created"], check.json["counts"]["refused"]) == (1, 1) and len(check.data) < 5_000
    send.post(made.json["links"]["start"])
    worker.prepare()
    worker.drain_all()
    problem, = send.get(made.json["links"]["problems"]).json["problems"]
    assert (problem["row"], problem["column"]) == (2, "Name") and "too long" in problem["reason"]
    assert len(problem["value"]) <= 200


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read_as_what_they_are(send, encoding):
    made = send("Name,Code\nCafé Zoë,1\n".encode(encoding), module="deals")
    assert made.json["columns"][0]["samples"] == ["Café Zoë"]


def test_a_file_that_names_no_field_asks_for_its_module_and_is_not_kept(send):
    answer = send(b"Flavour,Weight\nsweet,3\n")
    assert answer.status_code == 422 and list(answer.json["errors"]) == ["module"]


def test_a_file_above_the_limit_and_calls_above_the_budget_are_refused(app, send, monkeypatch):
    monkeypatch.setitem(app.config, "IMPORT_LIMIT", 1_000)
    large = send(b"Name\n" + b"x\n" * 1_000, module="deals")
    assert (large.status_code, large.json["code"]) == (413, "too_large")
    monkeypatch.setitem(app.config, "API_RATE", "2 per minute")
    limiter.reset()
    statuses = [send.get(API).status_code for _ in range(3)]
    limiter.reset()
    assert statuses == [200, 200, 429]
