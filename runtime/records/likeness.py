"""Likeness: whether two values say the same, and with which words the search index narrows down who may say it.

Whole words are looked for, not beginnings: of a million e-mail addresses all end in "com", and only the rare word counts.
"""
import difflib
import re
import unicodedata
from itertools import islice
from typing import Any

ALIKE = 0.85
"""How alike two texts must be, as sets of words or letter by letter, to count as similar."""
FEW, MANY = 3, 8
"""Letters of a word that is spelled differently that must be right; words of a text that are looked at."""
MISSED = 4
"""Of so many words a short one may be missing."""
SHORTEST = 7
"""Digits of a phone number, without country code and leading zeros."""
COUNTRY = re.compile(r"^(?:00|0(?=0*[1-9])|84(?=[1-9]\d{8}$)|1(?=[2-9]\d{9}$))+")


def agree(by: str, mine: Any, theirs: Any) -> bool:
    """by: "exact", "folded" (case, accents and spaces do not count), "similar" or "digits" (phone numbers)."""
    if theirs is None:
        return False
    if by == "exact":
        return bool(mine == theirs)
    if by == "digits":
        return len(digits(mine)) >= SHORTEST and digits(mine) == digits(theirs)
    mine, theirs = words(str(mine)), words(str(theirs))
    if by == "folded":
        return mine == theirs
    shared = len(set(mine) & set(theirs)) / max(1, len(set(mine) | set(theirs)))
    if shared >= ALIKE:
        return True
    pair = difflib.SequenceMatcher(None, " ".join(sorted(mine)), " ".join(sorted(theirs)))
    return pair.real_quick_ratio() >= ALIKE and pair.quick_ratio() >= ALIKE and pair.ratio() >= ALIKE


def narrowed(by: str, value: Any) -> str:
    """What to ask the search index for, as a tsquery; "" where nothing would be found."""
    if by == "digits":
        number = digits(value)
        spelled = [number, f"0{number}", f"84{number}", f"1{number}"] if len(number) >= SHORTEST else []
        typed = [_quoted(word) for word in words(str(value))]
        return " | ".join([*spelled, *([f"({' & '.join(typed)})"] if spelled and typed else [])])
    said = list(dict.fromkeys(islice(words(str(value)), MANY)))
    if by == "similar" and said:
        return " | ".join(dict.fromkeys(_one_differs(said, at) for at in range(len(said))))
    return " & ".join(map(_quoted, said))


def _one_differs(said: list[str], at: int) -> str:
    """All words but one as they are; that one by its beginning, or not at all where it is one of many and short ("Ltd")."""
    other = f"{_quoted(said[at][:max(FEW, len(said[at]) // 2)])}:*"
    spelled = [other if number == at else _quoted(word) for number, word in enumerate(said)
               if number != at or len(said) < MISSED or len(word) > FEW]
    return " & ".join(spelled)


def _quoted(word: str) -> str:
    return f"'{word}'"


def digits(value: Any) -> str:
    """The number itself: "+84 912 345 678" and "0912.345.678" are one."""
    whole = "".join(letter for letter in str(value).partition(" x")[0] if letter in "0123456789")
    return COUNTRY.sub("", whole)


def words(text: str) -> list[str]:
    """Small letters without accents, cut at what is no letter or digit."""
    plain = "".join(letter for letter in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(letter))
    return "".join(letter if letter.isalnum() else " " for letter in plain.replace("đ", "d")).split()
