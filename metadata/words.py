"""Words: the sentences metadata says to people, in the language its reader asked for.

Metadata knows no languages. Whoever does (runtime/locale/text.py) says here how a message becomes the reader's words;
until then they are the English they are written in. `make words` gathers what stands in `say` and `later`.
"""
import difflib
from collections.abc import Callable, Iterable
from typing import Any

_speak: Callable[[str], str] = str
_language: Callable[[], str] = str


def spoken_by(speak: Callable[[str], str], language: Callable[[], str] = str) -> None:
    """speak: the words of a message in the language of whoever asks just now; language: its code."""
    global _speak, _language
    _speak, _language = speak, language


def say(message: str, /, **values: Any) -> str:
    """The message in the reader's words; values fill its %(name)s places."""
    words = _speak(message) if message else ""
    return words % values if values else words


def called(definitions: Any, address: str, default: str) -> str:
    """What something is called in the reader's language: the definitions' own translation of "modules.deals.plural", if any."""
    known = definitions.translations.get(_language())
    return (known.labels.get(address) if known else None) or default


def of_module(definitions: Any, module: Any, what: str = "plural") -> str:
    return called(definitions, f"modules.{module.name}.{what}", getattr(module, what))


def of_field(definitions: Any, module: Any, field: Any) -> str:
    return called(definitions, f"modules.{module.name}.fields.{field.name}.label", field.label)


def later(message: str) -> str:
    """Marks a message that is said where it is needed: say(message)."""
    return message


def sentences(*said: str) -> str:
    """Several sentences as one text; those that are empty stay away."""
    return " ".join(filter(None, said))


def near(name: str, known: Iterable[str]) -> str:
    """"Did you mean 'stage'?" where something is called almost so, else ""."""
    found = difflib.get_close_matches(str(name), list(known), 3, 0.7)
    return say("Did you mean %(names)s?", names=f" {say('or')} ".join(repr(each) for each in found)) if found else ""
