"""Version numbers of packages: three numbers, and ranges of them ("^1.2", ">=1.0.0 <3", "*")."""
import re

from metadata.words import say

_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")
_BOUND = re.compile(r"(>=|<=|>|<|=|\^|~)?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?")
RANGE = r"^(\*|(>=|<=|>|<|=|\^|~)?\d{1,6}(\.\d{1,6}){0,2}( (>=|<=|>|<|=|\^|~)?\d{1,6}(\.\d{1,6}){0,2}){0,3})$"

Version = tuple[int, int, int]


def version(text: str) -> Version:
    """Raises ValueError."""
    found = _VERSION.fullmatch(text)
    if found is None:
        raise ValueError(say("'%(text)s' is no version. Write three numbers, for example 1.0.0.", text=text[:40]))
    first, second, third = (int(part) for part in found.groups())
    return first, second, third


def fits(text: str, wanted: str) -> bool:
    """Whether the version lies in the range. Every part of the range must hold; "1.2" alone is any 1.2.x."""
    return wanted.strip() in ("", "*") or all(_holds(version(text), part) for part in wanted.split())


def _holds(given: Version, part: str) -> bool:
    found = _BOUND.fullmatch(part)
    if found is None:
        raise ValueError(say("'%(text)s' is no range of versions. Write for example ^1.2 or >=1.0.0 <3.", text=part[:40]))
    sign, *numbers = found.groups()
    said = [int(each) for each in numbers if each is not None]
    first, second, third, *_ = *said, 0, 0
    low = first, second, third
    match sign:
        case ">=":
            return given >= low
        case "<=":
            return given <= low
        case ">":
            return given > low
        case "<":
            return given < low
    high: tuple[int, ...]
    if sign == "^":
        high = (low[0] + 1, 0, 0) if low[0] else (0, low[1] + 1, 0)
    elif sign == "~":
        high = (low[0], low[1] + 1, 0)
    else:
        high = tuple([*said[:-1], said[-1] + 1, 0, 0][:3])
    return low <= given < high
