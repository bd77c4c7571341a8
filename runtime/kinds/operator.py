"""Operators: one question about a value, asked in SQL and in Python so that both always agree.

A blank is never above, below, equal to or part of anything. The negative questions ("is not", "is none of", "does not
contain", "includes none of") are also true of blanks, as people expect of a filter. Days are those of the asking
person's time zone; asked of a date with time, a day becomes the span between two moments, so an index can serve.
No question but the text searches puts a function around the column.
The faces that need more than a line are in faces.py.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from metadata.expression.functions.letters import Small, small
from runtime.kinds import faces
from runtime.kinds.faces import Day, Sql
from runtime.locale.text import Lazy, lazy
from runtime.values import Moment


@dataclass(frozen=True)
class Operator:
    """sql: (column, operand, moment) -> condition, true for the rows wanted (false or NULL for the others).
    test: (value, operand, moment) -> bool; the same question about one value.
    takes: "none"; "one" value of the field's type; "many"; "range" (two values, both included); "text" to look for;
    "number" of days.
    words: how a sentence goes on behind the field's label where it is not "label operand".
    """
    name: str
    label: Lazy
    sql: Callable[[Sql, Any, Moment], Sql]
    test: Callable[[Any, Any, Moment], bool]
    takes: str = "one"
    words: Lazy | None = None

    def said(self, shown: str = "") -> str:
        """The question in the reader's language: "is above 1,000"."""
        if self.takes == "none":
            return str(self.label)
        return self.words % {"operand": shown} if self.words else f"{self.label} {shown}"

    def sentence(self, label: str, shown: str = "") -> str:
        """For a filter chip: "Amount is above 1,000"."""
        return f"{label} {self.said(shown)}"

    def operands(self, examples: Sequence[Any]) -> list[Any]:
        """Operands to try with values like these; the contract tests ask them all."""
        if self.takes == "none":
            return [None]
        if self.takes == "number":
            return [0, 1, 30, 3650]
        if self.takes == "text":
            texts = [value for value in examples if isinstance(value, str)]
            return [piece for text in texts for piece in (text, text.upper(), text[:2], text[-2:], text[1:3] or text)]
        if self.takes == "many":
            flat = [one for value in examples for one in (value if isinstance(value, list) else [value])]
            return [flat, *([one] for one in flat)]
        if self.takes == "range":
            return [list(pair) for pair in pairwise([*examples, *examples[:1]])]
        return list(examples)


def _period(name: str, label: Lazy, span: faces.SpanOf, takes: str = "none", words: Lazy | None = None) -> Operator:
    return Operator(name, label, faces.within_sql(span), faces.within(span), takes, words)


IS = Operator("is", lazy("is"), faces.equals_sql, faces.equals)
IS_NOT = Operator("is_not", lazy("is not"), faces.differs_sql, lambda value, x, moment: not faces.equals(value, x, moment))
ONE_OF = Operator("one_of", lazy("is one of"), lambda column, x, _: column.in_(x),
                  lambda value, x, _: value is not None and value in x, takes="many")
NONE_OF = Operator("none_of", lazy("is none of"), faces.none_of_sql, lambda value, x, _: value is None or value not in x,
                   takes="many")
ABOVE = Operator("above", lazy("is above"), faces.above_sql, faces.above)
AT_LEAST = Operator("at_least", lazy("is at least"), faces.at_least_sql, faces.at_least)
BELOW = Operator("below", lazy("is below"), faces.below_sql, faces.below)
AT_MOST = Operator("at_most", lazy("is at most"), faces.at_most_sql, faces.at_most)
BETWEEN = Operator("between", lazy("is between"), faces.between_sql, faces.between, takes="range")
CONTAINS = Operator("contains", lazy("contains"), faces.contains_sql, faces.contains, takes="text")
DOES_NOT_CONTAIN = Operator("does_not_contain", lazy("does not contain"), faces.lacks_sql,
                            lambda value, x, moment: not faces.contains(value, x, moment), takes="text")
STARTS_WITH = Operator("starts_with", lazy("starts with"),
                       lambda column, x, _: Small(column).like(faces.pattern(x, after="%")),
                       lambda value, x, _: value is not None and small(value).startswith(small(x)), takes="text")
ENDS_WITH = Operator("ends_with", lazy("ends with"),
                     lambda column, x, _: Small(column).like(faces.pattern(x, before="%")),
                     lambda value, x, _: value is not None and small(value).endswith(small(x)), takes="text")
EMPTY = Operator("empty", lazy("is empty"), lambda column, _x, _m: column.is_(None), lambda value, _x, _m: value is None,
                 takes="none")
NOT_EMPTY = Operator("not_empty", lazy("is not empty"), lambda column, _x, _m: column.is_not(None),
                     lambda value, _x, _m: value is not None, takes="none")
