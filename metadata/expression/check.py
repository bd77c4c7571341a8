"""check(): whether an expression fits together, and what type it has."""
from collections.abc import Mapping
from datetime import UTC, date, datetime

from metadata.expression.errors import ExpressionError
from metadata.expression.functions import FUNCTIONS, Function, Like, OneOf
from metadata.expression.tree import And, Call, Compare, In, Join, Literal, Negative, Node, Not, Or, Path, Product, Sum
from metadata.expression.types import Scope, Type, type_of
from metadata.words import later, say, sentences

SHOWABLE = frozenset({Type.TEXT, Type.NUMBER, Type.BOOLEAN, Type.DATE})
_SUMS = {"+": later("Adding %(right)s and %(left)s has no meaning."),
         "-": later("Subtracting %(right)s and %(left)s has no meaning.")}


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
                self._expect(node.operand, Type.NUMBER, say("A minus sign"))
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
                        raise ExpressionError(sentences(say("'&' joins texts, numbers and dates, not %(found)s.",
                                                            found=self.found[id(term)].words),
                                                        _hint(self.found[id(term)], Type.DATE)), term.at)
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
            raise ExpressionError(say("There is no field '%(field)s' here that you can use.", field='.'.join(node.parts)), node.at)
        return Type(found)

    def _expect(self, node: Node, wanted: Type, who: str) -> None:
        found = self.type(node)
        if found is not wanted and found is not Type.NULL:
            raise ExpressionError(sentences(
                say("%(who)s needs %(wanted)s, not %(found)s.", who=who, wanted=wanted.words, found=found.words),
                _hint(found, wanted)), node.at)

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
            advice = say("Join texts with &.")
        elif Type.DATETIME in (left, right):
            advice = say("Use DATEADD or DATEDIFF for dates with time.")
        raise ExpressionError(sentences(say(_SUMS[sign], right=right.words, left=left.words), advice), term.at)

    def _pair(self, left: Node, right: Node, op: str, at: int) -> Type:
        one, other = self.type(left), self.type(right)
        for blank, subject in ((left, right), (right, left)):
            if isinstance(blank, Literal) and self.found[id(blank)] is Type.NULL:
                shown = f"ISBLANK({'.'.join(subject.parts)})" if isinstance(subject, Path) else "ISBLANK(…)"
                raise ExpressionError(say("Nothing is ever equal to NULL or \"\"; ask with %(shown)s.", shown=shown), at)
        if one is not other and other is Type.TEXT and written_date(right, one) is not None:
            self.found[id(right)] = other = one
        if one is not other and one is Type.TEXT and written_date(left, other) is not None:
            self.found[id(left)] = one = other
        if Type.NULL in (one, other):
            return other if one is Type.NULL else one
        if one is not other:
            raise ExpressionError(sentences(say("%(one)s cannot be compared with %(other)s.",
                                                one=one.words[0].upper() + one.words[1:], other=other.words),
                                            _hint(one, other) or _hint(other, one)), at)
        if one is Type.LIST:
            raise ExpressionError(say("A list cannot be compared; ask with `in`."), at)
        if one is Type.BOOLEAN and op not in ("==", "!="):
            raise ExpressionError(say("True and false have no order; '%(op)s' cannot compare them.", op=op), at)
        return one

    def _in(self, node: In) -> Type:
        if isinstance(node.options, Path):
            if self.type(node.options) is not Type.LIST:
                raise ExpressionError(say("'in' needs a list: in [\"a\", \"b\"] or a field of several values, not %(found)s.",
                                          found=self.found[id(node.options)].words), node.options.at)
            self._expect(node.item, Type.TEXT, say("'in' with a list of texts"))
            return Type.BOOLEAN
        for option in node.options:
            self._pair(node.item, option, "==", option.at)
        return Type.BOOLEAN

    def _call(self, node: Call) -> Type:
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise ExpressionError(sentences(say("There is no function %(name)s.", name=node.name[:40]), _near(node.name)), node.at)
        parameters = function.parameters(len(node.args))
        if parameters is None:
            raise ExpressionError(say("%(function)s was given %(count)s values.", function=function.signature,
                                      count=len(node.args)), node.at)
        same: dict[str, Type] = {}
        for place, (parameter, argument) in enumerate(zip(parameters, node.args, strict=True), start=1):
            self._argument(function, place, parameter, argument, same)
        if isinstance(function.gives, Like):
            return same.get(function.gives.name, Type.NULL)
        return function.gives

    def _argument(self, function: Function, place: int, parameter: object, argument: Node, same: dict[str, Type]) -> None:
        if isinstance(parameter, OneOf):
            if not isinstance(argument, Literal) or argument.value not in parameter.words:
                raise ExpressionError(say("Value %(place)s of %(function)s is one of %(known)s, written in quotes.", place=place,
                                          function=function.signature, known=", ".join(map(repr, parameter.words))), argument.at)
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
            words = f" {say('or')} ".join(kind.words for kind in sorted(wanted))
            raise ExpressionError(sentences(say("Value %(place)s of %(function)s is %(wanted)s, not %(found)s.", place=place,
                                                function=function.signature, wanted=words, found=found.words),
                                            _hint(found, *wanted)), argument.at)
        if isinstance(parameter, Like):
            same[parameter.name] = found


def _hint(found: Type, *wanted: Type) -> str:
    if found is Type.DATETIME and Type.DATE in wanted:
        return say("DATEVALUE(…) gives its day.")
    if found is Type.TEXT and Type.NUMBER in wanted:
        return say("VALUE(…) reads a number from a text.")
    return ""


def _near(name: str) -> str:
    near = [known for known in sorted(FUNCTIONS) if known[:3] == name[:3]]
    return say("Did you mean %(names)s?", names=f" {say('or')} ".join(near[:3])) if near else ""
