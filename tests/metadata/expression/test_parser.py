"""Reading: the syntax, the sentences of refusals, and that nothing hostile costs more than a moment."""
import time
from decimal import Decimal
from pathlib import Path as File
from random import Random

import pytest

from metadata.expression import ExpressionError, check, depends_on_time, names, parse, paths, renamed, write
from metadata.expression.tree import And, Call, Compare, In, Join, Literal, Not, Path, Sum


def problem(text):
    with pytest.raises(ExpressionError) as found:
        parse(text)
    return found.value


def test_what_binds_tighter_is_read_first():
    assert parse("1 + 2 * 3") == parse("1 + (2 * 3)")
    assert parse("a or b and not c == 1") == parse("a or (b and (not (c == 1)))")
    assert parse("a & b + 1 > 2") == parse("(a & (b + 1)) > 2")
    assert parse("10 - 3 - 2") == Sum(Literal(Decimal(10)), (("-", Literal(Decimal(3))), ("-", Literal(Decimal(2)))))
    assert parse("-2 * 3") == parse("(-2) * 3")


def test_words_may_be_written_in_any_case_and_signs_in_either_form():
    assert parse("A AND TRUE OR NULL") == parse("A and true or null")
    assert parse("a = 1") == parse("a == 1")
    assert parse("a <> 1") == parse("a != 1")
    assert parse("today()") == parse("TODAY()")


def test_a_path_goes_through_links():
    assert parse("account.owner.name") == Path(("account", "owner", "name"))
    assert names(parse("a + account.size * IF(b, c.d, 1)")) == {("a",), ("account", "size"), ("b",), ("c", "d")}


def test_numbers_are_exact_and_texts_know_escapes():
    assert parse("0.1") == Literal(Decimal("0.1"))
    assert parse("-5") == Literal(Decimal(-5))
    assert parse(r'"a\"b\\c\nd"') == Literal('a"b\\c\nd')
    assert parse("'it\\'s'") == Literal("it's")
    assert parse('a in ["x", "y"]') == In(Path(("a",)), (Literal("x"), Literal("y")))
    assert parse('"x" in tags') == In(Literal("x"), Path(("tags",)))
    assert parse("a not in [1]") == Not(In(Path(("a",)), (Literal(Decimal(1)),)))
    assert parse("a & b & 1") == Join((Path(("a",)), Path(("b",)), Literal(Decimal(1))))
    assert isinstance(parse("x == 1 and y"), And) and isinstance(parse("f(1)"), Call) and isinstance(parse("a<b"), Compare)


@pytest.mark.parametrize("text", [
    "a - (b - c)", "(a and b) and c", "not (a or b)", "-(a + 1)", 'x not in ["a"]', "a / (b * c) / d", "- -a", "2 - -5",
    '"say \\"hi\\" \\\\ \\n"', "IF(a, CASE(b, 1, 2), NULL) & 'x'", "a.b.c % 2 == 1", "(a in [1]) == b", "not a in tags",
])
def test_a_written_tree_reads_the_same(text):
    assert parse(write(parse(text))) == parse(text)


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "At character 1: The expression is empty."),
    ("amount >", "At character 9: The expression ends too early; something is missing here."),
    ("amount amount", "At character 8: 'amount' does not fit here; an operator, ')' or the end is expected."),
    ("(1 + )", "At character 6: ')' does not fit here; a field, a value or a function is expected."),
    ("a < b < c", "At character 7: '<' does not fit here; an operator, ')' or the end is expected."),
    ("a and\n  #", "Line 2, column 3: '#' has no meaning here."),
    ("'open", "At character 1: This text has no closing quote."),
    ("1" * 29, "At character 1: A number has at most 28 digits before the point and 10 behind it."),
    ("a.__class__", "At character 3: '_' has no meaning here."),
])
def test_a_refusal_names_the_place_and_the_cause(text, sentence):
    assert problem(text).message == sentence


def test_a_refusal_knows_its_position():
    found = problem("a and\n b c")

    assert (found.position, found.line, found.column) == (9, 2, 4)


