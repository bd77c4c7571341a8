"""Running: whole files through the record pipeline; twice is once, killed goes on, undone is as before."""
import csv
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from runtime.db.transaction import in_transaction, reading
from runtime.errors import Conflict, NotFound, Refused
from runtime.exchange import ahead, run, service, store, undo
from runtime.exchange.mapping import Mapping_, Target
from runtime.records import audit, query, seals
from runtime.records import service as records
from runtime.security import users
from runtime.values import HOUSE
from tests.builders import emptied

COUNTERS = ("created", "updated", "unchanged", "skipped", "refused", "warned")


@pytest.fixture(autouse=True)
def empty_tables(crm):
    with reading() as connection:
        emptied(connection, "records.deals, records.accounts, house.history, house.import_run")


def counted(report):
    return {name: report[name] for name in COUNTERS if report[name]}


def rows(module, *columns):
    asked = tuple(name.partition(":")[0] for name in columns)
    found = query.find(HOUSE, query.Query(module, asked, sort=(("id", False),), limit=200, labels=True)).rows
    return [tuple(row.values.get(name) for name in columns) for row in found]


def state_of_everything():
    with reading() as connection:
        return [connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY id")).all()
                for table in ("records.deals", "records.accounts", "house.history")]


def test_dirty_cells_become_clean_records_with_their_links(boss, a_file):
    service.import_file(boss, a_file("Name\nAcme\n"), "accounts")
    path = a_file("\ufeffDeal Name;Amount;Close date;Account;Stage;;\n"
                  "One;$342.09K;15 Apr, 2021 00:03:00;Acme;closed won;;\nTwo;$22,700.00;2026-01-02;;Proposal;;\n")

    report = service.import_file(boss, path, "deals")

    assert counted(report) == {"created": 2}
    assert rows("deals", "name", "amount", "close_date", "account:label", "stage")[0] == (
        "One", Decimal("342090"), date(2021, 4, 15), "Acme", "Closed Won")


