"""The screens: from a file to its records, one page after the other, by plain forms and by htmx."""
import io
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
import xlsxwriter

from runtime import worker
from runtime.db.transaction import reading
from runtime.exchange import store
from runtime.security import users
from tests.builders import emptied

FILE = ("Deal Name;Amount;Close date;Account;Stage;Mood\n"
        "One;$5.50;21-03-2026;Acme;closed won;sunny\n"
        "Two;many;22-03-2026;Acmee;Fresh;\n"
        "Three;7;03-04-2026;;Proposal;\n")


@pytest.fixture
def lan(client):
    with reading() as connection:
        emptied(connection, "records.deals, records.accounts, house.history, house.import_run")
        connection.execute(sa.text("INSERT INTO records.accounts (name) VALUES ('Acme')"))
    return client("lan")


def send(browser, place, htmx=False, **fields):
    headers = {"HX-Request": "true"} if htmx else {}
    return browser.post(place, data={"csrf_token": browser.csrf, **fields}, headers=headers)


def uploaded(browser, text=FILE, module="deals", name="deals.csv"):
    answer = send(browser, "/import", module=module, file=(io.BytesIO(text.encode()), name))
    assert answer.status_code == 303, answer.text
    return re.fullmatch(r"(/import/(\d+))/columns", answer.headers["Location"]).group(1)


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_file_becomes_records_step_by_step(lan):
    place = uploaded(lan)

    columns = lan.get(f"{place}/columns")
    assert columns.status_code == 200
    assert "5 of 6 matched" in words(columns)
    assert "1 row cannot be read" in words(columns)
    assert "1 not found" in words(columns)
    assert re.search(r'<option value="amount" selected>', columns.text)

    assert send(lan, f"{place}/columns", column_5="").headers["Location"] == f"{place}/duplicates"
    duplicates = lan.get(f"{place}/duplicates")
    assert "Nothing: every row is new" in words(duplicates)
    assert send(lan, f"{place}/duplicates", match="", on_match="update").headers["Location"] == f"{place}/check"

    check = lan.get(f"{place}/check")
    assert "Import 3 rows" in words(check)
    assert re.search(r"New records 2 .*Held back 1", words(check))

    assert send(lan, f"{place}/start").headers["Location"] == place
    waiting = lan.get(place)
    assert 'hx-trigger="every 1s"' in waiting.text
    worker.prepare()
    worker.drain_all()
    done = lan.get(place)
    assert "every 1s" not in done.text
    assert re.search(r"New records 2 .*Held back 1", words(done))
    problems = lan.get(f"{place}/problems.csv")
    assert problems.headers["Content-Disposition"].startswith("attachment")
    assert "3,refused,Amount,many," in problems.text

    assert send(lan, f"{place}/undo").status_code == 303
    worker.drain_all()
    assert "Undone: 2 records are as they were before." in words(lan.get(place))
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM records.deals")) == 0


def test_a_cell_that_cannot_be_read_is_given_a_meaning(lan):
    place = uploaded(lan)
    fix = lan.get(f"{place}/values/4")
    assert "Fresh" in fix.text
    account = lan.get(f"{place}/values/3")
    assert re.search(r'name="means_0" value="Acme"', account.text), "the closest name is offered"

    send(lan, f"{place}/values/4", cell_0="Fresh", means_0="Qualification")
    send(lan, f"{place}/values/3", cell_0="Acmee", means_0="Acme")

    columns = words(lan.get(f"{place}/columns"))
    assert "not found" not in columns
    assert lan.get(f"{place}/values/4").text.count("cell_") == 0


def test_a_change_of_a_select_answers_with_the_columns_alone(lan):
    place = uploaded(lan)
    answer = send(lan, f"{place}/columns", htmx=True, column_1="")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "4 of 6 matched" in words(answer)


def test_the_order_of_day_and_month_can_be_said(lan):
    place = uploaded(lan, "Name,Close date\nA,03-04-2026\n")
    send(lan, f"{place}/columns", column_1="close_date#mdy")
    assert "4 Mar 2026" in words(lan.get(f"{place}/columns"))
    send(lan, f"{place}/columns", column_1="close_date#dmy")
    assert "3 Apr 2026" in words(lan.get(f"{place}/columns"))


@pytest.mark.parametrize(("fields", "said"), [
    ({"module": "deals"}, "Choose a CSV or XLSX file."),
    ({"module": "", "file": (io.BytesIO(b"A\n1\n"), "a.csv")}, "Choose what the rows are."),
    ({"module": "deals", "file": (io.BytesIO(b""), "a.csv")}, "The file is empty."),
    ({"module": "deals", "file": (io.BytesIO(b"%PDF-1.7"), "a.pdf")}, "This is no table.")])
