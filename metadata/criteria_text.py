"""A condition picked in words as a text of the expression language, and back, wherever both say exactly the same.

The text must hold for the records the tree holds for, blanks included: "is not" holds for a blank, `!=` does not.
"""
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from metadata import criteria, expression
from metadata.criteria import All, Any_, Condition, Criteria, CriteriaError, Formula
from metadata.expression import ExpressionError, Scope
from metadata.expression.functions.letters import small
from metadata.expression.tree import And, Call, Compare, In, Literal, Node, Not, Or, Path, Sum
from metadata.words import say

_ORDER = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<=", "after": ">", "on_or_after": ">=", "before": "<",
          "on_or_before": "<="}
_LETTERS = {"contains": "CONTAINS", "starts_with": "STARTSWITH", "ends_with": "ENDSWITH"}
_SIGNS = {"number": {">": "above", ">=": "at_least", "<": "below", "<=": "at_most"},
          "date": {">": "after", ">=": "on_or_after", "<": "before", "<=": "on_or_before"}}


def to_text(tree: Any, scope: Scope) -> str:
    """Raises CriteriaError naming what only words can say."""
    return expression.write(_node(criteria.parse(tree), scope))


def from_text(text: str, scope: Scope, fits: Callable[[dict[str, Any]], bool] = lambda _row: True) -> dict[str, Any]:
    """The tree with as much of the text in rows as can be; {"expression": text} for what cannot.

    fits: whether a row may be asked of its field; one that may not stays a text.
    """
    try:
        node = expression.parse(text)
        expression.check(node, scope)
    except ExpressionError:
        return {"expression": text}
    return criteria.write(_tree(node, scope, fits))


# Tree to text

def _node(part: Criteria, scope: Scope) -> Node:
    match part:
        case All(terms):
            return _joined(And, [_node(term, scope) for term in terms], True)
        case Any_(terms):
            return _joined(Or, [_node(term, scope) for term in terms], False)
        case criteria.Not(term):
            return Not(_known(term, scope))
        case Formula(_text, node):
            return node
        case Condition():
            return _asked(part, scope)


def _joined(form: Any, terms: list[Node], empty: bool) -> Node:
    return form(tuple(terms)) if len(terms) > 1 else terms[0] if terms else Literal(empty)


def _known(part: Criteria, scope: Scope) -> Node:
    """The same, false instead of unknown, so that `not` may stand before it."""
    match part:
        case All(terms) | Any_(terms):
            form = And if isinstance(part, All) else Or
            return _joined(form, [_known(term, scope) for term in terms], form is And)
        case criteria.Not(term):
            return Not(_known(term, scope))
        case Formula(_text, node):
            return Call("IF", (node, Literal(True), Literal(False)))
        case Condition(field, operator):
            node = _asked(part, scope)
            return node if operator in ("empty", "not_empty") else And((node, Not(_blank(_path(field)))))


def _path(field: str) -> Path:
    return Path(tuple(field.split(".")))


def _blank(path: Path) -> Node:
    return Call("ISBLANK", (path,))


def _asked(asked: Condition, scope: Scope) -> Node:
    path, operator, operand = _path(asked.field), asked.operator, asked.operand
    speaks = scope.type(path.parts)
    if speaks in ("text", "number", "boolean", "date"):
        if speaks == "date" and operator == "today":
            return Compare("==", path, Call("TODAY", ()))
        if operator in ("is", "is_not"):
            same = Compare("==", path, _literal(operand, speaks))
            return same if operator == "is" else Or((_blank(path), Compare("!=", path, same.right)))
        if operator in ("one_of", "none_of"):
            among = In(path, tuple(_literal(each, speaks) for each in (operand if isinstance(operand, list) else [operand])))
            return among if operator == "one_of" else Or((_blank(path), Not(among)))
        if operator in _ORDER:
            return Compare(_ORDER[operator], path, _literal(operand, speaks))
        if operator == "between" and isinstance(operand, list) and len(operand) == 2:
            return And((Compare(">=", path, _literal(operand[0], speaks)), Compare("<=", path, _literal(operand[1], speaks))))
        if operator in _LETTERS and speaks == "text":
            return Call(_LETTERS[operator], (Call("LOWER", (path,)), Literal(small(str(operand)))))
        if operator in ("is_true", "is_false"):
            same = Compare("==", path, Literal(operator == "is_true"))
            return same if operator == "is_true" else Or((_blank(path), same))
    if operator in ("is_me", "is_not_me"):
        me = Call("ME", ())
        if operator == "is_me":
            return Compare("==", path, me)
        return Or((_blank(path), Call("ISBLANK", (me,)), Compare("!=", path, me)))
    if operator in ("empty", "not_empty") and speaks:
        return _blank(path) if operator == "empty" else Not(_blank(path))
    raise CriteriaError(say("'%(field)s' with '%(operator)s' can only be said in words, not written as a text.",
                            field=asked.field, operator=operator.replace('_', ' ')))


