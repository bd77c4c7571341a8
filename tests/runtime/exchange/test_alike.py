"""Alike rows: by the module's duplicate rules a row is taken, left out or changes the record it is like; the check lists them."""
import io

import pytest

from metadata.model.duplicate_rule import DuplicateRule
from runtime.app import create_app
from runtime.db.transaction import reading
from runtime.exchange import service
from runtime.exchange.mapping import Mapping_, Target
from runtime.records import query
from runtime.records import service as records
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests.builders import a_field, a_module, a_role, emptied, publish_all
from tests.runtime.web.conftest import KEY, signed_in

PEOPLE = a_module("people", a_field("name", of="people", required=True), a_field("email", "email", of="people"),
                  a_field("phone", "phone", of="people", settings={"region": "VN"}), a_field("tax", of="people"),
                  a_field("team", of="people"), search_fields=("name", "email", "phone", "tax"))
MAPPING = {name.capitalize(): (Target(name),) for name in ("name", "email", "phone", "tax", "team")}


def a_rule(name, *compare, **more):
    return DuplicateRule(id=f"duplicate_{name}", name=name, module="people", compare=compare, **more)


@pytest.fixture(scope="module")
def crm(database):
    own = {"read": "own", "create": True, "edit": "own", "delete": "no", "import": True, "export": False, "give": False}
    publish_all(PEOPLE, a_role("rep", people=own), a_rule("email", {"field": "email"}),
                a_rule("phone", {"field": "phone", "by": "digits"}), a_rule("tax", {"field": "tax", "by": "exact"}, action="block"),
                a_rule("name", {"field": "name", "by": "similar"}, {"field": "team", "by": "exact"}))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan")
    return published.current()


@pytest.fixture(autouse=True)
def mai(crm):
    with reading() as connection:
        emptied(connection, "records.people, house.history, house.import_run")
    return records.create(HOUSE, "people", {"name": "Nguyễn Thị Mai Anh", "email": "mai@trangan.example", "tax": "0301",
                                            "phone": "+84912345678", "team": "North"})


@pytest.fixture
def boss(crm):
    return users.actor_for("boss", "cli")


def names():
    found = query.find(HOUSE, query.Query("people", ("name",), sort=(("id", False),), limit=200))
    return [row.values["name"] for row in found.rows]


def taken(actor, path, what):
    return service.import_file(actor, path, "people", mapping=Mapping_(MAPPING, on_duplicate=what))


ROWS = ("Name,Email,Phone,Tax,Team\n"
        "Somebody,MAI@trangan.example,,,\n"         # by e-mail
        "Other,,0912 345 678,,\n"                   # by phone
        "mai anh nguyen thi,,,,North\n"             # by name and team
        "Mai Anh Nguyễn Thị,,,,South\n"             # another team: nobody's double
        "New,new@x.example,,,\n"
        "New again,NEW@x.example,,,\n")             # the row before it


def test_rows_like_a_record_or_an_earlier_row_are_left_out(boss, a_file):
    report = taken(boss, a_file(ROWS), "skip")

    assert (report["created"], report["skipped"], report["refused"]) == (2, 4, 0)
    assert names() == ["Nguyễn Thị Mai Anh", "Mai Anh Nguyễn Thị", "New"]
    assert any("“Nguyễn Thị Mai Anh” by" in reason["reason"] for reason in report["reasons"])


def test_rows_like_a_record_change_it(boss, a_file, mai):
    path = a_file("Name,Email,Phone,Tax,Team\nMai Anh,mai@trangan.example,,,East\n,MAI@trangan.example,,,West\n")
    report = taken(boss, path, "update")

    assert report["created"] == 0 and report["updated"] == 1 and report["refused"] == 1     # the second has no name
    now = records.read(HOUSE, "people", mai.id).values
    assert (now["name"], now["team"]) == ("Mai Anh", "East")


def test_rows_like_a_record_are_taken_all_the_same_unless_the_rule_forbids_it(boss, a_file):
    report = taken(boss, a_file("Name,Email,Phone,Tax,Team\nA,mai@trangan.example,,,\nB,,,0301,\n"), "create")

    assert (report["created"], report["refused"]) == (1, 1)
    assert "forbids" in report["reasons"][0]["reason"]


def test_the_check_counts_them_by_rule_and_names_what_they_are_like(boss, a_file):
    path = a_file(ROWS)
    with open(path, "rb") as stream:
        begun = service.upload(boss, "people", stream, "rows.csv")
    service.change(boss, begun.id, Mapping_(MAPPING))

    checked = service.check(boss, begun.id)

    assert {rule: len(rows) for rule, rows in checked.duplicates.items()} == {"Email": 2, "Phone": 1, "Name, Team": 1}
    first, second = checked.duplicates["Email"]
    assert (first["row_no"], first["value"]) == (2, "Nguyễn Thị Mai Anh") and first["record_id"]
    assert (second["row_no"], second["value"]) == (7, "row 6 of this file")
    assert len(names()) == 1


def test_who_may_not_see_the_record_is_not_told_its_name_and_changes_nothing(crm, a_file):
    lan = users.actor_for("lan", "cli")
    report = taken(lan, a_file("Name,Email,Phone,Tax,Team\nX,mai@trangan.example,,,\n"), "update")

    assert report["refused"] == 1 and "Mai" not in str(report["reasons"]) and "cannot see" in report["reasons"][0]["reason"]
    assert names() == ["Nguyễn Thị Mai Anh"]


def test_the_screens_ask_what_becomes_of_them_and_list_them(crm, a_file):
    client = signed_in(create_app({"SECRET_KEY": KEY}), "boss")
    given = {"module": "people", "file": (io.BytesIO(ROWS.encode()), "rows.csv"), "csrf_token": client.csrf}
    sent = client.post("/import", data=given, content_type="multipart/form-data")
    place = sent.location.rsplit("/", 1)[0]

    asked = client.get(f"{place}/duplicates").text
    assert "Name, Team" in asked and 'name="on_duplicate"' in asked
    client.post(f"{place}/duplicates", data={"match": "", "on_match": "update", "on_duplicate": "skip", "csrf_token": client.csrf})
    checked = client.get(f"{place}/check").text

    assert "Left out: it is like “Nguyễn Thị Mai Anh” by Email." in checked and "row 6 of this file" in checked
    assert client.post(f"{place}/duplicates", data={"on_duplicate": "maybe", "csrf_token": client.csrf}).status_code == 422
