"""Words in the reader's language."""
import pytest

from runtime.locale import text


@pytest.fixture
def words(tmp_path, monkeypatch):
    folder = tmp_path / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text('''
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"

msgid "Save %(label)s"
msgstr "Lưu %(label)s"

msgid "%(n)s deal"
msgid_plural "%(n)s deals"
msgstr[0] "%(n)s giao dịch"
''')
    monkeypatch.setattr(text, "_folders", [tmp_path])
    text.catalogue.cache_clear()
    yield
    text.catalogue.cache_clear()


def test_a_message_is_said_in_the_current_language(words):
    assert text.gettext("Save %(label)s", label="Deal") == "Save Deal"
    with text.speaking("vi"):
        assert text.gettext("Save %(label)s", label="Deal") == "Lưu Deal"
        assert text.ngettext("%(n)s deal", "%(n)s deals", 2) == "2 giao dịch"
        assert text.gettext("Never translated 100%") == "Never translated 100%"
    assert text.ngettext("%(n)s deal", "%(n)s deals", 2) == "2 deals"


def test_a_lazy_message_waits_for_its_reader(words):
    label = text.lazy("Save %(label)s", label="Deal")

    assert str(label) == "Save Deal"
    with text.speaking("vi"):
        assert str(label) == "Lưu Deal"


def test_an_unknown_language_speaks_english(words):
    with text.speaking("tlh"):
        assert text.gettext("Save %(label)s", label="Deal") == "Save Deal"
