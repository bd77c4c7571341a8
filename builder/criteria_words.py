"""Conditions in plain words: what a tree says, what is wrong with it, and how much of a text words can say."""
from collections.abc import Mapping
from typing import Any

from metadata import criteria_text, expression, paths
from metadata.expression import ExpressionError
from metadata.expression.tree import Compare
from metadata.model.module import Module
from runtime.errors import RuntimeProblem
from runtime.kinds.operator import (
    ABOVE,
    AFTER,
    AT_LEAST,
    AT_MOST,
    BEFORE,
    BELOW,
    IS,
    IS_NOT,
    ON_OR_AFTER,
    ON_OR_BEFORE,
    OPERATORS,
)
from runtime.locale.text import _
from runtime.records import sentences
from runtime.records.facts import ValueScope
from runtime.records.pages.base import Visit
from runtime.tables import criteria
from runtime.tables.published import Published


def said(at: Visit, tree: Any, inside: bool = False) -> str:
    """In words; what is written as an expression too, as far as words go."""
    if not isinstance(tree, Mapping):
        return ""
    for word, joiner in (("all", _(" and ")), ("any", _(" or "))):
        if word in tree:
            whole = joiner.join(said(at, term, len(tree[word]) > 1) for term in tree[word])
            return f"({whole})" if inside and len(tree[word]) > 1 else whole
    if "not" in tree:
        return _("not (%(condition)s)", condition=said(at, tree["not"]))
    if "expression" in tree:
        found = picked(at.now, at.module, str(tree["expression"]))
        return _written(at, found["expression"]) if "expression" in found else said(at, found, inside)
    operator = OPERATORS.get(str(tree.get("operator")))
    if operator is not None and operator.takes != "none" and tree.get("operand") is None:
        tree = {**tree, "operand": "…"}
    try:
        return sentences.in_words(at, tree)
    except (RuntimeProblem, KeyError):
        return f"{tree.get('field', '')} {tree.get('operator', '')} {tree.get('operand', '')}".strip()


def _written(at: Visit, text: str) -> str:
    """An expression with the labels of its fields; a single comparison wholly in words."""
    try:
        node = expression.parse(text)
        if isinstance(node, Compare) and node.op in _COMPARED:
            left, right = (_labelled(at, expression.write(side)) for side in (node.left, node.right))
            dated = expression.check(node.left, paths.Scope(
                at.now.definitions, at.now.catalogue, at.module)) in ("date", "datetime")
            return f"{left} {_COMPARED[node.op][dated].label} {right}"
        return _labelled(at, text)
    except ExpressionError:
        return text


def _labelled(at: Visit, text: str) -> str:
    def label(path: str) -> str:
        known = paths.find(at.now.definitions, at.now.catalogue, at.module, path) is not None
        return at.field(path).label if known and path != "id" else path
    return expression.renamed(text, label)


_COMPARED = {"==": (IS, IS), "!=": (IS_NOT, IS_NOT), "<": (BELOW, BEFORE), "<=": (AT_MOST, ON_OR_BEFORE), ">": (ABOVE, AFTER),
             ">=": (AT_LEAST, ON_OR_AFTER)}
"""{sign: what it is called of figures, of days}."""


def picked(now: Published, module: Module, text: str) -> dict[str, Any]:
    """A text as far as it can be picked in words."""
    scope = ValueScope(now, module)
    return criteria_text.from_text(text, paths.Scope(now.definitions, now.catalogue, module),
                                   lambda row: not wrong(scope, row))


def wrong(scope: ValueScope, tree: Any) -> list[str]:
    """Sentences; none where it can be asked."""
    try:
        criteria.as_python(tree, scope)
    except RuntimeProblem as problem:
        found = getattr(problem, "errors", None)
        return [sentence for each in found.values() for sentence in each] if found else [problem.message]
    return []
