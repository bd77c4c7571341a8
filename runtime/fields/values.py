"""Values: the marshmallow fields the types share. Raw input in; a clean value or one sentence that says what to enter.

Text inputs send strings, JSON sends numbers and lists, our own code sends clean values: all three are taken.
Strings are read the way the current reader writes (runtime.locale.reader.current()), ISO always.

`swift(hints)` is the short way of imports: a function that reads a cell written plainly ("2026-11-28", "12.50") to the
very value `parse_dirty` and `deserialize` would give, and answers None for every other cell.
"""
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import marshmallow as ma

from runtime.locale import dirty
from runtime.locale.reader import current, zone
from runtime.locale.text import _

LARGEST = Decimal(10) ** 18
MOST_DECIMALS = 6
BIGINT = 2**63 - 1
Swift = Callable[[str], Any]

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_FIGURES = re.compile(r"-?[0-9]{1,15}(?:\.([0-9]+))?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+")     # "1,250" alone may be either
_LINE_BREAKS = re.compile(r"[\r\n\t\u2028\u2029]+")


def refuse(sentence: str, **places: Any) -> ma.ValidationError:
    """The sentence in the person's language, as the error to raise."""
    return ma.ValidationError(_(sentence, **places))


def plain(value: Decimal) -> Decimal:
    """Without zeros at the end and without an exponent: 22700.00 is 22700."""
    if value == (whole := value.to_integral_value()):
        return abs(whole) if not whole else whole.quantize(Decimal(1))
    return value.normalize()


class Words(ma.fields.Field[str]):
    """Text, composed (NFC), without blanks around it and without characters that cannot be stored or that turn lines
    around; one line unless `lines`."""

    def __init__(self, *, longest: int, shortest: int = 0, lines: bool = False,
                 check: Callable[[str], str] | None = None, **options: Any):
        super().__init__(**options)
        self.longest, self.shortest, self.lines, self.check = longest, shortest, lines, check

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str | None:
        if not isinstance(value, str):
            raise refuse("Enter text.")
        if _UNFIT.search(value):
            raise refuse("Remove the hidden control characters; they cannot be stored.")
        if not value.isascii():
            value = unicodedata.normalize("NFC", value)
        if self.lines:
            value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        else:
            value = _LINE_BREAKS.sub(" ", value).strip()
        if not value:
            return None
        if len(value) > self.longest:
            raise refuse("Enter at most %(most)s characters; this is %(given)s.", most=self.longest, given=len(value))
        if len(value) < self.shortest:
            raise refuse("Enter at least %(least)s characters.", least=self.shortest)
        return self.check(value) if self.check else value

    def swift(self, hints: Mapping[str, Any]) -> Swift | None:
        longest, shortest, check = self.longest, self.shortest, self.check

        def read(text: str) -> Any:
            if shortest <= len(text) <= longest and text.isprintable() and (
                    text.isascii() or unicodedata.is_normalized("NFC", text)):      # printable: no mark, gap or direction is hidden
                return check(text) if check else text
            return None

        return read


class Exact(ma.fields.Field[Decimal]):
    """An exact decimal between two limits, with at most so many digits after the point."""

    def __init__(self, *, least: Any = None, most: Any = None, decimals: int = MOST_DECIMALS, **options: Any):
        super().__init__(**options)
        self.least = None if least is None else Decimal(str(least))
        self.most = None if most is None else Decimal(str(most))
        self.decimals = decimals

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Decimal:
        number = as_number(value)
        if abs(number) >= LARGEST:
            raise refuse("This number is too large. Enter at most 18 digits before the decimal point.")
        number = plain(number)
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.decimals:
            if self.decimals == 0:
                raise refuse("Enter a whole number.")
            raise refuse("Enter at most %(most)s digits after the decimal point.", most=self.decimals)
        between(number, self.least, self.most)
        return number

    def swift(self, hints: Mapping[str, Any]) -> Swift | None:
        if hints.get("decimal") == ",":
            return None
        least, most, decimals = self.least, self.most, self.decimals

        def read(text: str) -> Decimal | None:
            if "," in text:
                if not _GROUPED.fullmatch(text):
                    return None
                text = text.replace(",", "")
            found = _FIGURES.fullmatch(text)
            if found is None or ((fraction := found[1]) is not None and len(fraction) > decimals):
                return None
            if fraction is not None and text[-1] == "0" and text[0] != "-":
                text = text.rstrip("0").rstrip(".")
            number = Decimal(text)
            if (least is not None and number < least) or (most is not None and number > most):
                return None
            return plain(number) if text[0] == "-" else number

        return read


class Whole(ma.fields.Field[int]):
    """A whole number between two limits."""

    def __init__(self, *, least: int | None = None, most: int | None = None, **options: Any):
        super().__init__(**options)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            number = as_number(value)
            if abs(number) >= LARGEST * 100 or number != number.to_integral_value():
                raise refuse("Enter a whole number, such as %(example)s.", example=current().number(1250))
            value = int(number)
        if abs(value) > BIGINT:
            raise refuse("This number is too large.")
        between(value, self.least, self.most)
        return int(value)

    def swift(self, hints: Mapping[str, Any]) -> Swift | None:
        least, most = self.least, self.most

        def read(text: str) -> int | None:
            if not (text.isascii() and text.isdigit() and len(text) < 18):
                return None
            number = int(text)
            return number if (least is None or number >= least) and (most is None or number <= most) else None

        return read


