"""An expression as SQL (lists, reports) or as a Python closure (rules): one tree, two faces that must agree.

Defined once, and held together by a property test against PostgreSQL:
NULL is unknown, in three-valued logic; the empty text is NULL; numbers are exact decimals (metadata/expression/functions/
exact.py); texts compare by code point; dates with time are UTC, their days those of the asking person's time zone.
"""
import re
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal

from metadata.expression.check import types, written_date
from metadata.expression.functions import FUNCTIONS, Closure, Like, OneOf
from metadata.expression.functions.dates import add_days_sql, days_between_sql
from metadata.expression.functions.exact import quotient_sql, remainder_sql
from metadata.expression.functions.function import FOLDING, Term
from metadata.expression.functions.letters import collation
from metadata.expression.functions.texts import joined_sql
from metadata.expression.tree import And, Call, Compare, In, Join, Literal, Negative, Node, Not, Or, Path, Product, Sum
from metadata.expression.types import Type
from runtime.tables.closures import closure
from runtime.values import Moment

Sql = sa.ColumnElement[Any]


class Scope(Protocol):
    """Where a path finds its column and its type ("text", "number", …, None where there is no such field)."""

    @property
    def moment(self) -> Moment: ...
    def column(self, path: tuple[str, ...]) -> Sql: ...
    def type(self, path: tuple[str, ...]) -> str | None: ...


class TypeScope(Protocol):
    def type(self, path: tuple[str, ...]) -> str | None: ...


def as_python(node: Node, scope: TypeScope) -> Closure:
    """A function of (values by dotted path, moment). Raises ExpressionError where the types do not fit.

    It never raises on values of the types the scope promised, and is True, False or None for a condition.
    """
    return closure(node, types(node, scope))


def as_sql(node: Node, scope: Scope) -> Sql:
    """The same as SQL; every literal is a bound parameter. Raises ExpressionError, and what scope.column raises."""
    return _Writing(scope, types(node, scope)).whole(node)


_TYPES: dict[Type, Any] = {
    Type.TEXT: sa.Text(), Type.NUMBER: sa.Numeric(), Type.BOOLEAN: sa.Boolean(), Type.DATE: sa.Date(),
    Type.DATETIME: sa.DateTime(timezone=True), Type.LIST: sa.ARRAY(sa.Text()), Type.NULL: sa.Text(),
}
_CASTS = {
    Type.TEXT: "text", Type.NUMBER: "numeric", Type.BOOLEAN: "boolean", Type.DATE: "date", Type.DATETIME: "timestamptz",
    Type.LIST: "text[]", Type.NULL: "text",
}
_SIGNS = {"==": "=", "!=": "<>"}
_ORDERING = frozenset({"<", "<=", ">", ">="})
_LARGEST_WHOLE = 2**63
_MARK = re.compile("\ue000([0-9]+)\ue001")


class Written(FunctionElement[Any]):
    """A whole expression: SQL text with marks, and the columns and parameters that stand at the marks.

    One flat element, however deep the expression: SQLAlchemy compiles nested elements by recursion, slowly and not
    without end. The text comes from our own templates only; what a user wrote is always a parameter.
    """
    name = "expression"
    _traverse_internals = [
        *FunctionElement._traverse_internals, ("text", InternalTraversal.dp_string), ("type", InternalTraversal.dp_type),
    ]

    def __init__(self, text: str, leaves: list[Sql], type_: Any):
        super().__init__(*leaves)
        self.text, self.type = text, type_

    def self_group(self, against: Any = None) -> Any:
        return self


@compiles(Written)
def _compile(element: Written, compiler: Any, **options: Any) -> str:
    leaves = list(element.clauses)
    texts = _MARK.split(element.text.replace(FOLDING, collation(compiler)))
    texts[1::2] = [leaves[int(place)]._compiler_dispatch(compiler, **options) for place in texts[1::2]]
    return "".join(texts)


class _MomentSql:
    """The moment as SQL: each part becomes a parameter when a function asks for it."""

    def __init__(self, writing: "_Writing", moment: Moment):
        self._writing, self._moment = writing, moment

    @property
    def now(self) -> str:
        return self._writing.parameter(self._moment.now, sa.DateTime(timezone=True))

    @property
    def today(self) -> str:
        return self._writing.parameter(self._moment.today, sa.Date())

    @property
    def zone(self) -> str:
        return self._writing.parameter(self._moment.zone, sa.Text())

    @property
    def user_id(self) -> str:
        return self._writing.parameter(self._moment.user_id, sa.BigInteger())


