"""docs/expressions.md, written from the function table: `python -m metadata.expression.reference`."""
# ruff: noqa: E501 - the rows of a Markdown table cannot be broken
from pathlib import Path

from metadata.expression.functions import GROUPS, Function, Like, OneOf
from metadata.expression.functions.function import Parameter
from metadata.expression.parser import DEEPEST, LONGEST_LITERAL, MOST_DECIMALS, MOST_DIGITS, MOST_NODES
from metadata.expression.types import Type

PLACE = Path(__file__).resolve().parents[2] / "docs" / "expressions.md"

_HEAD = f"""# The expression language

One language for formulas, validation rules, conditions of workflows and sharing: text that is read into a typed tree
(`metadata/expression/`) and carried out as SQL or as Python (`runtime/tables/expressions.py`), with the same result.
This page is written by `python -m metadata.expression.reference`; a test fails when it is out of date.

    amount * probability / 100
    IF(ISBLANK(close_date), "no date", TEXT(YEAR(close_date)) & "/Q" & QUARTER(close_date))
    amount > 1000 and stage in ["Proposal", "Negotiation"] and account.industry != "Retail"

## How it is written

| | |
|---|---|
| Fields | `amount`, through links `account.owner.name` |
| Values | `12.5`, `"text"` or `'text'` (with `\\"`, `\\\\`, `\\n`, `\\t`), `TRUE`, `FALSE`, `NULL`; where a date is expected `"2024-05-31"` |
| Numbers | `+` `-` `*` `/` `%` (what a division leaves over) |
| Texts | `&` joins texts, numbers, dates |
| Dates | date `+` days, date `-` days, date `-` date (days); dates with time: `DATEADD`, `DATEDIFF` |
| Comparing | `=` `==` `!=` `<>` `<` `<=` `>` `>=`, `in [1, 2]`, `not in [1, 2]`, `"a" in tags` |
| Joining | `not`, then `and`, then `or`; brackets where another order is meant |

Words and function names may be written in any case.

## What it means

- **Blank.** No value is `NULL`, and so is the empty text. A comparison with a blank is unknown; `not` unknown is unknown;
  `and` is false where one side is false, `or` is true where one side is true. A condition that is unknown does not hold.
  Ask for a blank with `ISBLANK(field)`; `field = NULL` is refused, since it could never be true.
- **Numbers are exact.** Sums, differences and products keep every digit. Quotients and roots are rounded to {MOST_DECIMALS} places, half
  away from zero. A division by zero is blank.
- **Texts** are compared letter by letter, in the order of Unicode's code points; small and capital letters differ.
- **Dates** are those of the time zone of whoever asks; dates with time are kept in UTC. What leaves the years 1 to 9999 is blank.
- **Types.** Text, number, true or false, date, date with time, list of texts. Nothing is converted silently except by `&`.
- **Limits.** {MOST_NODES} parts, nested {DEEPEST} deep, texts in quotes of {LONGEST_LITERAL:,} characters, numbers of {MOST_DIGITS} digits before and
  {MOST_DECIMALS} behind the point. There are no loops and nothing can be called but the functions below.
- Functions marked ◷ depend on the moment or on who asks: a formula that uses one is computed whenever it is read.

## Functions
"""


def markdown() -> str:
    tables = [f"\n### {title}\n\n| Function | Takes | Gives | What it does | Example |\n|---|---|---|---|---|\n"
              + "".join(map(_row, functions)) for title, functions in GROUPS]
    return _HEAD + "".join(tables)


def _row(function: Function) -> str:
    takes = ", ".join(map(_words, function.takes)) or "–"
    gives = "the same" if isinstance(function.gives, Like) else function.gives.value
    text, value = function.example
    shown = f"`{text}`" + (f" → `{value}`" if value else " → NULL")
    moment = " ◷" if function.moment else ""
    return f"| `{function.signature}`{moment} | {takes} | {gives} | {function.doc} | {shown} |\n".replace("||", "| |")


def _words(parameter: Parameter) -> str:
    if isinstance(parameter, OneOf):
        return "unit"
    if isinstance(parameter, Type):
        return parameter.value
    among = parameter.among if isinstance(parameter, Like) else parameter
    return "any" if len(among) >= 5 else " or ".join(sorted(among))


if __name__ == "__main__":
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(markdown(), "utf-8")