HOSTILE = [line for line in (File(__file__).parent / "hostile.txt").read_text("utf-8").splitlines() if line and line[0] != "#"]
BOMBS = {
    "parentheses": "(" * 10_000, "closed parentheses": "(" * 10_000 + "1" + ")" * 10_000, "brackets": "a in " + "[" * 10_000,
    "nodes": "1+" * 1_000_000 + "1", "nodes within the length": "1+" * 19_000 + "1", "nots": "not " * 9_000 + "a",
    "minuses": "-" * 30_000 + "1", "calls": "IF(" * 10_000, "closed calls": "ABS(" * 5_000 + "1" + ")" * 5_000,
    "long literal": '"' + "x" * 5_000 + '"', "long number": "9" * 39_000, "long name": "a" * 39_000,
        "long path": "a." * 19_000 + "a",
    "escapes": '"' + "\\" * 39_000 + '"', "open text": '"' + "\\\"" * 19_000, "quotes": '"' * 39_999, "spaces": " " * 39_999,
    "new lines": "\n" * 39_000 + "!", "commas": "f(" + "," * 30_000, "dots": "a" + "." * 30_000, "signs": "<" * 30_000,
    "mixed": "((a+" * 9_000, "nul": "a\x00b", "surrogate": '"\ud800"', "nul in text": '"\x00"', "powers": "9**9**9**9",
    "and chain": " and ".join(["a"] * 5_000), "deep and": "a and (" * 5_000, "in chain": "a in [" * 5_000,
}


@pytest.mark.parametrize("text", HOSTILE)
def test_no_hostile_text_gets_further_than_a_sentence(text):
    begun = time.thread_time()
    try:
        check(parse(text), NoFields())
    except ExpressionError as found:
        assert found.message.startswith(("At character", "Line"))
    else:
        pytest.fail("It was taken for an expression.")
    assert time.thread_time() - begun < 0.05


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_no_bomb_takes_longer_than_fifty_milliseconds(text):
    taken = []
    for _ in range(3):
        begun = time.thread_time()
        found = problem(text)
        taken.append(time.thread_time() - begun)

    assert min(taken) < 0.05
    assert len(found.message) < 200


def test_the_limits_are_exact():
    parse(" + ".join(["1"] * 499))
    assert "more than 500 parts" in problem(" + ".join(["1"] * 501)).message
    parse("-(" * 31 + "a" + ")" * 31)
    assert "more than 32 deep" in problem("ABS(" * 32 + "a" + ")" * 32).message
    parse('"' + "x" * 4_000 + '"')


class NoFields:
    def type(self, path):
        return None


def test_renaming_keeps_the_rest_of_the_text():
    assert renamed("amount   >  10", lambda path: path) == "amount   >  10"
    assert renamed("account.size > amount", {"account.size": "company.size", "amount": "amount"}.get) == "company.size > amount"
    assert paths("a.b + c") == {"a.b", "c"}


def test_time_is_noticed():
    assert depends_on_time(parse("close < TODAY()"))
    assert depends_on_time(parse("DATEVALUE(made) == close"))
    assert depends_on_time(parse("owner == ME()"))
    assert not depends_on_time(parse("YEAR(close) > 2024"))


PIECES = ("a", "account.name", "IF(", "CASE(", "DATEADD(", "LEFT(", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "%", "&",
          "=", "!=", "<", ">", "and", "or", "not", "in", "TRUE", "NULL", "1", "0.5", "99999", '"x"', "'day'", '"', "'", "\\",
          "__class__", "é", "\n", "TODAY()", "{", "}", "@", "$", ";", "#", "0x1", "1e5", "\u202e", "😀")


def test_whatever_is_typed_it_is_a_tree_or_a_sentence():
    random = Random(7)
    read = 0
    for _ in range(15_000):
        text = random.choice(("", " ")).join(random.choice(PIECES) for _ in range(random.randint(1, 14)))
        try:
            node = parse(text)
            read += 1
            assert parse(write(node)) == node
            check(node, AnyField())
        except ExpressionError as found:
            assert found.message and 0 <= found.position <= len(text)
    assert read > 100


class AnyField:
    def type(self, path):
        return "number"