def test_what_cannot_be_imported_is_refused_beside_its_field(lan, fields, said):
    answer = send(lan, "/import", **fields)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_field_that_is_hidden_is_no_choice_and_no_target(lan, client):
    blind = client("blind")
    place = uploaded(blind, "Name,Amount\nA,5\n")
    assert '<option value="amount"' not in blind.get(f"{place}/columns").text
    for path in ("amount", "no_such_field", "created_at"):
        answer = send(blind, f"{place}/columns", column_1=path)
        assert answer.status_code == 422
        assert f"There is no field &#39;{path}&#39; here that you can use." in answer.text


def test_an_import_of_somebody_else_is_not_there(lan, client):
    place = uploaded(lan)
    blind = client("blind")
    for page in ("", "/columns", "/check", "/duplicates", "/problems.csv", "/values/1"):
        assert blind.get(place + page).status_code == 404, page
    assert send(blind, f"{place}/start").status_code == 404
    assert send(blind, f"{place}/undo").status_code == 404
    assert client("boss").get(place + "/columns").status_code == 200


def test_who_may_not_import_finds_no_door(lan, client):
    reader = client("reader")
    assert reader.get("/import").status_code == 404
    assert send(reader, "/import", module="deals", file=(io.BytesIO(FILE.encode()), "a.csv")).status_code == 403
    assert 'href="/import"' not in reader.get("/me").text
    assert 'href="/import"' in lan.get("/me").text


def test_the_list_shows_ones_own_imports_with_their_results(lan):
    place = uploaded(lan, name="spring.csv")
    listed = lan.get("/import?module=deals")
    assert f'href="{place}/columns"' in listed.text
    assert "Not started" in words(listed)
    assert '<option value="deals" selected>' in listed.text
    assert [one.file_name for one in store.latest(users.get("lan").id)] == ["spring.csv"]


def test_a_file_whose_headings_nobody_knows_is_matched_by_hand(lan):
    place = uploaded(lan, "Xyzzy;Plugh\nOne;2\nTwo;3\n")
    assert "0 of 2 matched" in words(lan.get(f"{place}/columns"))

    refused = send(lan, f"{place}/columns", column_0="")
    assert refused.status_code == 422
    assert "Choose at least one." in words(refused)
    assert send(lan, f"{place}/columns", column_0="name").headers["Location"] == f"{place}/duplicates"
    assert "1 of 2 matched" in words(lan.get(f"{place}/columns"))


def test_headings_without_rows_are_refused_where_the_file_is_chosen(lan):
    answer = send(lan, "/import", module="deals", file=(io.BytesIO(b"Name,Amount\n"), "deals.csv"))
    assert answer.status_code == 422
    assert "no rows below them" in words(answer)


def a_workbook():
    """Three sheets: one for people to read, one of deals, one that is blank."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.add_worksheet("Read me").write_column(0, 0, ["Notes", "For the reader"])
        deals = book.add_worksheet("Deals 2026")
        deals.write_row(0, 0, ["Deal Name", "Amount", "Close date"])
        deals.write_row(1, 0, ["One", 5.5])
        deals.write_datetime(1, 2, datetime(2026, 3, 21), book.add_format({"num_format": "dd/mm/yyyy"}))
        deals.write_row(2, 0, ["Two"])
        deals.write_formula(2, 1, "=B2*2", None, 11)
        book.add_worksheet("Blank")
    return made.getvalue()


def test_the_sheet_that_fits_is_taken_and_another_can_be_chosen(lan):
    answer = send(lan, "/import", module="deals", file=(io.BytesIO(a_workbook()), "deals.xlsx"))
    place = answer.headers["Location"]
    page = lan.get(place)
    assert "3 of 3 matched" in words(page)
    choices = re.findall(r'<option value="[^"]*"( selected)?>(Read me|Deals 2026|Blank)<', page.text)
    assert choices == [("", "Read me"), (" selected", "Deals 2026")]

    other = send(lan, place, htmx=True, sheet="Read me")
    assert "0 of 1 matched" in words(other) and "For the reader" in other.text
    assert send(lan, place, sheet="Blank").status_code == 422
    back = send(lan, place, sheet="Deals 2026", column_0="")
    assert "3 of 3 matched" in words(back) and "21 Mar 2026" in words(back)

    start = place.removesuffix("/columns")
    send(lan, f"{start}/start")
    worker.prepare()
    worker.drain_all()
    assert re.search(r"New records 2 ", words(lan.get(start)))
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT sum(amount) FROM records.deals")) == Decimal("16.5")


def test_a_discarded_workbook_leaves_none_of_its_sheets(lan):
    answer = send(lan, "/import", module="deals", file=(io.BytesIO(a_workbook()), "deals.xlsx"))
    number = int(re.search(r"\d+", answer.headers["Location"]).group())
    found = store.get(number)
    assert all(Path(one["path"]).exists() for one in found.sheets)

    send(lan, f"/import/{number}/discard")

    assert not any(Path(one["path"]).exists() for one in found.sheets)
