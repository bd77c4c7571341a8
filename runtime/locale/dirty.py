"""Dirty text: numbers, dates and answers as other programs export them, read with what the whole column shows.

hints: {"day_first": bool, "decimal": "." or ",", "zone": IANA name}; each may be missing. Everything raises ValueError.
"""
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from runtime.locale import conventions
from runtime.locale.reader import zone

TIMES = {"k": 3, "thousand": 3, "nghìn": 3, "ngàn": 3, "m": 6, "mm": 6, "mn": 6, "mio": 6, "million": 6, "tr": 6, "triệu": 6,
         "b": 9, "bn": 9, "billion": 9, "tỷ": 9, "tỉ": 9, "t": 12, "tn": 12}
LONGEST = 100
"""Letters of a number or a day, with all that stands around it. What is longer is neither, and patterns never see it."""
YES = frozenset(("yes", "y", "true", "t", "1", "on", "x", "✓", "✔", "có", "đúng"))
NO = frozenset(("no", "n", "false", "f", "0", "off", "-", "✗", "✘", "không", "sai"))

_NUMBER = re.compile(
    r"""^(?P<open>\()?\s*(?P<sign>[-+−–])?\s*(?P<before>[^\d\s.,+\-−(]{1,4}\$?)?\s*(?P<sign2>[-+−])?\s*
        (?P<figures>\d[\d.,'’\s]*|[.,]\d+)\s*(?P<after>[^\d()\-]{0,14}?)\s*(?P<trail>-)?(?P<close>\))?$""", re.VERBOSE)
_CURRENCY_WORD = re.compile(r"(?:[a-z]{0,3}\$|kč|zł|kr\.?|đ|vnđ)", re.IGNORECASE)
_SPACED = re.compile(r"[\s'’]")
_SPACES = re.compile(r"\d{1,3}(?:[\s'’]\d{3})+(?:[.,]\d*)?$")
_NUMERIC = re.compile(r"^(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{2,4})\.?$")
_WORDED = re.compile(r"^(?:[^\W\d]{3,9}\.?,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s\-/.]*([^\W\d]{3,12})\.?[\s\-/,.']*(\d{2,4})$")
_MONTH_FIRST = re.compile(r"^(?:[^\W\d]{3,9},\s+)?([^\W\d]{3,12})\.?[\s\-/]*(\d{1,2})(?:st|nd|rd|th)?,?[\s\-/,]+(\d{2,4})$")
_TIME = re.compile(
    r"[\sT,]+(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*([ap]\.?m\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE)


def number(text: str, hints: Mapping[str, Any]) -> Decimal:
    """`$342.09K`, `$22,700.00`, `(1,200)`, `1.250,50 €`, `12%`, `2,45 tỷ`, `100-`."""
    said = " ".join(text.split())                   # of many blanks one: the pattern tries every way to part them
    found = _NUMBER.match(said) if len(said) <= LONGEST else None
    if not found or bool(found["open"]) != bool(found["close"]) or not _is_currency(found["before"]):
        raise ValueError(text)
    figures = found["figures"].strip()
    if _SPACED.search(figures) and not _SPACES.match(figures):
        raise ValueError(text)
    value = Decimal(_plain(_SPACED.sub("", figures), hints.get("decimal"))) * 10 ** _times(found["after"] or "", text)
    minus = [found["sign"], found["sign2"], found["trail"]]
    if sum(1 for sign in minus if sign and sign != "+") + bool(found["open"]) > 1:
        raise ValueError(text)
    return -value if found["open"] or any(sign and sign != "+" for sign in minus) else value


def _is_currency(word: str | None) -> bool:
    return (not word or not any(letter.isalpha() for letter in word) or word.upper() in conventions.currencies()
            or bool(_CURRENCY_WORD.fullmatch(word)))


def _times(after: str, text: str) -> int:
    """The power of ten said behind the figures; percent and currency signs say nothing."""
    power = 0
    for word in after.casefold().replace("%", " ").split():
        if word in TIMES and not power:
            power = TIMES[word]
        elif not _is_currency(word):
            raise ValueError(text)
    return power


def _plain(figures: str, decimal: str | None) -> str:
    """Figures with one full stop at most: which sign is the decimal one, by hint or by its place."""
    if decimal:
        group = "," if decimal == "." else "."
        figures = figures.replace(group, "")
    else:
        dot, comma = figures.rfind("."), figures.rfind(",")
        if dot >= 0 and comma >= 0:
            decimal = "." if dot > comma else ","
            figures = figures.replace("," if decimal == "." else ".", "")
        elif comma >= 0:
            grouped = re.fullmatch(r"\d{1,3}(,\d{3})+", figures)
            decimal = "." if grouped else ","
            figures = figures.replace(",", "") if grouped else figures
        else:
            decimal = "."
            if figures.count(".") > 1 and re.fullmatch(r"\d{1,3}(\.\d{3})+", figures):
                figures = figures.replace(".", "")
    figures = figures.replace(decimal, ".")
    if figures.count(".") > 1 or len(figures) > 60:
        raise ValueError(figures)
    return figures


def date(text: str, hints: Mapping[str, Any]) -> dt.date:
    """The day of a cell that may hold a time too: `15 Apr, 2021 00:03:00` is 15 April on the file's own clock."""
    return moment(text, hints)[0]


def datetime(text: str, hints: Mapping[str, Any]) -> dt.datetime:
    """In UTC; a cell without an offset is on the clock of hints["zone"]."""
    day, time, offset = moment(text, hints)
    there = dt.datetime.combine(day, time or dt.time(), tzinfo=offset or zone(hints.get("zone") or "UTC"))
    try:
        return there.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError(text) from None


def moment(text: str, hints: Mapping[str, Any]) -> tuple[dt.date, dt.time | None, dt.tzinfo | None]:
    """(day, time if there is one, offset if there is one)."""
    rest = " ".join(text.split()).strip()
    if len(rest) > 60:
        raise ValueError(text)
    time = offset = None
    if found := _TIME.search(rest):
        rest = rest[:found.start()].rstrip(" ,")
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        if found[5]:
            if not 1 <= hour <= 12:
                raise ValueError(text)
            hour = hour % 12 + (12 if found[5].casefold().startswith("p") else 0)
        time = dt.time(hour, minute, second, int((found[4] or "0").ljust(6, "0")[:6]))
        if found[6]:
            offset = dt.datetime.strptime(found[6].replace(":", ""), "%z").tzinfo if found[6][0] in "+-" else dt.UTC
    return _day(rest, hints), time, offset


def _day(text: str, hints: Mapping[str, Any]) -> dt.date:
    if found := _NUMERIC.match(text):
        first, second, third = found.groups()
        if len(first) == 4:
            return dt.date(int(first), int(second), int(third))
        if len(first) > 2 or len(third) == 3:
            raise ValueError(text)
        day, month = (first, second) if hints.get("day_first", int(second) <= 12) else (second, first)
        return dt.date(_year(third), int(month), int(day))
    if re.fullmatch(r"(?:19|20)\d{6}", text):
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    if found := _WORDED.match(text):
        return dt.date(_year(found[3]), _month(found[2]), int(found[1]))
    if found := _MONTH_FIRST.match(text):
        return dt.date(_year(found[3]), _month(found[1]), int(found[2]))
    if found := re.fullmatch(r"(\d{1,2})\s+tháng\s+(\d{1,2}),?\s+(?:năm\s+)?(\d{4})", text, re.IGNORECASE):
        return dt.date(int(found[3]), int(found[2]), int(found[1]))
    raise ValueError(text)


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 70 else 1900)


