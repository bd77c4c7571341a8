"""Text: the words of code and templates in the reader's language (gettext).

English is the source. Catalogues lie in <folder>/<language>/LC_MESSAGES/messages.po and are compiled when first
needed; a messages.mo beside it that is at least as new is taken instead.
"""
import gettext as standard
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from metadata import words

SOURCE = "en"
NAMES = {"en": "English", "vi": "Tiếng Việt"}
"""The languages the house speaks, each by its own name."""

_folders: list[Path] = [Path(__file__).resolve().parent.parent / "translations"]
_language: ContextVar[str] = ContextVar("language", default=SOURCE)


def add_folder(folder: Path) -> None:
    """More words, from a package above this one (the builder's); the first folder that knows a message wins."""
    if folder not in _folders:
        _folders.append(folder)
        catalogue.cache_clear()


def use(language: str) -> Token[str]:
    """Speak this language from here on, in this request or job."""
    return _language.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def language() -> str:
    return _language.get()


@lru_cache(maxsize=32)
def catalogue(language: str) -> standard.NullTranslations:
    """Every folder's words of a language, compiled once per process."""
    found: standard.NullTranslations | None = None
    for folder in _folders:
        words = _read(folder / language / "LC_MESSAGES")
        if words is None:
            continue
        if found is None:
            found = words
        else:
            found.add_fallback(words)
    return found or standard.NullTranslations()


def _read(folder: Path) -> standard.NullTranslations | None:
    source, compiled = folder / "messages.po", folder / "messages.mo"
    if compiled.exists() and (not source.exists() or compiled.stat().st_mtime >= source.stat().st_mtime):
        return standard.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    if not source.exists():
        return None
    from babel.messages.mofile import write_mo  # here: only where a catalogue has to be compiled
    from babel.messages.pofile import read_po
    made = io.BytesIO()
    with source.open("rb") as file:
        write_mo(made, read_po(file, locale=folder.parent.name))
    made.seek(0)
    return standard.GNUTranslations(made)


def gettext(message: str, **values: Any) -> str:
    """The message in the current language; values fill its %(name)s places."""
    text = catalogue(_language.get()).gettext(message) if message else ""
    return text % values if values else text


def ngettext(one: str, many: str, number: int, **values: Any) -> str:
    """one or many, as the language counts; %(n)s and %(num)s are the number (templates say num)."""
    text = catalogue(_language.get()).ngettext(one, many, number)
    return text % ({"n": number, "num": number} | values)


_ = gettext


def counted(one: str, many: str) -> tuple[str, str]:
    """Marks a counted sentence that is told later: ngettext(*sentence, number)."""
    return one, many


class Lazy:
    """A message that is translated when it is shown, for text defined once per process."""

    __slots__ = ("message", "values")

    def __init__(self, message: str, **values: Any):
        self.message, self.values = message, values

    def __str__(self) -> str:
        return gettext(self.message, **self.values)

    def __html__(self) -> str:
        return str(self).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")

    def __mod__(self, values: Any) -> str:
        return str(self) % values

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self.message)


lazy = Lazy
words.spoken_by(gettext, language)


def install(environment: Any) -> None:
    """Give a Jinja environment `_`, `gettext`, `ngettext` and {% trans %}."""
    if "jinja2.ext.InternationalizationExtension" not in environment.extensions:
        environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(lambda message: gettext(message),
                                          lambda one, many, number: catalogue(_language.get()).ngettext(one, many, number),
                                          newstyle=True)
    environment.globals["_"] = _in_template


def _in_template(message: str, **values: Any) -> Markup:
    """`_` of templates: what the extension's own does, without its three calls through the context (80 on a page)."""
    text = Markup(gettext(message))
    return text % values if values or "%" in text else text
