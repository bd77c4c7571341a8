"""Build by example: two files that belong together become linked modules, corrected, published and imported."""
import io
import re

import pytest

from runtime.app import create_app
from runtime.exchange import example
from runtime.records import query
from runtime.records.query import Query
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builder import doors
from tests.runtime.web.conftest import KEY, signed_in

HOUSES = "HOUSEID,Street,Price,Kind,Built,Agent Owner,Site\n" + "\n".join(
    f"{number},{number} Elm Street,\"${number}00.50\",{'Flat' if number % 2 else 'House'},{1 + number % 28:02}-Mar-2021,"
    f"Lan,x{number}.com" for number in range(1, 31)) + "\n"
VISITS = "Subject,House Id,When,Sold\n" + "\n".join(
    f"Visit {number},{number % 30 + 1},\"15 Apr, 2021 00:0{number % 9}:00\",{'yes' if number % 3 else 'no'}"
    for number in range(1, 41)) + "\nLost visit,999,not a day,no\n"


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.a_module("deals"), builders.a_role("rep"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    return signed_in(app, "boss")


def sent(client, *files):
    return client.post("/builder/example", data={"csrf_token": client.csrf, "files": [
        (io.BytesIO(text.encode()), name) for name, text in files]})


def test_two_files_become_linked_modules_with_their_records(boss):
    answer = sent(boss, ("Houses.csv", HOUSES), ("Visits.csv", VISITS))
    assert answer.status_code == 303
    page = boss.get(answer.location).text
    assert "House Id → Houses" in page and "row 42: 999" in page and "row 42: not a day" in page

    made = boss.post(answer.location, data={"csrf_token": boss.csrf})
    assert made.status_code == 303 and made.location.endswith("/next")
    assert "Publish it, come back here" in boss.get(made.location).text
    published_now = boss.post("/builder/review", data={"csrf_token": boss.csrf})
    assert published_now.status_code == 303, published_now.text

    houses, visits = (published.refresh().definitions.modules[name] for name in ("houses", "visits"))
    assert {field.label: field.type for field in houses.fields} == {
        "HOUSEID": "integer", "Street": "text", "Price": "currency", "Kind": "picklist", "Built": "date", "Site": "url"}
    assert {field.label: field.type for field in visits.fields} == {
        "Subject": "text", "House Id": "lookup", "When": "datetime", "Sold": "checkbox"}
    assert houses.by_name["houseid"].unique and visits.by_name["house_id"].settings == {"module": "houses"}
    assert [one["value"] for one in houses.by_name["kind"].settings["choices"]] == ["Flat", "House"]

    for name, rows in (("houses", 30), ("visits", 40)):
        begun = boss.post(made.location.replace("/next", f"/import/{name}"), data={"csrf_token": boss.csrf})
        started = boss.post(begun.location.replace("/columns", "/start"), data={"csrf_token": boss.csrf})
        assert started.status_code == 303, started.text
        from runtime.exchange import run  # here: what a worker would do with it
        run.go(int(re.search(r"/import/(\d+)", begun.location)[1]))
        assert query.count(HOUSE, Query(name)) == (rows, False)
    row = query.find(HOUSE, Query("visits", columns=("subject", "house_id.street"), limit=1,
                                  criteria={"field": "subject", "operator": "is", "operand": "Visit 1"})).rows[0]
    assert row.values["house_id.street"] == "2 Elm Street"


def test_a_column_of_names_links_to_the_file_whose_rows_are_called_so(boss):
    parts = "PARTID,Part Name,Price\n" + "\n".join(f"{9000 + each},Bolt M{each},${each}.50" for each in range(1, 31)) + "\n"
    orders = "ORDERID,Part Name,Quantity\n" + "\n".join(f"{7000 + each},Bolt M{each % 30 + 1},{each}" for each in range(1, 41))
    answer = sent(boss, ("Parts.csv", parts), ("Orders.csv", f"{orders}\n7041,Nut M1,4\n"))

    page = boss.get(answer.location).text
    assert "Part Name → Parts" in page and "row 42: Nut M1" in page

    made = boss.post(answer.location, data={"csrf_token": boss.csrf})
    assert boss.post("/builder/review", data={"csrf_token": boss.csrf}).status_code == 303
    assert published.refresh().definitions.modules["orders"].by_name["part_name"].settings == {"module": "parts"}
    for name in ("parts", "orders"):
        begun = boss.post(made.location.replace("/next", f"/import/{name}"), data={"csrf_token": boss.csrf})
        boss.post(begun.location.replace("/columns", "/start"), data={"csrf_token": boss.csrf})
        from runtime.exchange import run  # here: what a worker would do with it
        run.go(int(re.search(r"/import/(\d+)", begun.location)[1]))
    row = query.find(HOUSE, Query("orders", columns=("orderid", "part_name.price"), limit=1,
                                  criteria={"field": "orderid", "operator": "is", "operand": 7029})).rows[0]
    assert row.values["part_name.price"] == 30.5


def test_what_the_form_corrects_is_what_is_made(boss):
    answer = sent(boss, ("Offices.csv", HOUSES))
    boss.post(answer.location, data={"csrf_token": boss.csrf, "f0_use": "1", "f0_label": "Office", "f0_plural": "Our offices",
                                     "f0_name": "", "f0_t1": "long_text", "f0_r1": "1", "f0_t4": "text"})
    from builder import draft  # here: the room above the runtime
    module = draft.current(HOUSE.__class__(users.get("boss").id, "boss", everything=True)).definitions.modules["our_offices"]
    assert [(field.label, field.type, field.required) for field in module.fields] == [
        ("Name", "text", False), ("Street", "long_text", True), ("Built", "text", False)]


def test_what_is_no_table_is_refused_with_its_name(boss):
    answer = sent(boss, ("picture.csv", "%PDF-1.7 ..."))
    assert answer.status_code == 422 and "picture.csv" in answer.text
    assert sent(boss).status_code == 422


def test_files_are_shown_only_to_who_sent_them(app, boss):
    place = sent(boss, ("Houses.csv", HOUSES)).location
    assert signed_in(app, "lan").get(place).status_code == 403
    assert boss.get("/builder/example/forged").status_code == 404


def test_files_are_read_once_however_many_are_sent(boss, monkeypatch):
    asked = []
    propose = example.propose
    monkeypatch.setattr(example, "propose", lambda files: asked.append(len(files)) or propose(files))
    files = [(f"Shelf {number}.csv", f"Name,Size\nA{number},1\nB,2\n") for number in range(5)]
    page = boss.get(sent(boss, *files).location).text
    assert "Shelf 4" in page and asked == [5]
    assert "Broken.csv" in sent(boss, *files, ("Broken.csv", "")).text


def test_a_file_goes_into_the_module_that_was_made_of_it_whatever_else_is_called_so(boss):
    """A module called Deals is there already; the other one is renamed in the form."""
    where = sent(boss, ("Deals.csv", "Deal No,Size\nA1,1\nA2,2\n"), ("Sheds.csv", "Shed No,Size\nB1,1\nB2,2\n")).location
    page = boss.get(where).text
    assert page.count("There is a module of this name already") == 1
    form = {name: value for name, value in doors.read(page).forms[-1].fields if name != "csrf_token"}
    assert form["f0_r0"] == form["f0_u0"] == "1" and "f0_r1" not in form
    made = boss.post(where, data=form | {"f1_plural": "Huts", "csrf_token": boss.csrf})
    assert boss.get(made.location).text.count("In the draft") == 2
    assert boss.post(made.location.replace("/next", "/import/deals"), data={"csrf_token": boss.csrf}).status_code == 404

    assert boss.post("/builder/review", data={"csrf_token": boss.csrf}).status_code == 303
    published.refresh()
    after = boss.get(made.location).text
    assert "/import/deals_2" in after and "/import/huts" in after and "/import/deals\"" not in after
    assert boss.post(made.location.replace("/next", "/import/huts"), data={"csrf_token": boss.csrf}).status_code == 303