def _month(name: str) -> int:
    known = conventions.ENGLISH_MONTHS
    found = known.get(name.casefold()) or known.get(name.casefold()[:3] if len(name) > 3 else "")
    if not found:
        raise ValueError(name)
    return found


def boolean(text: str) -> bool:
    word = text.strip().casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError(text)


def guess_hints(samples: Iterable[str]) -> dict[str, Any]:
    """What a column's cells agree on: {"day_first": …, "decimal": …}; a key is missing where nothing tells.

    "03-07-2021" tells nothing, "21-07-2021" beside it tells that the day comes first.
    "1,250" tells nothing, "1,250.50" or "1,250,000" does.
    """
    day_first = month_first = dot = comma = 0
    for sample in samples:
        if not sample or not sample.strip():
            continue
        text = " ".join(sample.split())
        if len(text) > LONGEST:
            continue
        head = _TIME.sub("", text).rstrip(" ,")
        if (found := _NUMERIC.match(head)) and len(found[1]) <= 2:
            day_first += int(found[1]) > 12
            month_first += int(found[2]) > 12
            continue
        figures = re.sub(r"[^\d.,]", "", text).strip(".,")
        if sum(letter.isalpha() for letter in text) > 6:
            continue
        last_dot, last_comma = figures.rfind("."), figures.rfind(",")
        if last_dot >= 0 and last_comma >= 0:
            dot += last_dot > last_comma
            comma += last_comma > last_dot
        elif figures.count(",") > 1:
            dot += 1
        elif figures.count(".") > 1 or (last_comma >= 0 and len(figures) - last_comma != 4):
            comma += 1
        elif last_dot >= 0 and (len(figures) - last_dot != 4 or last_dot > 3 or figures.startswith("0")):
            dot += 1
    hints: dict[str, Any] = {}
    if day_first != month_first:
        hints["day_first"] = day_first > month_first
    if dot != comma:
        hints["decimal"] = "." if dot > comma else ","
    return hints
