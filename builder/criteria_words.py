"""Conditions in plain words: what a tree says, what is wrong with it, and how much of a text words can say."""
from collections.abc import Mapping
from typing import Any

from metadata import criteria_text, paths
from metadata.model.module import Module
from runtime.errors import RuntimeProblem
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
        return str(tree["expression"]) if "expression" in found else said(at, found, inside)
    try:
        return sentences.in_words(at, tree)
    except (RuntimeProblem, KeyError):
        return f"{tree.get('field', '')} {tree.get('operator', '')} {tree.get('operand', '')}".strip()


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
