"""What can be told from an expression without knowing the module: the paths it names, whether time changes it."""
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from metadata.expression.functions import FUNCTIONS
from metadata.expression.parser import parse
from metadata.expression.tree import Call, Node, Path, walk
from metadata.expression.writer import write


def names(node: Node) -> frozenset[tuple[str, ...]]:
    """Every path it reads: {("amount",), ("account", "industry")}."""
    return frozenset(found.parts for found, _ in walk(node) if isinstance(found, Path))


def depends_on_time(node: Node) -> bool:
    """Whether the same values may give another result at another moment, in another zone or for another person.

    Such a formula is computed whenever it is read, never stored.
    """
    return any(isinstance(found, Call) and found.name in FUNCTIONS and FUNCTIONS[found.name].moment
               for found, _ in walk(node))


def paths(text: str) -> frozenset[str]:
    """Every path a text names, dotted. Raises ExpressionError."""
    return frozenset(".".join(parts) for parts in names(parse(text)))


def renamed(text: str, rename: Callable[[str], str]) -> str:
    """The text with every path renamed; unchanged, as the author wrote it, where no name changes."""
    node = parse(text)
    if all(rename(".".join(parts)) == ".".join(parts) for parts in names(node)):
        return text
    return write(_renamed(node, rename))


def _renamed(node: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(node, Path):
        return replace(node, parts=tuple(rename(".".join(node.parts)).split(".")))
    if isinstance(node, tuple):
        return tuple(_renamed(part, rename) for part in node)
    if not hasattr(node, "children"):
        return node
    return replace(node, **{part.name: _renamed(getattr(node, part.name), rename) for part in fields(node)})
