"""An expression's Python face: one small closure per node, chosen while compiling, so that nothing is decided per record."""
from collections.abc import Callable, Mapping, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from metadata.expression.check import written_date
from metadata.expression.functions import FUNCTIONS, Closure, Function, OneOf
from metadata.expression.functions.dates import add_days, days_between
from metadata.expression.functions.exact import EXACT, quotient, remainder
from metadata.expression.functions.texts import joined
from metadata.expression.tree import And, Call, Compare, In, Join, Literal, Negative, Node, Not, Or, Path, Product, Sum
from metadata.expression.types import Type

Types = Mapping[int, Type]


def closure(node: Node, types: Types) -> Closure:
    """types: as metadata.expression.check.types gives them."""
    def build(part: Node) -> Closure:
        return closure(part, types)

    match node:
        case Literal():
            return _constant(_value(node, types))
        case Path():
            return _reading(".".join(node.parts))
        case Call():
            return _call(node, types)
        case Negative():
            return _one(build(node.operand), EXACT.minus)
        case Sum():
            return _sum(node, types)
        case Product():
            meaning = {"*": EXACT.multiply, "/": quotient, "%": remainder}[node.op]
            return _two(build(node.left), build(node.right), meaning)
        case Join():
            terms = tuple(map(build, node.terms))
            return lambda row, moment: joined(*[term(row, moment) for term in terms])
        case Compare():
            return _compare(node, types)
        case In():
            return _in(node, types)
        case Not():
            operand = build(node.operand)

            def negated(row: Any, moment: Any) -> Any:
                value = operand(row, moment)
                return None if value is None else not value
            return negated
        case And():
            return _all(tuple(map(build, node.terms)))
        case Or():
            return _any(tuple(map(build, node.terms)))


def _value(node: Literal, types: Types) -> Any:
    kind = types[id(node)]
    if isinstance(node.value, str) and kind is not Type.TEXT:
        return written_date(node, kind)
    return node.value


def _constant(value: Any) -> Closure:
    return lambda row, moment: value


def _reading(key: str) -> Closure:
    return lambda row, moment: row.get(key)


def _one(operand: Closure, meaning: Callable[[Any], Any]) -> Closure:
    def applied(row: Any, moment: Any) -> Any:
        value = operand(row, moment)
        return None if value is None else meaning(value)
    return applied


def _two(left: Closure, right: Closure, meaning: Callable[[Any, Any], Any]) -> Closure:
    def applied(row: Any, moment: Any) -> Any:
        one = left(row, moment)
        if one is None:
            return None
        other = right(row, moment)
        return None if other is None else meaning(one, other)
    return applied


def _many(operands: Sequence[Closure], meaning: Callable[..., Any]) -> Closure:
    def applied(row: Any, moment: Any) -> Any:
        values = []
        for operand in operands:
            value = operand(row, moment)
            if value is None:
                return None
            values.append(value)
        return meaning(*values)
    return applied


def _total(first: Closure, rest: Sequence[tuple[Callable[[Any, Any], Any], Closure]]) -> Closure:
    def total(row: Any, moment: Any) -> Any:
        found = first(row, moment)
        if found is None:
            return None
        for step, term in rest:
            value = term(row, moment)
            if value is None:
                return None
            found = step(found, value)
        return found
    return total


def _sum(node: Sum, types: Types) -> Closure:
    if len(node.rest) > 1 and types[id(node.first)] is not Type.DATE:
        steps = tuple((EXACT.add if sign == "+" else EXACT.subtract, closure(term, types)) for sign, term in node.rest)
        return _total(closure(node.first, types), steps)
    found, kind = closure(node.first, types), types[id(node.first)]
    for sign, term in node.rest:
        right, right_kind = closure(term, types), types[id(term)]
        if kind is Type.DATE and right_kind is Type.DATE:
            found, kind = _two(found, right, days_between), Type.NUMBER
        elif kind is Type.DATE:
            found = _two(found, right if sign == "+" else _one(right, EXACT.minus), add_days)
        else:
            found = _two(found, right, EXACT.add if sign == "+" else EXACT.subtract)
    return found


# Comparisons: a field against a constant is spelled out, being what nearly every condition consists of.

def _equal(key: str, other: Any) -> Closure:
    def equal(row: Any, moment: Any) -> Any:
        value = row.get(key)
        return None if value is None else value == other
    return equal


