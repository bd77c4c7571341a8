"""Sentences of metadata: said in the words of whoever asks, and every one of them gathered for translation."""
import ast
from pathlib import Path

import metadata
from metadata import criteria, names, words
from metadata.errors import StaleBase
from metadata.expression import ExpressionError, check, parse
from runtime.locale import text

SAID = {"Problem": 1, "_refused": 1, "ExpressionError": 0, "CriteriaError": 0, "BadText": 0, "NoSuchVersion": 0}
"""{what carries a sentence: which of its arguments that is}."""


def test_a_problem_is_said_in_the_readers_words():
    with text.speaking("vi"):
        assert names.problem("select") == "Tên 'select' là từ dành riêng của SQL. Chọn tên khác, ví dụ 'select_value'."
        assert str(StaleBase(3, 5)).startswith("Phiên bản 5 đã được công bố")

    with text.speaking("en"):
        assert names.problem("select") == "The name 'select' is a reserved word of SQL. Choose another, for example 'select_value'."


def test_a_formula_is_refused_in_the_readers_words_place_and_hint_included():
    def refused(formula):
        try:
            check(parse(formula), type("Scope", (), {"type": staticmethod(lambda path: "text")}))
        except ExpressionError as problem:
            return problem.message
        return ""

    with text.speaking("vi"):
        said = refused("amount * 2")

    assert said == "Tại ký tự 1: '*' cần số, không phải văn bản. VALUE(…) đọc số từ văn bản."
    with text.speaking("en"):
        assert refused("amount * 2") == "At character 1: '*' needs a number, not a text. VALUE(…) reads a number from a text."


def test_every_text_that_carries_a_sentence_is_said_and_so_gathered():
    """A bare text or f-string there would be English for everybody."""
    bare = []
    for file in Path(metadata.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if name in SAID and len(node.args) > SAID[name]:
                said = node.args[SAID[name]]
                if isinstance(said, (ast.JoinedStr, ast.BinOp)) or (isinstance(said, ast.Constant) and said.value):
                    bare.append(f"{file.name}:{node.lineno}")

    assert bare == []


def test_without_a_language_metadata_speaks_english_by_itself():
    spoken = words._speak, words._language
    try:
        words.spoken_by(str)
        with text.speaking("vi"):
            said = str(criteria.CriteriaError(words.say("'%(value)s' is no number.", value="x"), "all.1"))
        assert said == "'x' is no number. (at all.1)"
    finally:
        words.spoken_by(*spoken)
