"""Questions: which operators a filter or rule may use, by the nature of a value."""
from runtime.kinds.operator import (
    ABOUT,
    CONTAINS,
    DOES_NOT_CONTAIN,
    EMPTY,
    IS,
    IS_ME,
    IS_NOT,
    IS_NOT_ME,
    NONE_OF,
    NOT_EMPTY,
    ONE_OF,
)

ABOUT_TEXT = ABOUT["text"]
ABOUT_LONG_TEXT = (CONTAINS, DOES_NOT_CONTAIN, EMPTY, NOT_EMPTY)
ABOUT_NUMBERS = ABOUT["number"]
ABOUT_DATES = ABOUT["date"]
ABOUT_FLAGS = ABOUT["boolean"]
ABOUT_LISTS = ABOUT["list"]
ABOUT_CHOICES = (IS, IS_NOT, ONE_OF, NONE_OF, EMPTY, NOT_EMPTY)
ABOUT_LINKS = ABOUT_CHOICES
ABOUT_PEOPLE = (IS_ME, IS_NOT_ME, *ABOUT_CHOICES)
ABOUT_PRESENCE = (EMPTY, NOT_EMPTY)
