"""Criteria: a condition as a tree that a screen can draw.

{"field": "amount", "operator": "above", "operand": 1000} · {"all": […]} · {"any": […]} · {"not": …} · {"expression": "…"}
What the operators mean is runtime/kinds/operator.py; the tree as SQL and as Python is runtime/tables/criteria.py.
"""
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata import expression
from metadata.words import later, say

MOST_NODES = 100
DEEPEST = 16
_FORMS = later('"field" with "operator", "all", "any", "not" or "expression"')


class CriteriaError(ValueError):
    """A condition that cannot be read. message: a sentence; place: "all.1.not", "" for the whole."""

    def __init__(self, message: str, place: str = ""):
        self.message, self.place = message, place
        super().__init__(say("%(message)s (at %(place)s)", message=message, place=place) if place else message)


@dataclass(frozen=True, slots=True)
class Condition:
    """One question about one field. field: a path; operand: as it stands in the document."""
    field: str
    operator: str
    operand: Any = None


@dataclass(frozen=True, slots=True)
class All:
    terms: "tuple[Criteria, ...]"


@dataclass(frozen=True, slots=True)
class Any_:
    terms: "tuple[Criteria, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    term: "Criteria"


@dataclass(frozen=True, slots=True)
class Formula:
    """A condition written in the expression language; node: its tree."""
    text: str
    node: expression.Node


Criteria = Condition | All | Any_ | Not | Formula


def parse(tree: Any) -> Criteria:
    """The tree of a document. Raises CriteriaError, also for what is too large or too deep."""
    count = 0

    def read(part: Any, depth: int, place: str) -> Criteria:
        nonlocal count
        count += 1
        if count > MOST_NODES:
            raise CriteriaError(say("A condition has at most %(most)s parts.", most=MOST_NODES), "")
        if depth > DEEPEST:
            raise CriteriaError(say("A condition is nested at most %(most)s deep.", most=DEEPEST), "")
        if not isinstance(part, Mapping):
            raise CriteriaError(say("A condition is an object with %(forms)s.", forms=say(_FORMS)), place)
        keys = frozenset(part)
        if "field" in keys:
            return _condition(part, keys, place)
        for word, form in (("all", All), ("any", Any_)):
            if keys == {word}:
                if not isinstance(part[word], (list, tuple)):
                    raise CriteriaError(say("\"%(word)s\" holds a list of conditions.", word=word), place)
                return form(tuple(read(term, depth + 1, _join(place, word, position))
                                  for position, term in enumerate(part[word])))
        if keys == {"not"}:
            return Not(read(part["not"], depth + 1, _join(place, "not")))
        if keys == {"expression"}:
            return _formula(part["expression"], place)
        raise CriteriaError(say("A condition is an object with %(forms)s.", forms=say(_FORMS)), place)

    return read(tree, 1, "")


def _condition(part: Mapping[str, Any], keys: frozenset[str], place: str) -> Condition:
    if not keys <= {"field", "operator", "operand"} or "operator" not in keys:
        raise CriteriaError(say("A condition on a field has \"field\", \"operator\" and \"operand\"."), place)
    if not isinstance(part["field"], str) or not isinstance(part["operator"], str):
        raise CriteriaError(say("\"field\" and \"operator\" are names."), place)
    operand = part.get("operand")
    if not _plain(operand) and not (isinstance(operand, (list, tuple)) and all(map(_plain, operand))):
        raise CriteriaError(say("\"operand\" is one value or a list of values."), place)
    return Condition(part["field"], part["operator"], list(operand) if isinstance(operand, (list, tuple)) else operand)


def _plain(value: Any) -> bool:
    return not isinstance(value, (Mapping, list, tuple, set))


def _formula(text: Any, place: str) -> Formula:
    if not isinstance(text, str):
        raise CriteriaError(say("\"expression\" is a text."), place)
    try:
        return Formula(text, expression.parse(text))
    except expression.ExpressionError as problem:
        raise CriteriaError(problem.message, place) from None


def _join(place: str, *steps: Any) -> str:
    return ".".join([*([place] if place else []), *map(str, steps)])


def write(criteria: Criteria) -> dict[str, Any]:
    """The tree as it stands in a document; the inverse of parse."""
    match criteria:
        case Condition(field, operator, None):
            return {"field": field, "operator": operator}
        case Condition(field, operator, operand):
            return {"field": field, "operator": operator, "operand": operand}
        case All(terms):
            return {"all": [write(term) for term in terms]}
        case Any_(terms):
            return {"any": [write(term) for term in terms]}
        case Not(term):
            return {"not": write(term)}
        case Formula(text):
            return {"expression": text}


def walk(criteria: Criteria) -> Iterator[Criteria]:
    """Every part, the whole first."""
    yield criteria
    if isinstance(criteria, (All, Any_)):
        for term in criteria.terms:
            yield from walk(term)
    elif isinstance(criteria, Not):
        yield from walk(criteria.term)


def paths(tree: Any) -> frozenset[str]:
    """Every path a tree names, expressions included, dotted. tree: as in a document, or parsed."""
    found: set[str] = set()
    for part in walk(_parsed(tree)):
        if isinstance(part, Condition):
            found.add(part.field)
        elif isinstance(part, Formula):
            found.update(".".join(path) for path in expression.names(part.node))
    return frozenset(found)


fields = paths


def depends_on_time(tree: Any, relative: frozenset[str] = frozenset()) -> bool:
    """Whether time alone can change the answer. relative: names of the operators that look at the moment."""
    return any((isinstance(part, Formula) and expression.depends_on_time(part.node))
               or (isinstance(part, Condition) and (part.operator in relative or _looks_at_today(part.operand)))
               for part in walk(_parsed(tree)))


def _looks_at_today(operand: Any) -> bool:
    return any(isinstance(value, str) and value.startswith("today")
               for value in (operand if isinstance(operand, list) else [operand]))


def renamed(tree: Any, rename: Callable[[str], str]) -> dict[str, Any]:
    """The tree as in a document with every path renamed."""
    def again(part: Criteria) -> dict[str, Any]:
        match part:
            case Condition():
                return write(Condition(rename(part.field), part.operator, part.operand))
            case All(terms):
                return {"all": [again(term) for term in terms]}
            case Any_(terms):
                return {"any": [again(term) for term in terms]}
            case Not(term):
                return {"not": again(term)}
            case Formula(text):
                return {"expression": expression.renamed(text, rename)}
    return again(_parsed(tree))


def exchanged(tree: Any, exchange: Callable[[str, Any], Any]) -> dict[str, Any]:
    """The tree as in a document with every value that a field is asked about as `exchange(path, value)` wants it."""
    def again(part: Criteria) -> dict[str, Any]:
        match part:
            case Condition(field, operator, list() as operand):
                return write(Condition(field, operator, list(dict.fromkeys(exchange(field, each) for each in operand))))
            case Condition(field, operator, operand):
                return write(Condition(field, operator, operand if operand is None else exchange(field, operand)))
            case All(terms):
                return {"all": [again(term) for term in terms]}
            case Any_(terms):
                return {"any": [again(term) for term in terms]}
            case Not(term):
                return {"not": again(term)}
            case Formula(text):
                return {"expression": expression.exchanged(text, exchange)}
    return again(_parsed(tree))


def _parsed(tree: Any) -> Criteria:
    return tree if isinstance(tree, Criteria) else parse(tree)
