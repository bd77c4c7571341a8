"""write(): a tree as text again; parse(write(tree)) is the same tree."""
from decimal import Decimal

from metadata.expression.tree import And, Call, Compare, In, Join, Literal, Negative, Node, Not, Or, Path, Product, Sum

_OR, _AND, _NOT, _COMPARE, _JOIN, _SUM, _PRODUCT, _SIGNED, _ATOM = range(9)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


def write(node: Node) -> str:
    return _written(node)[0]


def _inside(node: Node, level: int) -> str:
    text, own = _written(node)
    return text if own >= level else f"({text})"


def _written(node: Node) -> tuple[str, int]:
    """(text, how tightly it holds together)"""
    match node:
        case Literal():
            return _literal(node), _SIGNED if isinstance(node.value, Decimal) and node.value < 0 else _ATOM
        case Path():
            return ".".join(node.parts), _ATOM
        case Call():
            return f"{node.name}({', '.join(map(write, node.args))})", _ATOM
        case Negative():
            return f"-{_inside(node.operand, _SIGNED)}", _SIGNED
        case Product():
            return f"{_inside(node.left, _PRODUCT)} {node.op} {_inside(node.right, _SIGNED)}", _PRODUCT
        case Sum():
            rest = "".join(f" {sign} {_inside(term, _PRODUCT)}" for sign, term in node.rest)
            return _inside(node.first, _PRODUCT) + rest, _SUM
        case Join():
            return " & ".join(_inside(term, _SUM) for term in node.terms), _JOIN
        case Compare():
            return f"{_inside(node.left, _JOIN)} {node.op} {_inside(node.right, _JOIN)}", _COMPARE
        case In():
            return f"{_inside(node.item, _JOIN)} in {_options(node)}", _COMPARE
        case Not(In() as absent):
            return f"{_inside(absent.item, _JOIN)} not in {_options(absent)}", _COMPARE
        case Not():
            return f"not {_inside(node.operand, _NOT)}", _NOT
        case And():
            return " and ".join(_inside(term, _NOT) for term in node.terms), _AND
        case Or():
            return " or ".join(_inside(term, _AND) for term in node.terms), _OR


def _options(node: In) -> str:
    return write(node.options) if isinstance(node.options, Path) else f"[{', '.join(map(write, node.options))}]"


def _literal(node: Literal) -> str:
    match node.value:
        case None:
            return "NULL"
        case bool(value):
            return "TRUE" if value else "FALSE"
        case Decimal() as value:
            return format(value, "f")
        case str(value):
            return f'"{value.translate(_ESCAPES)}"'
        case value:
            return f'"{value.isoformat()}"'
