"""Where something is used is told in words, not by the path inside a document."""
import pytest

from builder import place_words
from metadata.definitions import Definitions
from tests import builders


def a_draft():
    return Definitions.of_documents([
        builders.a_module("deals", builders.a_field("amount", "currency", of="deals", label="Amount")),
        builders.a_view("deals", ("name", "amount")), builders.a_layout("deals")])


@pytest.mark.parametrize(("path", "where", "said"), [
    ("views/deals.all", "columns.1", "Columns"), ("layouts/deals.standard", "sections.main.fields.0", "Sections › Fields"),
    ("modules/deals", "fields.amount.settings.of", "Amount"), ("views/deals.all", "criteria.all.0.field", "Criteria"),
    ("modules/deals", "name_field", "Name field"), ("views/deals.all", "nowhere.1", "nowhere.1")])
def test_a_place_is_said_as_forms_call_it(path, where, said):
    known = a_draft()

    assert place_words.place(known, known.documents[path], where) == said
