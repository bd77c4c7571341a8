"""Every word the product says is gathered, translated, and keeps its places."""
import ast
import json
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tools import messages

PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%")
CATALOGUES = [(package, language) for package in messages.PLACES for language in messages.LANGUAGES]


def _catalogue(package, language):
    with (messages.PLACES[package] / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def _forms(text):
    return list(text) if isinstance(text, (list, tuple)) else [text]


@pytest.fixture(scope="module", params=CATALOGUES, ids=lambda pair: "/".join(pair))
def said_and_kept(request):
    package, language = request.param
    return messages.gathered(package), _catalogue(package, language)


def test_every_word_in_code_and_templates_is_translated(said_and_kept):
    said, kept = said_and_kept

    lacking = [message.id for message in said if message.id
               and (kept.get(message.id) is None or not all(_forms(kept[message.id].string)))]

    assert not lacking, "run `make words`, then translate these in messages.po"


def test_no_translation_stays_behind_without_its_word(said_and_kept):
    said, kept = said_and_kept

    assert [message.id for message in kept if message.id and said.get(message.id) is None] == []


def test_every_translation_keeps_the_places_of_its_word(said_and_kept):
    _said, kept = said_and_kept

    broken = {message.id: form for message in kept if message.id for form in _forms(message.string)
              if set(PLACE.findall(form)) != set(PLACE.findall(_forms(message.id)[-1]))}

    assert not broken


def test_a_translation_begins_and_ends_as_its_word_does(said_and_kept):
    _said, kept = said_and_kept

    def edges(text):
        return (text[:1].isspace(), text[-1:].isspace(), text[-1:] if text[-1:] in ".?:" else "")

    assert {message.id: form for message in kept if message.id for form in _forms(message.string)
            if edges(form) != edges(_forms(message.id)[-1])} == {}


def test_no_translation_is_marked_uncertain_or_calls_the_reader_sir(said_and_kept):
    _said, kept = said_and_kept

    assert [message.id for message in kept if message.id and message.fuzzy] == []
    assert [form for message in kept if message.id for form in _forms(message.string)
            if re.search(r"quý khách|\bbạn\b", form, re.IGNORECASE)] == []


def test_a_term_is_said_with_the_glossarys_word_and_no_other(said_and_kept):
    _said, kept = said_and_kept
    others = re.compile(r"(?<!kịch )bản ghi|phân hệ|khung nhìn|xuất bản|quy tắc kiểm tra", re.IGNORECASE)

    assert [form for message in kept if message.id for form in _forms(message.string) if others.search(form)] == []
    assert [form for message in kept if "publish" in str(message.id).lower() for form in _forms(message.string)
            if "phát hành" in form.lower()] == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_word_is_said_alike_by_every_room(language):
    kept = [_catalogue(package, language) for package in messages.PLACES]

    assert {message.id: (_forms(message.string), _forms(other.get(message.id).string)) for one in kept for other in kept
            for message in one if message.id and other.get(message.id) is not None
            and _forms(message.string) != _forms(other.get(message.id).string)} == {}


@pytest.mark.parametrize("file", sorted(Path("seeds").glob("*/translations/vi.json")), ids=lambda file: file.parts[1])
def test_a_seed_speaks_of_nobody_as_you(file):
    said = json.loads(file.read_text())["labels"]

    assert {place: text for place, text in said.items() if re.search(r"quý khách|\bbạn\b", text, re.IGNORECASE)
            and ".salutation." not in place} == {}


SHOWN = ("NotFound", "Refused", "Invalid", "BadQuery", "Conflict", "TooLarge", "TooMany", "Unavailable")
LOWER = ("runtime/files", "runtime/cli")
"""Floors below the words, and the command line, which speaks English."""


def test_an_error_that_people_read_is_said_in_their_language():
    bare = [f"{file}:{call.lineno}" for room in messages.PLACES for file in sorted(Path(room).rglob("*.py"))
            if not str(file).startswith(LOWER)
            for call in ast.walk(ast.parse(file.read_text())) if isinstance(call, ast.Call)
            and getattr(call.func, "id", "") in SHOWN and call.args
            and (isinstance(call.args[0], ast.JoinedStr) or (getattr(call.args[0], "value", "") not in ("", None)
                 and isinstance(call.args[0], ast.Constant)))]

    assert bare == []
