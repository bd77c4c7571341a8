"""check(): whether an expression fits together, and what type it has."""
from collections.abc import Mapping
from datetime import UTC, date, datetime

from metadata.expression.errors import ExpressionError
from metadata.expression.functions import FUNCTIONS, Function, Like, OneOf
from metadata.expression.tree import And, Call, Compare, In, Join, Literal, Negative, Node, Not, Or, Path, Product, Sum
from metadata.expression.types import Scope, Type, type_of

SHOWABLE = frozenset({Type.TEXT, Type.NUMBER, Type.BOOLEAN, Type.DATE})
_SUM_WORDS = {"+": "Adding", "-": "Subtracting"}


def check(node: Node, scope: Scope) -> Type:
    """The expression's type. Raises ExpressionError naming what does not fit."""
    return types(node, scope)[id(node)]


def types(node: Node, scope: Scope) -> Mapping[int, Type]:
    """{id of a node: its type}, for every node of the tree."""
    checker = _Checker(scope)
    checker.type(node)
    return checker.found


def written_date(node: Node, wanted: Type) -> date | datetime | None:
    """The date a text literal spells where a date is wanted ("2024-05-31"), so that nobody must write DATE(…)."""
    if not isinstance(node, Literal) or not isinstance(node.value, str):
        return None
    try:
        if wanted is Type.DATE:
            return date.fromisoformat(node.value)
        if wanted is Type.DATETIME:
            when = datetime.fromisoformat(node.value)
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None