BEFORE = Operator("before", lazy("is before"), faces.below_sql, faces.below)
AFTER = Operator("after", lazy("is after"), faces.above_sql, faces.above)
ON_OR_BEFORE = Operator("on_or_before", lazy("is on or before"), faces.at_most_sql, faces.at_most)
ON_OR_AFTER = Operator("on_or_after", lazy("is on or after"), faces.at_least_sql, faces.at_least)
TODAY = _period("today", lazy("is today"), faces.days(0, 1))
YESTERDAY = _period("yesterday", lazy("is yesterday"), faces.days(-1, 0))
TOMORROW = _period("tomorrow", lazy("is tomorrow"), faces.days(1, 2))
THIS_WEEK = _period("this_week", lazy("is this week"), faces.week(0))
LAST_WEEK = _period("last_week", lazy("is last week"), faces.week(-1))
NEXT_WEEK = _period("next_week", lazy("is next week"), faces.week(1))
THIS_MONTH = _period("this_month", lazy("is this month"), faces.month(0))
LAST_MONTH = _period("last_month", lazy("is last month"), faces.month(-1))
NEXT_MONTH = _period("next_month", lazy("is next month"), faces.month(1))
THIS_QUARTER = _period("this_quarter", lazy("is this quarter"), faces.quarter(0))
LAST_QUARTER = _period("last_quarter", lazy("is last quarter"), faces.quarter(-1))
NEXT_QUARTER = _period("next_quarter", lazy("is next quarter"), faces.quarter(1))
THIS_YEAR = _period("this_year", lazy("is this year"), faces.year(0))
LAST_YEAR = _period("last_year", lazy("is last year"), faces.year(-1))
NEXT_YEAR = _period("next_year", lazy("is next year"), faces.year(1))
LAST_DAYS = _period("last_days", lazy("is in the last … days"), faces.past, "number",
                    lazy("is in the last %(operand)s days"))
NEXT_DAYS = _period("next_days", lazy("is in the next … days"), faces.coming, "number",
                    lazy("is in the next %(operand)s days"))
OLDER_THAN = Operator("older_than", lazy("is more than … days ago"),
                      lambda column, x, moment: faces.below_sql(column, Day(-x), moment),
                      lambda value, x, moment: faces.below(value, Day(-x), moment), takes="number",
                      words=lazy("is more than %(operand)s days ago"))
IS_ME = Operator("is_me", lazy("is me"), faces.is_me_sql, faces.is_me, takes="none")
IS_NOT_ME = Operator("is_not_me", lazy("is not me"), faces.is_not_me_sql,
                     lambda value, x, moment: not faces.is_me(value, x, moment), takes="none")
IS_TRUE = Operator("is_true", lazy("is ticked"), lambda column, _x, _m: column.is_(True),
                   lambda value, _x, _m: value is True, takes="none")
IS_FALSE = Operator("is_false", lazy("is not ticked"), lambda column, _x, _m: column.is_not(True),
                    lambda value, _x, _m: value is not True, takes="none")
INCLUDES_ANY = Operator("includes_any", lazy("includes any of"), faces.includes_any_sql, faces.includes_any, takes="many")
INCLUDES_ALL = Operator("includes_all", lazy("includes all of"), faces.includes_all_sql, faces.includes_all, takes="many")
INCLUDES_NONE = Operator("includes_none", lazy("includes none of"), faces.includes_none_sql,
                         lambda value, x, moment: not faces.includes_any(value, x, moment), takes="many")

OPERATORS: dict[str, Operator] = {found.name: found for found in list(globals().values()) if isinstance(found, Operator)}
"""Every operator by name."""

ABOUT: dict[str, tuple[Operator, ...]] = {
    "text": (IS, IS_NOT, ONE_OF, NONE_OF, CONTAINS, DOES_NOT_CONTAIN, STARTS_WITH, ENDS_WITH, EMPTY, NOT_EMPTY),
    "number": (IS, IS_NOT, ONE_OF, NONE_OF, ABOVE, AT_LEAST, BELOW, AT_MOST, BETWEEN, EMPTY, NOT_EMPTY),
    "boolean": (IS_TRUE, IS_FALSE, IS, EMPTY, NOT_EMPTY),
    "date": (IS, IS_NOT, BEFORE, AFTER, ON_OR_BEFORE, ON_OR_AFTER, BETWEEN, TODAY, YESTERDAY, TOMORROW,
             THIS_WEEK, LAST_WEEK, NEXT_WEEK, THIS_MONTH, LAST_MONTH, NEXT_MONTH,
             THIS_QUARTER, LAST_QUARTER, NEXT_QUARTER, THIS_YEAR, LAST_YEAR, NEXT_YEAR,
             LAST_DAYS, NEXT_DAYS, OLDER_THAN, EMPTY, NOT_EMPTY),
    "list": (INCLUDES_ANY, INCLUDES_ALL, INCLUDES_NONE, EMPTY, NOT_EMPTY),
}
ABOUT["datetime"] = ABOUT["date"]
"""What may be asked of a value, by its type in the expression language; for parts of a field and for formulas."""

