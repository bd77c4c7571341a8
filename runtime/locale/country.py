"""Country: where the house is at home, for what people write without saying the country (phone numbers).

house.setting 'home_country' names it; without it HOME_COUNTRY of the environment, else the country in which the language of the
installation (CRM_LANGUAGE) is spoken most. A process asks again after KEPT_SECONDS.
"""
import os
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from unicodedata import combining, normalize

import phonenumbers
import sqlalchemy as sa
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from sqlalchemy.dialects.postgresql import insert

from runtime.db import engine
from runtime.db.transaction import reading
from runtime.locale.money import SETTING

KEPT_SECONDS = 30.0
LAST = "US"

_kept: tuple[float, Any, str] | None = None


def home() -> str:
    """ISO 3166 code of two letters."""
    global _kept
    if not engine.made():
        return _by_default()
    at = engine.engine()
    if _kept is None or _kept[1] is not at or time.monotonic() - _kept[0] > KEPT_SECONDS:
        with reading() as connection:
            said = connection.scalar(sa.select(SETTING.c.value).where(SETTING.c.name == "home_country"))
        _kept = (time.monotonic(), at, said if said in phonenumbers.SUPPORTED_REGIONS else _by_default())
    return _kept[2]


def chosen(connection: Any) -> bool:
    """Whether somebody has said it."""
    return connection.scalar(sa.select(SETTING.c.value).where(SETTING.c.name == "home_country")) is not None


def set_home(connection: Any, code: str) -> None:
    """Raises ValueError for an unknown code. Numbers that are stored already stay as they are."""
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"'{code}' is not a country code.")
    given = insert(SETTING).values(name="home_country", value=code)
    connection.execute(given.on_conflict_do_update(index_elements=["name"], set_={"value": given.excluded.value}))
    forget()


def forget() -> None:
    global _kept
    _kept = None


@lru_cache(maxsize=16)
def names(language: str) -> Mapping[str, str]:
    """{code: name} of every country with phone numbers, by name."""
    try:
        known = Locale.parse(language.replace("-", "_")).territories
    except (UnknownLocaleError, ValueError):
        known = Locale("en").territories
    return dict(sorted(((code, known.get(code, code)) for code in phonenumbers.SUPPORTED_REGIONS),
                       key=lambda pair: _plain(pair[1])))


def _plain(name: str) -> str:
    return "".join(letter for letter in normalize("NFD", name.casefold()) if not combining(letter)).replace("đ", "d")


def _by_default() -> str:
    given = os.environ.get("HOME_COUNTRY", "").upper()
    if given in phonenumbers.SUPPORTED_REGIONS:
        return given
    likely = get_global("likely_subtags").get(os.environ.get("CRM_LANGUAGE", "en"), "").rpartition("_")[2]
    return likely if likely in phonenumbers.SUPPORTED_REGIONS else LAST
