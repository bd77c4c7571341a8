"""Corrections: what people say against the guesses, on the screen and on the command line."""
import pytest
import sqlalchemy as sa

from runtime.db.transaction import reading
from runtime.errors import Conflict, Invalid, NotFound
from runtime.exchange import choices, look, service, store
from runtime.exchange.choices import Corrections
from runtime.exchange.mapping import Mapping_
from runtime.locale import reader as locales
from tests.builders import emptied
from tests.runtime.exchange.test_pages import send, uploaded, words
from tests.runtime.exchange.test_run import counted, rows


@pytest.fixture(autouse=True)
def empty_tables(crm):
    with reading() as connection:
        emptied(connection, "records.deals, records.accounts, house.history, house.import_run")
        connection.execute(sa.text("INSERT INTO records.accounts (name, number) VALUES ('GTX Pro', '7')"))


def begun(actor, path, module="deals"):
    with open(path, "rb") as stream:
        return service.upload(actor, module, stream, path.name)


def test_columns_and_values_are_corrected_by_name(boss, a_file):
    path = a_file("What,Account,Code\nOne,GTXPro,1\nTwo,GTX Pro,2\n")
    said = Corrections({"What": "name", "Code": ""}, {"Account": {"GTXPro": "GTX Pro"}})

    assert counted(service.import_file(boss, path, "deals", corrections=said)) == {"created": 2}
    assert rows("deals", "name", "account:label", "code") == [("One", "GTX Pro", None), ("Two", "GTX Pro", None)]


def test_a_link_can_be_found_by_another_key(boss, a_file):
    said = Corrections({"Account": "account|number"}, {})
    service.import_file(boss, a_file("Name,Account\nOne,7\n"), "deals", corrections=said)
    assert rows("deals", "account:label") == [("GTX Pro",)]


@pytest.mark.parametrize(("columns", "values", "said"), [
    ({"Nmae": "name"}, {}, "no column “Nmae”"), ({}, {"Mood": {"a": "b"}}, "goes into no field"),
    ({"Mood": "no_such_field"}, {}, "no field 'no_such_field'"),
    ({"Name": "code", "Mood": "code"}, {}, "cannot go into the same field")])
def test_a_correction_that_means_nothing_is_refused_by_name(boss, a_file, columns, values, said):
    with pytest.raises(Invalid, match=said):
        service.import_file(boss, a_file("Name,Mood\nA,b\n"), "deals", corrections=Corrections(columns, values))
    assert rows("deals", "name") == []


def test_a_field_chosen_for_another_column_leaves_the_one_it_was_guessed_for(lan, a_file):
    found = begun(lan, a_file("Name,Title\nA,b\n"))
    mapping = choices.chosen(Mapping_.from_json(found.mapping["fields"]), found.headers, {"Name": "name", "Title": "name"})
    assert {heading: target.path for heading, (target,) in mapping.columns.items()} == {"Title": "name"}


def test_cells_that_stand_for_nothing_are_counted_over_the_whole_file(lan, a_file, monkeypatch):
    monkeypatch.setattr(look, "LOOKED", 1_000)
    lines = "".join(f"D{number},{'GTXPro' if number % 3 == 0 else 'GTX Pro'}\n" for number in range(3_000))
    found = begun(lan, a_file("Name,Account\n" + lines))

    seen = look.look(lan, found, locales.NEUTRAL).columns[1]
    column = look.counted(lan, found, seen)

    assert (seen.unread["GTXPro"], dict(column.unread)) == (334, {"GTXPro": 1_000})
    assert look.suggestions(lan, found, column)[1] == {"GTXPro": "GTX Pro"}


def test_a_look_sees_far_more_rows_than_a_page_shows(lan, a_file):
    found = begun(lan, a_file("Name,Amount\n" + "".join(f"D{number},{number}\n" for number in range(4_500)) + "Last,much\n"))

    seen = look.look(lan, found, locales.NEUTRAL, at=4_501)

    amount = seen.columns[1]
    assert (seen.rows, amount.fine, amount.wrong, dict(amount.unread)) == (4_501, 4_500, 1, {"much": 1})
    assert seen.preview[0][1] == "Last"


def test_a_look_shows_what_a_corrected_link_means(lan, a_file):
    found = begun(lan, a_file("Name,Account\nOne,GTXPro\n"))
    found = service.change(lan, found.id, choices.translated(Mapping_.from_json(found.mapping["fields"]), "Account",
                                                             {"GTXPro": "GTX Pro"}))
    assert [shown for _label, shown in look.look(lan, found, locales.NEUTRAL).preview] == ["One", "GTX Pro"]


def test_a_guess_says_how_sure_it_is_until_a_person_chooses(lan, a_file):
    found = begun(lan, a_file("Name,Acount,Mood\nA,GTX Pro,b\n"))
    name, account, mood = look.look(lan, found, locales.NEUTRAL).columns
    assert (name.sure, mood.sure) == (1.0, None)
    assert 0.86 <= account.sure < 1


def test_an_import_that_was_not_started_can_be_discarded(client, lan):
    browser = client("lan")
    place = uploaded(browser)
    assert send(browser, f"{place}/discard").headers["Location"] == "/import"
    with pytest.raises(NotFound):
        service.find(lan, int(place.rpartition("/")[2]))


def test_a_started_import_cannot_be_discarded_and_is_undone_after_a_question(client, lan, a_file):
    found = begun(lan, a_file("Name\nA\nB\n"))
    service.start(lan, found.id, here=True)
    with pytest.raises(Conflict):
        service.discard(lan, found.id)

    browser = client("lan")
    page = browser.get(f"/import/{found.id}")
    assert f'href="/import/{found.id}/undo"' in page.text
    asked = browser.get(f"/import/{found.id}/undo")
    assert "2 records that came in with it go for good" in words(asked)
    assert send(browser, f"/import/{found.id}/undo").headers["Location"] == f"/import/{found.id}"
    assert store.get(found.id).state == "undoing"
