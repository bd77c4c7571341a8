"""Conventions: how a language writes numbers, dates and currency signs. Ours by hand, others from CLDR through Babel."""
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import get_currency_precision, get_currency_symbol, get_decimal_symbol, get_group_symbol, list_currencies

NBSP = "\u00a0"


@dataclass(frozen=True)
class Ways:
    """group/point: the signs in 1,250.5; between: what stands between date and time.

    scales: ((from here on, divided by, word), …) from large to small, for compact amounts.
    """
    group: str
    point: str
    date: Callable[[dt.date], str]
    day: Callable[[dt.date], str]
    between: str
    scales: tuple[tuple[int, int, str], ...]
    months: dict[str, int]

    def month(self, name: str) -> int:
        """The number of a month by its name or its first three letters, in this language or in English."""
        found = self.months.get(name.casefold()) or ENGLISH_MONTHS.get(name.casefold())
        if not found:
            raise ValueError(name)
        return found


_SHORT = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONG = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
         "December")
ENGLISH_MONTHS = {name.casefold(): number for names in (_SHORT, _LONG) for number, name in enumerate(names) if name} | {"sept": 9}

_OURS = {
    "en": Ways(",", ".", lambda day: f"{day.day} {_SHORT[day.month]} {day.year:04d}", lambda day: f"{day.day} {_SHORT[day.month]}",
               ", ", ((10**9, 10**9, f"{NBSP}bn"), (10**6, 10**6, f"{NBSP}m"), (10**4, 10**3, "k")), ENGLISH_MONTHS),
    "vi": Ways(".", ",", lambda day: f"{day.day:02d}/{day.month:02d}/{day.year:04d}",
               lambda day: f"{day.day:02d}/{day.month:02d}", " ",
               ((10**9, 10**9, f"{NBSP}tỷ"), (10**6, 10**6, f"{NBSP}tr"), (10**4, 10**3, f"{NBSP}nghìn")), {}),
}


def locale(language: str) -> Locale:
    """What CLDR says of a language; of English where nobody knows it."""
    return _known(language) or Locale("en")


def _known(language: str) -> Locale | None:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(maxsize=64)
def of(language: str) -> Ways:
    """The ways of a language; English where nobody knows it."""
    if language in _OURS:
        return _OURS[language]
    known = _known(language)
    if known is None:
        return _OURS["en"]
    months = {name.casefold().rstrip("."): number for width in ("wide", "abbreviated")
              for number, name in known.months["format"][width].items()}
    medium = lru_cache(maxsize=4096)(lambda day: format_date(day, "medium", locale=known))
    short = lru_cache(maxsize=4096)(lambda day: format_date(day, "d MMM", locale=known))
    return Ways(get_group_symbol(known), get_decimal_symbol(known), medium, short, ", ", _OURS["en"].scales, months)


@lru_cache(maxsize=1024)
def currency_sign(language: str, code: str) -> tuple[str, str, int]:
    """(before, after, usual decimals) of a currency as a language writes it."""
    try:
        digits = get_currency_precision(code)
    except (LookupError, ValueError):
        digits = 2
    try:
        locale = Locale.parse(language.replace("-", "_"))
        symbol = get_currency_symbol(code, locale=locale)
        before = locale.currency_formats["standard"].pattern.startswith("¤")
    except (UnknownLocaleError, ValueError, LookupError):
        symbol, before = code, False
    if before and code != "VND":  # the đồng's sign follows its number in every language
        return (symbol if not symbol[-1].isalpha() else f"{symbol}{NBSP}"), "", digits
    return "", f"{NBSP}{symbol}", digits


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """Every ISO 4217 code CLDR knows."""
    return frozenset(list_currencies())
