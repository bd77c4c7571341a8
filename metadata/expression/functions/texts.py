"""Text functions. Positions count from 1; lengths are characters; the empty text is NULL."""
import re
from decimal import Decimal
from typing import Any

from metadata.expression.functions import letters
from metadata.expression.functions.exact import plain, whole_sql, within
from metadata.expression.functions.function import FOLDING, Function, Term
from metadata.expression.types import Type

TEXT, NUMBER, BOOLEAN, DATE = Type.TEXT, Type.NUMBER, Type.BOOLEAN, Type.DATE
SHOWABLE = frozenset({TEXT, NUMBER, BOOLEAN, DATE})
LONGEST = 32_000
WIDEST = 1_000
MILLION = 1_000_000
_SPACE = " \t\n\r"
_NUMBER = r"^[ \t\n\r]*([+-]?[0-9]{1,28}(?:[.][0-9]{1,10})?)[ \t\n\r]*$"
_number = re.compile(_NUMBER.replace("$", r"\Z"))
_no_digits = re.compile("[^0-9]+")


def _count(number: str, most: int = MILLION) -> str:
    return whole_sql(number, -1, most)


def _length(number: Any, most: int = MILLION) -> int | None:
    return within(int(number), -1, most)


def _left(text: str, count: Any) -> str | None:
    length = _length(count)
    return None if length is None else text[:length]


def _right(text: str, count: Any) -> str | None:
    length = _length(count)
    return None if length is None else text[len(text) - min(length, len(text)):]


def _mid(text: str, start: Any, count: Any) -> str | None:
    first, length = within(int(start), 0, MILLION), _length(count)
    return None if first is None or length is None else text[first - 1:first - 1 + length]


def _substitute(text: str, old: str | None, new: str | None) -> str | None:
    if text is None or old is None:
        return text
    return text[:LONGEST].replace(old, (new or "")[:255])[:LONGEST]


def _substitute_sql(text: str, old: str, new: str) -> str:
    return f"left(replace(left({text}, {LONGEST}), coalesce({old}, ''), left(coalesce({new}, ''), 255)), {LONGEST})"


