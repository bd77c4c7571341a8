"""Logic functions: they evaluate only the branch they take."""
from collections.abc import Sequence
from typing import Any

from metadata.expression.functions.function import ANY, RESULT, Closure, Function
from metadata.expression.types import Type

BOOLEAN = Type.BOOLEAN


def _if(arguments: Sequence[Closure]) -> Closure:
    condition, then, *rest = arguments
    if not rest:
        return lambda row, moment: then(row, moment) if condition(row, moment) else None
    otherwise = rest[0]
    return lambda row, moment: then(row, moment) if condition(row, moment) else otherwise(row, moment)


def _if_sql(condition: str, then: str, otherwise: str = "NULL") -> str:
    return f"(CASE WHEN {condition} THEN {then} ELSE {otherwise} END)"


def _case(arguments: Sequence[Closure]) -> Closure:
    subject, *rest = arguments
    otherwise = rest.pop() if len(rest) % 2 else None
    pairs = tuple(zip(rest[::2], rest[1::2], strict=True))

    def case(row: Any, moment: Any) -> Any:
        value = subject(row, moment)
        if value is not None:
            for when, then in pairs:
                if when(row, moment) == value:
                    return then(row, moment)
        return None if otherwise is None else otherwise(row, moment)
    return case


def _case_sql(subject: str, *rest: str) -> str:
    pairs = list(rest)
    otherwise = pairs.pop() if len(pairs) % 2 else "NULL"
    branches = " ".join(f"WHEN {when} THEN {then}" for when, then in zip(pairs[::2], pairs[1::2], strict=True))
    return f"(CASE {subject} {branches} ELSE {otherwise} END)"


def _coalesce(arguments: Sequence[Closure]) -> Closure:
    def coalesce(row: Any, moment: Any) -> Any:
        for argument in arguments:
            value = argument(row, moment)
            if value is not None:
                return value
        return None
    return coalesce


def _is_blank(arguments: Sequence[Closure]) -> Closure:
    subject, = arguments
    return lambda row, moment: subject(row, moment) is None


def _me(moment: Any) -> Any:
    return moment.user_id


LISTED = frozenset({*ANY.among, Type.LIST})

FUNCTIONS = (
    Function("IF(condition, then, otherwise)", (BOOLEAN, RESULT, RESULT), RESULT,
             "The second value where the condition is true, else the third (or NULL); an unknown condition is not true.",
             ('IF(2 > 1, "yes", "no")', "yes"), _if, _if_sql, optional=1, lazy=True),
    Function("CASE(value, when, then, …, otherwise)", (ANY, ANY, RESULT, RESULT), RESULT,
             "The value behind the first `when` that equals the value, else the last one (or NULL).",
             ('CASE("b", "a", 1, "b", 2, 0)', "2"), _case, _case_sql, optional=1, repeats=2, lazy=True),
    Function("COALESCE(value, …)", (RESULT,), RESULT, "The first value that is not blank.",
             ('COALESCE(NULL, "x")', "x"), _coalesce, lambda *values: f"coalesce({', '.join(values)})", repeats=1, lazy=True),
    Function("ISBLANK(value)", (LISTED,), BOOLEAN, "Whether there is no value. Never unknown.",
             ('ISBLANK("")', "TRUE"), _is_blank, lambda value: f"({value} IS NULL)", lazy=True),
    Function("NULLIF(value, other)", (ANY, ANY), ANY, "NULL where both are equal, else the first.",
             ("NULLIF(5, 5)", ""), lambda value, other: None if value == other else value,
             lambda value, other: f"nullif({value}, {other})", strict=False),
    Function("ME()", (), Type.NUMBER, "The number of the user who asks; NULL where nobody does.", ("ISBLANK(ME())", "FALSE"),
             _me, lambda moment: moment.user_id, moment=True),
)
