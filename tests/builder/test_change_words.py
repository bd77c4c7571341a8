"""What changes is told in the reader's words: names as their language has them, properties as forms call them."""
from dataclasses import replace

import pytest

from builder import change_words, choices
from metadata.changes import between
from metadata.definitions import Definitions
from metadata.model.translation import Translation
from metadata.model.view import View
from runtime.kinds.kind import discover, use
from runtime.locale import text
from tests import builders


@pytest.fixture(autouse=True)
def kinds():
    use(discover("runtime"))


def told(before, after, language="vi"):
    with text.speaking(language):
        return [change_words.sentence(each, after) for each in between(before, after)]


def a_draft():
    field = builders.a_field("amount", "currency", of="deals", label="Amount")
    vietnamese = Translation(id="tr_vi", name="vi", labels={
        "modules.deals.label": "Giao dịch", "modules.deals.plural": "Các giao dịch", "modules.deals.fields.amount.label": "Số tiền",
        "groups.Sales": "Bán hàng"})
    return Definitions.of_documents([builders.a_module("deals", field), vietnamese]), field


def test_a_changed_field_is_told_by_its_own_name_and_its_properties_titles():
    before, field = a_draft()
    module = before.modules["deals"]
    changed = tuple(replace(each, required=True, help="In dong") if each.id == field.id else each for each in module.fields)
    after = before.with_document(replace(module, fields=changed))

    [sentence] = told(before, after)

    assert "trường 'Số tiền' của Giao dịch" in sentence and "từ không thành có" in sentence
    assert told(before, after, "en") == [
        "Change field 'Amount' of Deal: Required from no to yes, Help from nothing to 'In dong'."]


def test_what_has_no_translation_keeps_its_own_name():
    before, _field = a_draft()
    after = before.with_document(builders.a_module("visits"))

    assert any("'Visits'" in each for each in told(before, after))


def test_headings_of_the_menu_and_definitions_speak_the_readers_language():
    known, _field = a_draft()

    with text.speaking("vi"):
        assert choices.heading(known, "Sales") == "Bán hàng" and choices.heading(known, "Ops") == "Ops"
        assert choices.of_document(known, known.modules["deals"]) == "Các giao dịch"


def test_lists_of_fields_are_told_by_their_labels_and_free_keys_by_their_number():
    before, _field = a_draft()
    view = View(id="view_deals_all", name="all", module="deals", label="All", columns=("name", "amount"))
    before = before.with_document(view)
    words = before.translations["vi"]
    after = before.with_document(replace(view, columns=("name",))).with_document(
        replace(words, labels={**words.labels, "groups.Ops": "Vận hành"}))

    assert told(before, after, "en") == ["Change translation 'vi': Labels (1 entry).",
                                         "Change view 'All' of Deal: Columns (without Amount)."]
    assert any("(bớt Số tiền)" in each for each in told(before, after))


def test_a_long_plan_is_headed_by_nouns():
    before, _field = a_draft()
    after = before.with_document(builders.a_module("visits")).with_document(
        replace(before.modules["deals"], fields=tuple(replace(each, help="Why") for each in before.modules["deals"].fields)))

    with text.speaking("en"):
        changes = between(before, after)
        assert [each["title"] for each in change_words.grouped(changes, after, before)] == [""]
        assert {each["title"] for each in change_words.grouped(changes * 7, after, before)} == {"Modules", "Fields"}
