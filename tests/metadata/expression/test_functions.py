"""The function table: every example is true, every SQL face keeps the rules, the page about it is up to date."""
import re

import pytest

from metadata.expression import check, parse, write
from metadata.expression.functions import FUNCTIONS, OneOf
from metadata.expression.functions.function import Like, Term
from metadata.expression.reference import PLACE, markdown
from metadata.expression.types import Type

every = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)


class NoFields:
    def type(self, path):
        return None


class Marks:
    now, today, zone, user_id = "«now»", "«today»", "«zone»", "«user»"


def test_there_are_enough_functions():
    assert len(FUNCTIONS) >= 40
    assert {"IF", "CASE", "COALESCE", "ISBLANK", "TODAY", "NOW", "LOWER", "ROUND", "DATEADD", "ROUNDMONEY"} <= set(FUNCTIONS)


@every
def test_every_function_is_documented_with_an_example_that_calls_it(function):
    assert function.doc.endswith(".")
    node = parse(function.example[0])
    assert function.name + "(" in function.example[0]
    check(node, NoFields())
    assert parse(write(node)) == node


@every
def test_the_sql_of_a_function_holds_each_argument_once(function):
    """Else nesting would multiply the statement: thirty levels would make a billion copies."""
    counts = [count for count in range(9) if function.parameters(count) is not None]
    for count in counts:
        arguments = [parameter.words[0] if isinstance(parameter, OneOf) else Term(f"«{place}»", kind(parameter))
                     for place, parameter in enumerate(function.parameters(count))]
        text = function.sql(*([Marks()] if function.moment else []), *arguments)
        found = re.findall(r"«(\d+)»", text)
        wanted = [str(place) for place, argument in enumerate(arguments) if isinstance(argument, Term)]
        assert sorted(found) == sorted(wanted), text
        assert "%" not in text


def kind(parameter):
    if isinstance(parameter, Type):
        return parameter
    return min(parameter.among if isinstance(parameter, Like) else parameter)


def test_the_page_about_the_language_is_up_to_date():
    assert PLACE.read_text("utf-8") == markdown(), "Run: python -m metadata.expression.reference"