def _padded(text: str, width: Any, filling: str, left: bool) -> str | None:
    length = _length(width, WIDEST + 1)
    if length is None:
        return None
    missing = length - len(text)
    if missing <= 0:
        return text[:length]
    added = (filling * (missing // len(filling) + 1))[:missing]
    return added + text if left else text + added


def _part(text: str, separator: str, place: Any) -> str | None:
    number = within(int(place), 0, WIDEST)
    if number is None:
        return None
    parts = text.split(separator)
    return parts[number - 1] if number <= len(parts) else None


def _value(text: str) -> Decimal | None:
    found = _number.match(text)
    return Decimal(found.group(1)) if found else None


def shown(value: Any) -> str | None:
    """A value as text: 1.5, TRUE, 2024-05-31."""
    if value is None or isinstance(value, str):
        return value or None
    if value is True or value is False:
        return "TRUE" if value else "FALSE"
    return plain(value) if isinstance(value, (int, Decimal)) else f"{value.year:04d}-{value.month:02d}-{value.day:02d}"


def shown_sql(value: Term) -> str:
    match value.kind:
        case Type.BOOLEAN:
            return f"upper({value}::text)"
        case Type.DATE:
            return f"to_char({value}, 'YYYY-MM-DD')"
        case Type.NUMBER:
            return f"trim_scale({value})::text"
    return value


def joined(*values: Any) -> str | None:
    return "".join(filter(None, map(shown, values))) or None


def joined_sql(*values: Term) -> str:
    """As an array, since a function takes at most a hundred arguments."""
    return f"array_to_string(ARRAY[{', '.join(map(shown_sql, values))}]::text[], '')"


FUNCTIONS = (
    Function("LOWER(text)", (TEXT,), TEXT, "In small letters.", ('LOWER("Ánh DƯƠNG")', "ánh dương"),
             letters.small, lambda text: f"lower({text}{FOLDING})"),
    Function("UPPER(text)", (TEXT,), TEXT, "In capital letters.", ('UPPER("straße")', "STRAßE"),
             letters.capital, lambda text: f"upper({text}{FOLDING})"),
    Function("PROPER(text)", (TEXT,), TEXT, "Each word with a capital first letter; words are parted by spaces.",
             ('PROPER("lan ANH")', "Lan Anh"), letters.words, letters.words_sql),
    Function("TRIM(text)", (TEXT,), TEXT, "Without white space at both ends.", ('TRIM("  Ban ")', "Ban"),
             lambda text: text.strip(_SPACE), lambda text: f"btrim({text}, E' \\t\\n\\r')"),
    Function("LEN(text)", (TEXT,), NUMBER, "How many characters; 0 for a blank.", ('LEN("Banyan")', "6"),
             lambda text: len(text) if text else 0,
             lambda text: f"coalesce(char_length({text}), 0)",
             strict=False),
    Function("LEFT(text, count)", (TEXT, NUMBER), TEXT, "The first characters.", ('LEFT("Banyan", 3)', "Ban"),
             _left, lambda text, count: f"left({text}, {_count(count)})"),
    Function("RIGHT(text, count)", (TEXT, NUMBER), TEXT, "The last characters.", ('RIGHT("Banyan", 3)', "yan"),
             _right, lambda text, count: f"right({text}, {_count(count)})"),
    Function("MID(text, start, count)", (TEXT, NUMBER, NUMBER), TEXT, "So many characters from a place on.",
             ('MID("Banyan", 2, 3)', "any"), _mid,
             lambda text, start, count: f"substr({text}, {whole_sql(start, 0, MILLION)}, {_count(count)})"),
    Function("CONTAINS(text, part)", (TEXT, TEXT), BOOLEAN, "Whether the part stands in the text, letter by letter.",
             ('CONTAINS("Banyan", "any")', "TRUE"), lambda text, part: part in text,
             lambda text, part: f"(strpos({text}, {part}) > 0)"),
    Function("STARTSWITH(text, part)", (TEXT, TEXT), BOOLEAN, "Whether the text begins with the part.",
             ('STARTSWITH("Banyan", "Ban")', "TRUE"), lambda text, part: text.startswith(part),
             lambda text, part: f"starts_with({text}, {part})"),
    Function("ENDSWITH(text, part)", (TEXT, TEXT), BOOLEAN, "Whether the text ends with the part.",
             ('ENDSWITH("Banyan", "yan")', "TRUE"), lambda text, part: text.endswith(part),
             lambda text, part: f"starts_with(reverse({text}), reverse({part}))"),
    Function("FIND(part, text)", (TEXT, TEXT), NUMBER, "Where the part begins in the text; 0 if it is not there.",
             ('FIND("yan", "Banyan")', "4"), lambda part, text: text.find(part) + 1,
             lambda part, text: f"strpos({text}, {part})"),
    Function("SUBSTITUTE(text, old, new)", (TEXT, TEXT, TEXT), TEXT,
             "Every occurrence of old replaced by new; a blank new takes it out.",
             ('SUBSTITUTE("a-b-c", "-", "")', "abc"), _substitute, _substitute_sql, strict=False),
    Function("REPLACE(text, old, new)", (TEXT, TEXT, TEXT), TEXT, "The same as SUBSTITUTE.",
             ('REPLACE("a-b", "-", "+")', "a+b"), _substitute, _substitute_sql, strict=False),
    Function("CONCAT(value, …)", (SHOWABLE,), TEXT, "Everything in a row as text; blanks count as nothing. The same as &.",
             ('CONCAT("No. ", 7)', "No. 7"), joined, joined_sql, repeats=1, strict=False),
    Function("TEXT(value)", (SHOWABLE,), TEXT, "A value as text: a number in full, a date as year-month-day.",
             ("TEXT(1.50)", "1.5"), shown, shown_sql),
    Function("VALUE(text)", (TEXT,), NUMBER, "The number a text spells with a point; NULL if it is none.",
             ('VALUE(" 12.50 ")', "12.5"), _value,
             lambda text: f"substring({text}, '{_NUMBER}')::numeric"),
    Function("LPAD(text, width, filling)", (TEXT, NUMBER, TEXT), TEXT,
             "Filled up on the left to a width of at most 1,000; longer texts are cut.", ('LPAD("7", 3, "0")', "007"),
             lambda text, width, filling: _padded(text, width, filling, True),
             lambda text, width, filling: f"lpad({text}, {_count(width, WIDEST + 1)}, {filling})"),
    Function("RPAD(text, width, filling)", (TEXT, NUMBER, TEXT), TEXT,
             "Filled up on the right to a width of at most 1,000; longer texts are cut.", ('RPAD("7", 3, ".")', "7.."),
             lambda text, width, filling: _padded(text, width, filling, False),
             lambda text, width, filling: f"rpad({text}, {_count(width, WIDEST + 1)}, {filling})"),
    Function("SPLITPART(text, separator, place)", (TEXT, TEXT, NUMBER), TEXT, "The first, second, … part of a list in a text.",
             ('SPLITPART("a/b/c", "/", 2)', "b"), _part,
             lambda text, separator, place: f"split_part({text}, {separator}, {whole_sql(place, 0, WIDEST)})"),
    Function("DIGITS(text)", (TEXT,), TEXT, "Only the digits 0 to 9.", ('DIGITS("+84 90-12")', "849012"),
             lambda text: _no_digits.sub("", text), lambda text: f"regexp_replace({text}, '[^0-9]+', '', 'g')"),
    Function("REVERSE(text)", (TEXT,), TEXT, "Back to front.", ('REVERSE("abc")', "cba"),
             lambda text: text[::-1], lambda text: f"reverse({text})"),
)
