"""Country: where the house is at home, for what people write without saying the country (phone numbers).

house.setting 'home_country' names it; without it HOME_COUNTRY of the environment, else the country in which the language of the
installation (CRM_LANGUAGE) is spoken most.
"""
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from unicodedata import combining, normalize

import phonenumbers
from babel.core import get_global

from runtime.db import setting
from runtime.locale.conventions import locale

HOME = "home_country"
LAST = "US"


def home() -> str:
    """ISO 3166 code of two letters."""
    return _remembered.now()


def chosen(connection: Any) -> bool:
    """Whether somebody has said it."""
    return setting.read(connection, HOME) is not None


def set_home(connection: Any, code: str) -> None:
    """Raises ValueError for an unknown code. Numbers that are stored already stay as they are."""
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"'{code}' is not a country code.")
    setting.keep(connection, HOME, code)
    forget()


def forget() -> None:
    _remembered.forget()


@lru_cache(maxsize=16)
def names(language: str) -> Mapping[str, str]:
    """{code: name} of every country with phone numbers, by name."""
    called = locale(language).territories
    return dict(sorted(((code, called.get(code, code)) for code in phonenumbers.SUPPORTED_REGIONS),
                       key=lambda pair: _plain(pair[1])))


def _plain(name: str) -> str:
    return "".join(letter for letter in normalize("NFD", name.casefold()) if not combining(letter)).replace("đ", "d")


def _read(connection: Any) -> str:
    said = setting.read(connection, HOME)
    return said if said in phonenumbers.SUPPORTED_REGIONS else _by_default()


def _by_default() -> str:
    given = os.environ.get("HOME_COUNTRY", "").upper()
    if given in phonenumbers.SUPPORTED_REGIONS:
        return given
    likely = get_global("likely_subtags").get(os.environ.get("CRM_LANGUAGE", "en"), "").rpartition("_")[2]
    return likely if likely in phonenumbers.SUPPORTED_REGIONS else LAST


_remembered = setting.Remembered(_read, _by_default)