class _Checker:
    def __init__(self, scope: Scope):
        self._scope = scope
        self.found: dict[int, Type] = {}

    def type(self, node: Node) -> Type:
        known = self.found.get(id(node))
        if known is None:
            known = self.found[id(node)] = self._type(node)
        return known

    def _type(self, node: Node) -> Type:
        match node:
            case Literal():
                return type_of(node.value)
            case Path():
                return self._path(node)
            case Call():
                return self._call(node)
            case Negative():
                self._expect(node.operand, Type.NUMBER, "A minus sign")
                return Type.NUMBER
            case Sum():
                return self._sum(node)
            case Product():
                for side in (node.left, node.right):
                    self._expect(side, Type.NUMBER, f"'{node.op}'")
                return Type.NUMBER
            case Join():
                for term in node.terms:
                    if self.type(term) not in {*SHOWABLE, Type.NULL}:
                        raise ExpressionError(f"'&' joins texts, numbers and dates, not {self.found[id(term)].words}."
                                              f"{_hint(self.found[id(term)], Type.DATE)}", term.at)
                return Type.TEXT
            case Compare():
                self._pair(node.left, node.right, node.op, node.at)
                return Type.BOOLEAN
            case In():
                return self._in(node)
            case Not():
                self._expect(node.operand, Type.BOOLEAN, "'not'")
                return Type.BOOLEAN
            case And() | Or():
                for term in node.terms:
                    self._expect(term, Type.BOOLEAN, "'and'" if isinstance(node, And) else "'or'")
                return Type.BOOLEAN

    def _path(self, node: Path) -> Type:
        found = self._scope.type(node.parts)
        if found is None:
            raise ExpressionError(f"There is no field '{'.'.join(node.parts)}' here that you can use.", node.at)
        return Type(found)

    def _expect(self, node: Node, wanted: Type, who: str) -> None:
        found = self.type(node)
        if found is not wanted and found is not Type.NULL:
            raise ExpressionError(f"{who} needs {wanted.words}, not {found.words}.{_hint(found, wanted)}", node.at)

    def _sum(self, node: Sum) -> Type:
        found = self.type(node.first)
        for sign, term in node.rest:
            added = self.type(term)
            found = self._added(found, sign, added, term)
        return found

    def _added(self, left: Type, sign: str, right: Type, term: Node) -> Type:
        if left in (Type.NUMBER, Type.NULL) and right in (Type.NUMBER, Type.NULL):
            return Type.NUMBER
        if left is Type.DATE and right in (Type.NUMBER, Type.NULL):
            return Type.DATE
        if left is Type.DATE and right is Type.DATE and sign == "-":
            return Type.NUMBER
        advice = ""
        if Type.TEXT in (left, right):
            advice = " Join texts with &."
        elif Type.DATETIME in (left, right):
            advice = " Use DATEADD or DATEDIFF for dates with time."
        raise ExpressionError(f"{_SUM_WORDS[sign]} {right.words} and {left.words} has no meaning.{advice}", term.at)

    def _pair(self, left: Node, right: Node, op: str, at: int) -> Type:
        one, other = self.type(left), self.type(right)
        for blank, subject in ((left, right), (right, left)):
            if isinstance(blank, Literal) and self.found[id(blank)] is Type.NULL:
                shown = f"ISBLANK({'.'.join(subject.parts)})" if isinstance(subject, Path) else "ISBLANK(…)"
                raise ExpressionError(f"Nothing is ever equal to NULL or \"\"; ask with {shown}.", at)
        if one is not other and other is Type.TEXT and written_date(right, one) is not None:
            self.found[id(right)] = other = one
        if one is not other and one is Type.TEXT and written_date(left, other) is not None:
            self.found[id(left)] = one = other
        if Type.NULL in (one, other):
            return other if one is Type.NULL else one
        if one is not other:
            raise ExpressionError(f"{one.words[0].upper()}{one.words[1:]} cannot be compared with {other.words}."
                                  f"{_hint(one, other) or _hint(other, one)}", at)
        if one is Type.LIST:
            raise ExpressionError("A list cannot be compared; ask with `in`.", at)
        if one is Type.BOOLEAN and op not in ("==", "!="):
            raise ExpressionError(f"True and false have no order; '{op}' cannot compare them.", at)
        return one

    def _in(self, node: In) -> Type:
        if isinstance(node.options, Path):
            if self.type(node.options) is not Type.LIST:
                raise ExpressionError(f"'in' needs a list: in [\"a\", \"b\"] or a field of several values, "
                                      f"not {self.found[id(node.options)].words}.", node.options.at)
            self._expect(node.item, Type.TEXT, "'in' with a list of texts")
            return Type.BOOLEAN
        for option in node.options:
            self._pair(node.item, option, "==", option.at)
        return Type.BOOLEAN

    def _call(self, node: Call) -> Type:
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise ExpressionError(f"There is no function {node.name[:40]}.{_near(node.name)}", node.at)
        parameters = function.parameters(len(node.args))
        if parameters is None:
            raise ExpressionError(f"{function.signature} was given {len(node.args)} values.", node.at)
        same: dict[str, Type] = {}
        for place, (parameter, argument) in enumerate(zip(parameters, node.args, strict=True), start=1):
            self._argument(function, place, parameter, argument, same)
        if isinstance(function.gives, Like):
            return same.get(function.gives.name, Type.NULL)
        return function.gives

    def _argument(self, function: Function, place: int, parameter: object, argument: Node, same: dict[str, Type]) -> None:
        if isinstance(parameter, OneOf):
            if not isinstance(argument, Literal) or argument.value not in parameter.words:
                raise ExpressionError(f"Value {place} of {function.signature} is one of "
                                      f"{', '.join(map(repr, parameter.words))}, written in quotes.", argument.at)
            self.type(argument)
            return
        found = self.type(argument)
        if found is Type.NULL:
            return
        if isinstance(parameter, Like):
            wanted = frozenset({same[parameter.name]}) if parameter.name in same else parameter.among
        else:
            wanted = parameter if isinstance(parameter, frozenset) else frozenset({parameter})  # type: ignore[arg-type]
        if found not in wanted and len(wanted) == 1 and written_date(argument, *wanted) is not None:
            found, = wanted
            self.found[id(argument)] = found
        if found not in wanted:
            words = " or ".join(kind.words for kind in sorted(wanted))
            raise ExpressionError(f"Value {place} of {function.signature} is {words}, not {found.words}."
                                  f"{_hint(found, *wanted)}", argument.at)
        if isinstance(parameter, Like):
            same[parameter.name] = found


def _hint(found: Type, *wanted: Type) -> str:
    if found is Type.DATETIME and Type.DATE in wanted:
        return " DATEVALUE(…) gives its day."
    if found is Type.TEXT and Type.NUMBER in wanted:
        return " VALUE(…) reads a number from a text."
    return ""


def _near(name: str) -> str:
    near = [known for known in sorted(FUNCTIONS) if known[:3] == name[:3]]
    return f" Did you mean {' or '.join(near[:3])}?" if near else ""