def _unequal(key: str, other: Any) -> Closure:
    def unequal(row: Any, moment: Any) -> Any:
        value = row.get(key)
        return None if value is None else value != other
    return unequal


def _less(key: str, other: Any) -> Closure:
    def less(row: Any, moment: Any) -> Any:
        value = row.get(key)
        return None if value is None else value < other
    return less


def _at_most(key: str, other: Any) -> Closure:
    def at_most(row: Any, moment: Any) -> Any:
        value = row.get(key)
        return None if value is None else value <= other
    return at_most


def _more(key: str, other: Any) -> Closure:
    def more(row: Any, moment: Any) -> Any:
        value = row.get(key)
        return None if value is None else value > other
    return more


def _at_least(key: str, other: Any) -> Closure:
    def at_least(row: Any, moment: Any) -> Any:
        value = row.get(key)
        return None if value is None else value >= other
    return at_least


_FIELD_AND_CONSTANT = {"==": _equal, "!=": _unequal, "<": _less, "<=": _at_most, ">": _more, ">=": _at_least}
_MEANING: dict[str, Callable[[Any, Any], Any]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def _compare(node: Compare, types: Types) -> Closure:
    if isinstance(node.left, Path) and isinstance(node.right, Literal):
        return _FIELD_AND_CONSTANT[node.op](".".join(node.left.parts), _value(node.right, types))
    return _two(closure(node.left, types), closure(node.right, types), _MEANING[node.op])


def _in(node: In, types: Types) -> Closure:
    item = closure(node.item, types)
    if isinstance(node.options, Path):
        return _two(item, closure(node.options, types), lambda value, held: value in held)
    if all(isinstance(option, Literal) for option in node.options):
        known = frozenset(_value(option, types) for option in node.options)  # type: ignore[arg-type]
        if isinstance(node.item, Path):
            key = ".".join(node.item.parts)

            def among(row: Any, moment: Any) -> Any:
                value = row.get(key)
                return None if value is None else value in known
            return among
        return _one(item, known.__contains__)
    options = tuple(closure(option, types) for option in node.options)

    def among_computed(row: Any, moment: Any) -> Any:
        value = item(row, moment)
        if value is None:
            return None
        unknown = False
        for option in options:
            other = option(row, moment)
            if other is None:
                unknown = True
            elif other == value:
                return True
        return None if unknown else False
    return among_computed


def _all(terms: tuple[Closure, ...]) -> Closure:
    """False where one is false, else unknown where one is unknown."""
    def every(row: Any, moment: Any) -> Any:
        unknown = False
        for term in terms:
            value = term(row, moment)
            if not value:
                if value is None:
                    unknown = True
                else:
                    return False
        return None if unknown else True
    return every


def _any(terms: tuple[Closure, ...]) -> Closure:
    """True where one is true, else unknown where one is unknown."""
    def some(row: Any, moment: Any) -> Any:
        unknown = False
        for term in terms:
            value = term(row, moment)
            if value:
                return True
            if value is None:
                unknown = True
        return None if unknown else False
    return some


# Calls

def _call(node: Call, types: Types) -> Closure:
    function = FUNCTIONS[node.name]
    parameters = function.parameters(len(node.args)) or ()
    arguments = [
        _constant(argument.value if isinstance(argument, Literal) else None) if isinstance(parameter, OneOf)
        else closure(argument, types)
        for parameter, argument in zip(parameters, node.args, strict=True)
    ]
    if function.lazy:
        return function.python(arguments)  # type: ignore[no-any-return]
    found = _applied(function, arguments)
    if function.gives is Type.TEXT:
        return lambda row, moment: found(row, moment) or None
    return found


def _applied(function: Function, arguments: list[Closure]) -> Closure:
    meaning = function.python
    if function.moment:
        if not arguments:
            return lambda row, moment: meaning(moment)
        argument, = arguments

        def at_moment(row: Any, moment: Any) -> Any:
            value = argument(row, moment)
            return None if value is None else meaning(moment, value)
        return at_moment
    if not function.strict:
        return lambda row, moment: meaning(*[argument(row, moment) for argument in arguments])
    if len(arguments) == 1:
        return _one(arguments[0], meaning)
    if len(arguments) == 2:
        return _two(arguments[0], arguments[1], meaning)
    return _many(arguments, meaning)