def test_rows_that_do_not_fit_are_in_the_error_file_with_row_column_value_and_reason(boss, a_file):
    path = a_file('Name,Code,Amount,Close date,Account\nGood,1,5,2026-01-02,\n,2,5,,\nBad,3,much,31.31.2026,Nobody\n"=1+1",3,x,,\n')

    report = service.import_file(boss, path, "deals")

    assert counted(report) == {"created": 1, "refused": 3}
    with open(report["error_file"], encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    assert {(one["row"], one["column"], one["value"]) for one in told} >= {
        ("3", "Name", ""), ("4", "Amount", "much"), ("4", "Close date", "31.31.2026"), ("5", "Amount", "x")}
    assert all(one["reason"] for one in told)


def test_reasons_that_differ_only_in_what_they_quote_are_one_with_its_first_row(boss, a_file):
    report = service.import_file(boss, a_file("Name,Stage\nA,Zebra\nB,Apple\nC,Proposal\n"), "deals")
    told, = report["reasons"]
    assert (told["times"], told["row_no"], told["example"]) == (2, 2, "Zebra")
    assert told["reason"].startswith("'Zebra' is not one of")


def test_more_problems_than_one_page_are_all_in_the_error_file(boss, a_file, monkeypatch):
    monkeypatch.setattr(store.told, "__defaults__", (2,))
    report = service.import_file(boss, a_file("Name,Code,Amount\n" + ",,x\n" * 5), "deals")
    with open(report["error_file"], encoding="utf-8-sig", newline="") as file:
        told = [one["row"] for one in csv.DictReader(file)]
    assert sorted(set(told)) == ["2", "3", "4", "5", "6"] and len(told) == len(store.reasons(report["import_id"])) * 5


def test_a_link_that_is_not_there_is_left_empty_with_a_warning(boss, a_file):
    report = service.import_file(boss, a_file("Name,Account\nOne,Nobody\n"), "deals")
    assert counted(report) == {"created": 1, "warned": 1}
    assert report["reasons"][0]["reason"].lower() == "there is no “nobody” in accounts."


def test_a_name_that_several_records_share_is_not_guessed(boss, a_file):
    service.import_file(boss, a_file("Name,Number\nAcme,1\nAcme,2\n"), "accounts", match="number")
    by_name = service.import_file(boss, a_file("Name,Account\nOne,Acme\n"), "deals")
    mapping = Mapping_({"Name": (Target("name"),), "Account": (Target("account", "number"),)})
    by_number = service.import_file(boss, a_file("Name,Account\nTwo,2\n"), "deals", mapping=mapping)

    assert (by_name["warned"], by_number["warned"]) == (1, 0)
    assert rows("deals", "name", "account:label") == [("One", None), ("Two", "Acme")]


def test_links_to_records_further_down_the_same_file_are_found_at_the_end(boss, a_file):
    report = service.import_file(boss, a_file("Name,Parent\nChild,Mother\nMother,\nOrphan,Nobody\n"), "accounts")
    assert counted(report) == {"created": 3, "warned": 1}
    assert rows("accounts", "name", "parent:label") == [("Child", "Mother"), ("Mother", None), ("Orphan", None)]


def test_the_same_file_twice_changes_nothing(boss, a_file):
    path = a_file("Name,Code,Amount\nOne,1,5\nTwo,2,6.50\n")
    service.import_file(boss, path, "deals", match="code")
    before = state_of_everything()

    assert counted(service.import_file(boss, path, "deals", match="code")) == {"unchanged": 2}
    assert state_of_everything() == before


def test_a_file_without_a_key_is_known_by_its_cells(boss, a_file):
    path = a_file("Name,Amount\nCall,5\nCall,5\nCall,6\n")
    mapping = Mapping_({"Name": (Target("name"),), "Amount": (Target("amount"),), "(made key)": (Target("code"),)}, "code",
                       key={"path": "code", "columns": ["Name", "Amount"]})

    assert counted(service.import_file(boss, path, "deals", mapping=mapping)) == {"created": 3}
    assert counted(service.import_file(boss, path, "deals", mapping=mapping)) == {"unchanged": 3}


@pytest.mark.parametrize(("on_match", "expected", "amount"), [
    ("update", {"updated": 1, "created": 1}, Decimal(9)), ("skip", {"skipped": 1, "created": 1}, Decimal(5))])
def test_known_rows_are_updated_or_left_as_asked(boss, a_file, on_match, expected, amount):
    service.import_file(boss, a_file("Name,Code,Amount\nOne,1,5\n"), "deals")

    report = service.import_file(boss, a_file("Name,Code,Amount\nOne,1,9\nTwo,2,1\n"), "deals", match="code", on_match=on_match)

    assert counted(report) == expected
    assert rows("deals", "name", "amount")[0] == ("One", amount)


def test_a_value_that_must_be_unique_refuses_only_its_own_row(boss, a_file):
    report = service.import_file(boss, a_file("Name,Code\nOne,1\nTwo,1\nThree,3\n"), "deals", match="")
    assert counted(report) == {"created": 2, "refused": 1}


def test_more_names_than_are_remembered_are_all_found(boss, a_file, monkeypatch):
    monkeypatch.setattr("runtime.exchange.loading.LINKS", 3)
    monkeypatch.setattr(run, "BATCH", 4)
    names = [f"A{number}" for number in range(12)]
    service.import_file(boss, a_file("Name\n" + "\n".join(names)), "accounts")
    wanted = [*names, *names[:3], *reversed(names)]

    report = service.import_file(boss, a_file("Name,Account\n" + "".join(f"D,{name}\n" for name in wanted)), "deals", match="")

    assert counted(report) == {"created": len(wanted)}
    assert [label for label, in rows("deals", "account:label")] == wanted


def begun(actor, path, module="deals"):
    with open(path, "rb") as stream:
        return service.upload(actor, module, stream, path.name)


def test_an_import_that_was_cut_off_goes_on_behind_its_last_batch(lan, a_file, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 3)
    found = begun(lan, a_file("Name\n" + "".join(f"D{number}\n" for number in range(10))))
    service.start(lan, found.id)
    loader = run.loader_of(store.get(found.id), lan)
    in_transaction(lambda tx: run.batch(tx, loader, found.id, ahead.load(loader, found.id, 0).rows()))
    assert store.get(found.id).created == 3

    done = run.go(found.id)

    assert (done.state, done.created) == ("done", 10)
    assert [name for name, in rows("deals", "name")] == [f"D{number}" for number in range(10)]


def test_rows_that_somebody_else_took_are_not_taken_again(lan, a_file):
    found = begun(lan, a_file("Name\nA\nB\n"))
    service.start(lan, found.id)
    loader = run.loader_of(store.get(found.id), lan)
    twice = [ahead.load(loader, found.id, 0).rows() for _ in range(2)]

    assert [in_transaction(lambda tx, rows=rows: run.batch(tx, loader, found.id, rows)) for rows in twice] == [True, False]
    assert len(rows("deals", "name")) == 2


def test_the_same_file_under_way_is_not_started_again(lan, a_file):
    path = a_file("Name\nA\n")
    first, second = begun(lan, path), begun(lan, path)
    service.start(lan, first.id)
    service.start(lan, first.id)
    with pytest.raises(Conflict, match=f"import {first.id}"):
        service.start(lan, second.id)


def test_a_check_tells_what_would_happen_and_leaves_no_trace(lan, a_file):
    before = state_of_everything()
    found = begun(lan, a_file("Name,Code,Amount\nOne,1,5\nTwo,1,5\n,3,x\n"))
    with reading() as connection:
        events = connection.scalar(sa.text("SELECT count(*) FROM house.event"))

    told = service.check(lan, found.id)

    assert (told.rows, told.all_rows) == (3, True)
    assert (told.counts["created"], told.counts["refused"]) == (1, 2)
    assert state_of_everything() == before
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM house.event")) == events


def test_undoing_an_import_leaves_the_records_as_they_were(boss, a_file):
    service.import_file(boss, a_file("Name,Code,Amount\nOne,1,5\n"), "deals", match="code")
    before = rows("deals", "name", "code", "amount", "amount.home")
    report = service.import_file(boss, a_file("Name,Code,Amount\nUno,1,9\nTwo,2,6\n"), "deals", match="code")

    undone = service.request_undo(boss, report["import_id"], here=True)

    assert (undone.state, undone.undone, undone.kept) == ("undone", 2, 0)
    assert rows("deals", "name", "code", "amount", "amount.home") == before


def test_undoing_an_import_is_no_tampering_with_the_history(boss, a_file):
    service.import_file(boss, a_file("Name,Code,Amount\nOne,1,5\n"), "deals", match="code")
    report = service.import_file(boss, a_file("Name,Code,Amount\nUno,1,9\nTwo,2,6\n"), "deals", match="code")
    seals.seal()

    undo.go(report["import_id"])

    seals.seal()
    found = audit.verify()
    assert found.whole and found.waiting == 0 and found.rows == 2


def test_undoing_keeps_what_people_changed_since(boss, a_file):
    service.import_file(boss, a_file("Name,Code,Amount\nOne,1,5\n"), "deals", match="code")
    report = service.import_file(boss, a_file("Name,Code,Amount\nUno,1,9\nTwo,2,6\n"), "deals", match="code")
    one, two = query.find(HOUSE, query.Query("deals", ("name",), sort=(("id", False),))).rows
    records.update(boss, "deals", one.id, {"name": "Mine"}, seen_version=None)
    records.update(boss, "deals", two.id, {"amount": "7"}, seen_version=None)

    undone = undo.go(report["import_id"])

    assert undone.kept == 2
    assert rows("deals", "name", "amount") == [("Mine", Decimal(5)), ("Two", Decimal(7))]
    with pytest.raises(Conflict, match="undone already"):
        undo.go(report["import_id"])


def test_who_may_not_import_does_not(crm, lan, a_file):
    path = a_file("Name\nA\n")
    with pytest.raises(Refused):
        service.import_file(users.actor_for("reader", "cli"), path, "deals")
    found = begun(lan, path)
    with pytest.raises(NotFound):
        service.find(users.actor_for("blind", "page"), found.id)


def test_rights_taken_away_meanwhile_stop_the_import(lan, a_file, monkeypatch):
    found = begun(lan, a_file("Name,Amount\nA,5\n"))
    service.start(lan, found.id)
    monkeypatch.setattr(run, "actor_of", lambda _run: users.actor_for("blind", "import"))

    with pytest.raises(Exception, match="no field 'amount'"):
        run.go(found.id)

    assert store.get(found.id).state == "failed"
    assert rows("deals", "name") == []


def test_a_cell_of_ten_megabytes_refuses_its_row_and_nothing_else(boss, a_file):
    report = service.import_file(boss, a_file("Name,Code\nA,1\n" + "x" * 10_000_000 + ",2\nC,3\n"), "deals")
    assert counted(report) == {"created": 2, "refused": 1}
