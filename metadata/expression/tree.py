"""The tree of an expression: frozen nodes, each knowing where in the text it began (`at`, not compared)."""
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Value = str | Decimal | bool | date | datetime | None


def _at() -> int:
    return field(default=0, compare=False, repr=False)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return ()


@dataclass(frozen=True, slots=True)
class Path:
    """A field, or a field of a linked record: ("account", "owner", "name")."""
    parts: tuple[str, ...]
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return ()


@dataclass(frozen=True, slots=True)
class Call:
    """name: in capitals."""
    name: str
    args: "tuple[Node, ...]"
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return self.args


@dataclass(frozen=True, slots=True)
class Negative:
    operand: "Node"
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Sum:
    """first, then ("+" or "-", term) …; one level however many terms."""
    first: "Node"
    rest: "tuple[tuple[str, Node], ...]"
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return (self.first, *(term for _, term in self.rest))


@dataclass(frozen=True, slots=True)
class Product:
    """op: "*", "/" or "%"."""
    op: str
    left: "Node"
    right: "Node"
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Join:
    """Texts put together with &."""
    terms: "tuple[Node, ...]"
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return self.terms


@dataclass(frozen=True, slots=True)
class Compare:
    """op: "==", "!=", "<", "<=", ">" or ">="."""
    op: str
    left: "Node"
    right: "Node"
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class In:
    """options: the values in brackets, or one Path that holds a list."""
    item: "Node"
    options: "tuple[Node, ...] | Path"
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        options = (self.options,) if isinstance(self.options, Path) else self.options
        return (self.item, *options)


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Node"
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class And:
    terms: "tuple[Node, ...]"
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return self.terms


@dataclass(frozen=True, slots=True)
class Or:
    terms: "tuple[Node, ...]"
    at: int = _at()

    def children(self) -> "tuple[Node, ...]":
        return self.terms


Node = Literal | Path | Call | Negative | Sum | Product | Join | Compare | In | Not | And | Or


def walk(node: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth (the root has 1), without recursion."""
    waiting = [(node, 1)]
    while waiting:
        found, depth = waiting.pop()
        yield found, depth
        waiting.extend((child, depth + 1) for child in found.children())