def _literal(value: Any, speaks: str) -> Node:
    if speaks == "number":
        try:
            return Literal(Decimal(str(value)))
        except ArithmeticError:
            raise CriteriaError(say("'%(value)s' is no number.", value=value)) from None
    if speaks == "boolean":
        return Literal(value in (True, "true"))
    text = str(value)
    if speaks == "date" and text.startswith("today"):
        days = text[5:].replace(" ", "")
        today = Call("TODAY", ())
        return Sum(today, ((days[0], Literal(Decimal(days[1:]))),)) if days else today
    return Literal(text)


# Text to tree

def _tree(node: Node, scope: Scope, fits: Callable[[dict[str, Any]], bool]) -> Criteria:
    found = _negative(node, scope) if isinstance(node, Or) else None if isinstance(node, And) else _row(node, scope)
    if found is not None and all(fits(criteria.write(part)) for part in criteria.walk(found) if isinstance(part, Condition)):
        return found
    if isinstance(node, And | Or):
        terms = tuple(_tree(term, scope, fits) for term in node.terms)
        return All(terms) if isinstance(node, And) else Any_(terms)
    return Formula(expression.write(node), node)


def _row(node: Node, scope: Scope) -> Criteria | None:
    match node:
        case Call("ISBLANK", (Path(parts),)):
            return Condition(".".join(parts), "empty")
        case Not(Call("ISBLANK", (Path(parts),))):
            return Condition(".".join(parts), "not_empty")
        case Compare(op, Path(parts), right):
            return _compared(op, parts, right, scope)
        case In(Path(parts), options) if isinstance(options, tuple):
            return _listed(parts, options, scope, "one_of")
        case Call(name, (Call("LOWER", (Path(parts),)), Literal(str(text)))) if name in _LETTERS.values() and text == small(text):
            return Condition(".".join(parts), next(word for word, known in _LETTERS.items() if known == name), text)
    return None


def _compared(op: str, parts: tuple[str, ...], right: Node, scope: Scope) -> Criteria | None:
    speaks, field = scope.type(parts), ".".join(parts)
    if isinstance(right, Call) and right.name == "ME" and op == "==":
        return Condition(field, "is_me")
    value = _value(right, speaks)
    if value is None:
        return None
    if speaks == "boolean":
        return Condition(field, "is_true") if (op, value) == ("==", True) else None
    if op == "==":
        return Condition(field, "is", value)
    if op == "!=":
        return All((Condition(field, "is_not", value), Condition(field, "not_empty")))
    signs = _SIGNS.get(speaks or "", {})
    return Condition(field, signs[op], value) if op in signs else None


def _listed(parts: tuple[str, ...], options: tuple[Node, ...], scope: Scope, operator: str) -> Criteria | None:
    values = [_value(option, scope.type(parts)) for option in options]
    known = scope.type(parts) in ("text", "number") and not any(value is None for value in values)
    return Condition(".".join(parts), operator, values) if known else None


def _negative(node: Or, scope: Scope) -> Criteria | None:
    """ISBLANK(x) or x != …, x not in …: what words call "is not" and "is none of"."""
    match node.terms:
        case (Call("ISBLANK", (Path(parts),)), Compare("!=", Path(others), right)) if parts == others:
            value = _value(right, scope.type(parts))
            return Condition(".".join(parts), "is_not", value) if value is not None else None
        case (Call("ISBLANK", (Path(parts),)), Not(In(Path(others), options))) if parts == others and isinstance(options, tuple):
            return _listed(parts, options, scope, "none_of")
        case (Call("ISBLANK", (Path(parts),)), Compare("==", Path(others), Literal(False))) if parts == others:
            return Condition(".".join(parts), "is_false")
    return None


def _value(node: Node, speaks: str | None) -> Any:
    match node:
        case Literal(Decimal() as value) if speaks == "number":
            return int(value) if value == value.to_integral_value() else value
        case Literal(bool(value)) if speaks == "boolean":
            return value
        case Literal(str(value)) if speaks == "text":
            return value
        case Literal(str(value)) if speaks == "date":
            return _read(date.fromisoformat, value)
        case Call("TODAY", ()) if speaks == "date":
            return "today"
        case Sum(Call("TODAY", ()), ((sign, Literal(Decimal() as days)),)) if speaks == "date" and days == days.to_integral_value():
            return f"today{sign}{int(days)}"
    return None


def _read(reading: Callable[[str], date], text: str) -> str | None:
    try:
        return reading(text).isoformat()
    except ValueError:
        return None
