"""What can be told from an expression without knowing the module: the paths it names, whether time changes it."""
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from metadata.expression.functions import FUNCTIONS
from metadata.expression.parser import parse
from metadata.expression.tree import Call, Compare, In, Literal, Node, Path, walk
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


def exchanged(text: str, exchange: Callable[[str, Any], Any]) -> str:
    """The text with every value that is compared with a path as `exchange(path, value)` wants it."""
    node = parse(text)
    made = _exchanged(node, exchange)
    return text if made == node else write(made)


def _exchanged(node: Any, exchange: Callable[[str, Any], Any]) -> Any:
    if isinstance(node, tuple):
        return tuple(_exchanged(part, exchange) for part in node)
    if not hasattr(node, "children"):
        return node
    node = replace(node, **{part.name: _exchanged(getattr(node, part.name), exchange) for part in fields(node)})
    match node:
        case Compare(_, Path(parts), Literal()):
            return replace(node, right=_other(node.right, parts, exchange))
        case Compare(_, Literal(), Path(parts)):
            return replace(node, left=_other(node.left, parts, exchange))
        case In(Literal(), Path(parts)):
            return replace(node, item=_other(node.item, parts, exchange))
        case In(Path(parts), tuple()):
            return replace(node, options=tuple(dict.fromkeys(_other(each, parts, exchange) for each in node.options)))
    return node


def _other(node: Any, parts: tuple[str, ...], exchange: Callable[[str, Any], Any]) -> Any:
    return replace(node, value=exchange(".".join(parts), node.value)) if isinstance(node, Literal) else node
