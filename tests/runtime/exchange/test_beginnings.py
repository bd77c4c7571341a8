"""What a file says nothing of begins as in a form where it is required, and stays empty where it is not."""
from runtime import publish
from runtime.exchange import service
from runtime.records import query
from runtime.tables import published
from runtime.values import HOUSE
from tests.builders import a_field, a_module

STATES = {"choices": [{"value": "new", "label": "New"}, {"value": "done", "label": "Done"}]}


def test_required_fields_of_which_the_file_says_nothing_take_their_default(boss, a_file):
    tickets = a_module("tickets", a_field("state", "picklist", of="tickets", settings=STATES, required=True, default="new"),
                       a_field("opened_on", "date", of="tickets", default="today"), a_field("note", of="tickets"))
    publish.publish(HOUSE, published.refresh().definitions.with_document(tickets))
    published.refresh()

    silent = service.import_file(boss, a_file("Name,Note\nOne,x\nTwo,\n"), "tickets")
    saying = service.import_file(boss, a_file("Name,State\nThree,done\nFour,\n"), "tickets")

    found = query.find(HOUSE, query.Query("tickets", ("name", "state", "opened_on"), sort=(("id", False),))).rows
    assert [(row["name"], row["state"], row["opened_on"]) for row in found] == [
        ("One", "new", None), ("Two", "new", None), ("Three", "done", None)]
    assert (silent["created"], saying["created"], saying["refused"]) == (2, 1, 1)
