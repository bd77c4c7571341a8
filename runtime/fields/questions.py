"""Questions: which operators a filter or rule may use, by the nature of a value."""
try:
    from runtime.kinds import operator
except ImportError:  # the operators are still being written; removed with the first commit that has them
    operator = None


def _named(*names):
    return tuple(getattr(operator, name) for name in names) if operator else ()


ABOUT_TEXT = _named("IS", "IS_NOT", "CONTAINS", "EMPTY", "NOT_EMPTY")
ABOUT_LONG_TEXT = _named("CONTAINS", "EMPTY", "NOT_EMPTY")
ABOUT_NUMBERS = _named("IS", "IS_NOT", "ABOVE", "AT_LEAST", "BELOW", "AT_MOST", "BETWEEN", "EMPTY", "NOT_EMPTY")
ABOUT_DATES = _named("IS", "IS_NOT", "ABOVE", "AT_LEAST", "BELOW", "AT_MOST", "BETWEEN", "EMPTY", "NOT_EMPTY")
ABOUT_FLAGS = _named("IS", "EMPTY", "NOT_EMPTY")
ABOUT_CHOICES = _named("IS", "IS_NOT", "ONE_OF", "NONE_OF", "EMPTY", "NOT_EMPTY")
ABOUT_LISTS = _named("CONTAINS", "EMPTY", "NOT_EMPTY")
ABOUT_LINKS = _named("IS", "IS_NOT", "ONE_OF", "NONE_OF", "EMPTY", "NOT_EMPTY")
ABOUT_PEOPLE = _named("IS", "IS_NOT", "ONE_OF", "NONE_OF", "EMPTY", "NOT_EMPTY")
ABOUT_COMPARABLE = _named("IS", "IS_NOT", "ABOVE", "AT_LEAST", "BELOW", "AT_MOST", "EMPTY", "NOT_EMPTY")
ABOUT_PRESENCE = _named("EMPTY", "NOT_EMPTY")