def as_number(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, bool):
        raise refuse("Enter a number, such as %(example)s.", example=current().decimal(Decimal("1250.5")))
    elif isinstance(value, (int, float)):
        number = Decimal(str(value))
    elif isinstance(value, str):
        try:
            number = current().read_number(value)
        except ValueError:
            raise refuse("'%(given)s' is not a number. Enter one such as %(example)s.", given=shortened(value),
                         example=current().decimal(Decimal("1250.5"))) from None
    else:
        raise refuse("Enter a number, such as %(example)s.", example=current().decimal(Decimal("1250.5")))
    if not number.is_finite():
        raise refuse("Enter a number, such as %(example)s.", example=current().decimal(Decimal("1250.5")))
    return number


def between(number: Any, least: Any, most: Any) -> None:
    """Raises the sentence that names both limits where both are set."""
    if (least is None or number >= least) and (most is None or number <= most):
        return
    write = current().number
    if least is not None and most is not None:
        raise refuse("Enter %(least)s to %(most)s.", least=write(least), most=write(most))
    if least is not None:
        raise refuse("Enter %(least)s or more.", least=write(least))
    raise refuse("Enter %(most)s or less.", most=write(most))


class Flag(ma.fields.Field[bool]):
    """Yes or no. A form sends a hidden "false" and, where the box is ticked, "true" after it: the last word counts."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, (list, tuple)) and value:
            value = value[-1]
        try:
            return dirty.boolean(str(value))
        except ValueError:
            raise refuse("Enter yes or no.") from None

    def swift(self, hints: Mapping[str, Any]) -> Swift | None:
        return {"true": True, "false": False, "yes": True, "no": False, "Yes": True, "No": False, "1": True, "0": False}.get


class Day(ma.fields.Field[dt.date]):
    """A calendar day, between the years 1 and 9999."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dt.date:
        if isinstance(value, dt.datetime):
            return current().local(value).date() if value.tzinfo else value.date()
        if isinstance(value, dt.date):
            return value
        try:
            return current().read_date(value.strip())
        except (ValueError, AttributeError):
            raise refuse("Enter a date such as %(example)s.", example=current().date(dt.date(2026, 11, 28))) from None

    def swift(self, hints: Mapping[str, Any]) -> Swift | None:
        def read(text: str) -> dt.date | None:
            try:
                return dt.date.fromisoformat(text) if len(text) == 10 and text[4] == text[7] == "-" else None
            except ValueError:
                return None

        return read


class Instant(ma.fields.Field[dt.datetime]):
    """A moment to the second, kept in UTC; input without an offset is on the reader's clock."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dt.datetime:
        try:
            if isinstance(value, dt.datetime):
                aware = value if value.tzinfo else value.replace(tzinfo=current().clock)
                return aware.astimezone(dt.UTC).replace(microsecond=0)
            if isinstance(value, dt.date):
                value = value.isoformat()
            return current().read_datetime(value).replace(microsecond=0)
        except (ValueError, AttributeError, OverflowError):
            example = current().datetime(dt.datetime(2026, 11, 28, 14, 30, tzinfo=current().clock))
            raise refuse("Enter a date and time such as %(example)s.", example=example) from None

    def swift(self, hints: Mapping[str, Any]) -> Swift | None:
        there = zone(hints.get("zone") or "UTC")

        def read(text: str) -> dt.datetime | None:
            if not (len(text) in (16, 19) and text[4] == text[7] == "-" and text[13] == ":"):
                return None
            try:
                return dt.datetime.fromisoformat(text).replace(tzinfo=there).astimezone(dt.UTC)
            except (ValueError, OverflowError):
                return None

        return read


class OneOf(ma.fields.Field[str]):
    """One of some values; labels: {value: label} in order."""

    def __init__(self, labels: Mapping[str, str], **options: Any):
        super().__init__(**options)
        self.labels = labels

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if isinstance(value, str) and value in self.labels:
            return value
        raise not_one_of(value, self.labels)

    def swift(self, hints: Mapping[str, Any]) -> Swift | None:
        return {value: value for value in self.labels}.get


class SomeOf(ma.fields.Field[list[str]]):
    """Some of some values, each once, in the order of the choices. An empty list is no value."""

    def __init__(self, labels: Mapping[str, str], **options: Any):
        super().__init__(**options)
        self.labels = labels

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[str] | None:
        given = as_list(value)
        for item in given:
            if item not in self.labels:
                raise not_one_of(item, self.labels)
        chosen = set(given)
        return [item for item in self.labels if item in chosen] or None


def not_one_of(value: Any, labels: Mapping[str, str]) -> ma.ValidationError:
    listed = ", ".join(list(labels.values())[:12]) + (", …" if len(labels) > 12 else "")
    return refuse("'%(given)s' is not one of: %(choices)s.", given=shortened(value), choices=listed)


def as_list(value: Any) -> list[str]:
    """A form's repeated inputs or JSON's list; the empty string a form adds for "none" is dropped."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) for item in items):
        raise refuse("Enter a list of choices.")
    return [item.strip() for item in items if item.strip()]


class RecordId(ma.fields.Field[int]):
    """The id of a record or a user; whether it is there and may be seen is asked by the pipeline."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, Mapping):
            value = value.get("id")
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value.strip()) < 19:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= BIGINT:
            return int(value)
        raise refuse("Choose a record from the list.")


def shortened(value: Any, most: int = 60) -> str:
    """What was given, short enough to stand in a sentence."""
    text = str(value)
    return text if len(text) <= most else f"{text[:most]}…"