class _Writing:
    """Writes one expression's SQL text. Every text it passes on is whole in itself."""

    def __init__(self, scope: Scope, found: Any):
        self._scope, self._types = scope, found
        self._leaves: list[Sql] = []

    def whole(self, node: Node) -> Sql:
        text = self.value(node)
        return Written(text, self._leaves, _TYPES[self._types[id(node)]])

    def leaf(self, element: Sql) -> str:
        self._leaves.append(element)
        return f"\ue000{len(self._leaves) - 1}\ue001"

    def parameter(self, value: Any, type_: Any) -> str:
        return self.leaf(sa.literal(value, type_))

    def value(self, node: Node, wanted: Type | None = None) -> Term:
        """The node's SQL, numbers as numeric. wanted: the type a NULL takes on."""
        kind = self._types[id(node)]
        if kind is Type.NULL:
            return Term(f"NULL::{_CASTS[wanted or Type.NULL]}", wanted or Type.NULL)
        return Term(self._node(node, kind), kind)

    def _node(self, node: Node, kind: Type) -> str:
        match node:
            case Literal():
                return self._literal(node, kind)
            case Path():
                column = self._scope.column(node.parts)
                plain = kind is not Type.NUMBER or isinstance(column.type, sa.Numeric)
                return self.leaf(column) if plain else f"{self.leaf(column)}::numeric"
            case Call():
                return self._call(node, kind)
            case Negative():
                return f"(- {self.value(node.operand, Type.NUMBER)})"
            case Sum():
                return self._sum(node)
            case Product():
                return self._product(node)
            case Join():
                return f"nullif({joined_sql(*map(self.value, node.terms))}, '')"
            case Compare():
                return self._compare(node)
            case In():
                return self._in(node)
            case Not():
                return f"(NOT {self.value(node.operand, Type.BOOLEAN)})"
            case And():
                return f"({' AND '.join(self.value(term, Type.BOOLEAN) for term in node.terms)})"
            case Or():
                return f"({' OR '.join(self.value(term, Type.BOOLEAN) for term in node.terms)})"

    def _literal(self, node: Literal, kind: Type) -> str:
        value = node.value
        if isinstance(value, str) and kind is not Type.TEXT:
            value = written_date(node, kind)
        return self.parameter(value, _TYPES[kind])

    def _sum(self, node: Sum) -> str:
        kind, found = self._types[id(node.first)], str(self.value(node.first, Type.NUMBER))
        for sign, term in node.rest:
            right = self.value(term, Type.NUMBER)
            if kind is Type.DATE and right.kind is Type.DATE:
                found, kind = days_between_sql(found, right), Type.NUMBER
            elif kind is Type.DATE:
                found = add_days_sql(found, right if sign == "+" else f"(- {right})")
            else:
                found += f" {sign} {right}"
        return f"({found})"

    def _product(self, node: Product) -> str:
        left, right = self.value(node.left, Type.NUMBER), self.value(node.right, Type.NUMBER)
        if node.op == "*":
            return f"({left} * {right})"
        return quotient_sql(left, right) if node.op == "/" else remainder_sql(left, right)

    def _compare(self, node: Compare) -> str:
        left, right = self._side(node.left, node.right), self._side(node.right, node.left)
        collated = ' COLLATE "C"' if self._types[id(node.left)] is Type.TEXT and node.op in _ORDERING else ""
        return f"({left}{collated} {_SIGNS.get(node.op, node.op)} {right}{collated})"

    def _side(self, node: Node, other: Node) -> str:
        """One side of a comparison as it is, so that an index on a column serves; a whole literal as the column has it."""
        if isinstance(node, Path):
            return self.leaf(self._scope.column(node.parts))
        if isinstance(node, Literal) and isinstance(other, Path) and isinstance(node.value, Decimal):
            value = _whole(node.value, self._scope.column(other.parts))
            if value is not None:
                return self.parameter(value, sa.BigInteger())
        return self.value(node, self._types[id(other)])

    def _in(self, node: In) -> str:
        if isinstance(node.options, Path):
            return f"({self.value(node.item, Type.TEXT)} = ANY ({self.value(node.options)}))"
        if all(isinstance(option, Literal) for option in node.options):
            options = ", ".join(self._side(option, node.item) for option in node.options)
            return f"({self._side(node.item, node.item)} IN ({options}))"
        # ANY takes the item once, where IN with computed options would repeat it.
        kinds = (self._types[id(part)] for part in (node.item, *node.options))
        kind = next((each for each in kinds if each is not Type.NULL), Type.TEXT)       # what is NULL takes the others' type
        computed = ", ".join(self.value(option, kind) for option in node.options)
        return f"({self.value(node.item, kind)} = ANY (ARRAY[{computed}]))"

    def _call(self, node: Call, kind: Type) -> str:
        function = FUNCTIONS[node.name]
        pairs = tuple(zip(function.parameters(len(node.args)) or (), node.args, strict=True))
        same = {parameter.name: self._types[id(argument)] for parameter, argument in pairs
                if isinstance(parameter, Like) and self._types[id(argument)] is not Type.NULL}
        arguments: list[Any] = [_MomentSql(self, self._scope.moment)] if function.moment else []
        for parameter, argument in pairs:
            if isinstance(parameter, OneOf):
                arguments.append(argument.value)  # type: ignore[union-attr]
            elif isinstance(parameter, Like):
                arguments.append(self.value(argument, same.get(parameter.name, min(parameter.among))))
            else:
                arguments.append(self.value(argument, parameter if isinstance(parameter, Type) else None))
        found = function.sql(*arguments)
        if kind is Type.NUMBER:
            return f"({found})::numeric"
        return f"nullif({found}, '')" if kind is Type.TEXT and function.gives is Type.TEXT else found


def _whole(value: Decimal, column: Sql) -> int | None:
    if isinstance(column.type, sa.Integer) and value == value.to_integral_value() and abs(value) < _LARGEST_WHOLE:
        return int(value)
    return None
