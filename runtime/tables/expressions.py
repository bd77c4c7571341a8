"""An expression as SQL (lists, reports) or as a Python closure (rules): one tree, two faces that must agree.

Defined once, and held together by a property test against PostgreSQL:
NULL is unknown, in three-valued logic; the empty text is NULL; numbers are exact decimals (metadata/expression/functions/
exact.py); texts compare by code point; dates with time are UTC, their days those of the asking person's time zone.
"""
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from metadata.expression.check import types, written_date
from metadata.expression.functions import FUNCTIONS, Closure, Like, OneOf
from metadata.expression.functions.dates import add_days_sql, days_between_sql
from metadata.expression.functions.exact import as_number, quotient_sql, remainder_sql
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
    return _Sql(scope, types(node, scope)).value(node)


_SQL_TYPES: dict[Type, Any] = {
    Type.TEXT: sa.Text(), Type.NUMBER: sa.Numeric(), Type.BOOLEAN: sa.Boolean(), Type.DATE: sa.Date(),
    Type.DATETIME: sa.DateTime(timezone=True), Type.LIST: sa.ARRAY(sa.Text()), Type.NULL: sa.Text(),
}
_COMPARE: dict[str, Callable[[Any, Any], Sql]] = {
    "==": lambda left, right: left == right, "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right, "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right, ">=": lambda left, right: left >= right,
}
_LARGEST_WHOLE = 2**63


class _total(FunctionElement[Decimal]):
    """Terms added up in one level, so that a long sum does not nest."""
    name = "total"
    type = sa.Numeric()
    inherit_cache = True


@compiles(_total)
def _compile_total(element: FunctionElement[Decimal], compiler: Any, **options: Any) -> str:
    return "(" + " + ".join(f"({compiler.process(term, **options)})" for term in element.clauses) + ")"


class _minus(FunctionElement[Decimal]):
    name = "minus"
    type = sa.Numeric()
    inherit_cache = True


@compiles(_minus)
def _compile_minus(element: FunctionElement[Decimal], compiler: Any, **options: Any) -> str:
    return f"(- ({compiler.process(element.clauses, **options)}))"


class _grouped(FunctionElement[Any]):
    """In brackets, whatever SQLAlchemy thinks of precedence."""
    name = "grouped"
    inherit_cache = True


@compiles(_grouped)
def _compile_grouped(element: FunctionElement[Any], compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})"


def grouped(condition: Sql) -> Sql:
    return sa.type_coerce(_grouped(condition), sa.Boolean())


class _Sql:
    def __init__(self, scope: Scope, found: Any):
        self._scope, self._types = scope, found

    def value(self, node: Node, wanted: Type | None = None) -> Sql:
        """The node's SQL, numbers as numeric. wanted: the type a NULL takes on."""
        kind = self._types[id(node)]
        if kind is Type.NULL:
            return sa.cast(sa.null(), _SQL_TYPES[wanted or Type.NULL])
        found = _as(self._node(node), kind)
        if kind is Type.BOOLEAN and not isinstance(node, (Path, Literal)):
            return grouped(found)
        return as_number(found) if kind is Type.NUMBER else found

    def _node(self, node: Node) -> Sql:
        match node:
            case Literal():
                return self._literal(node)
            case Path():
                return self._path(node)
            case Call():
                return self._call(node)
            case Negative():
                return _minus(self.value(node.operand, Type.NUMBER))
            case Sum():
                return self._sum(node)
            case Product():
                return self._product(node)
            case Join():
                return _text_or_null(joined_sql(*map(self.value, node.terms)))
            case Compare():
                return self._compare(node)
            case In():
                return self._in(node)
            case Not():
                return sa.not_(self.value(node.operand, Type.BOOLEAN))
            case And():
                return sa.and_(*(self.value(term, Type.BOOLEAN) for term in node.terms))
            case Or():
                return sa.or_(*(self.value(term, Type.BOOLEAN) for term in node.terms))

    def _literal(self, node: Literal) -> Sql:
        kind = self._types[id(node)]
        value = node.value
        if isinstance(value, str) and kind is not Type.TEXT:
            value = written_date(node, kind)
        return sa.literal(value, _SQL_TYPES[kind])

    def _path(self, node: Path) -> Sql:
        return _as(self._scope.column(node.parts), self._types[id(node)])

    def _sum(self, node: Sum) -> Sql:
        kind = self._types[id(node.first)]
        terms: list[Sql] = [self.value(node.first, Type.NUMBER)]
        for sign, term in node.rest:
            right_kind = self._types[id(term)]
            right = self.value(term, Type.NUMBER)
            if kind is Type.DATE and right_kind is Type.DATE:
                terms, kind = [as_number(days_between_sql(_added(terms), right))], Type.NUMBER
            elif kind is Type.DATE:
                terms = [add_days_sql(_added(terms), right if sign == "+" else _minus(right))]
            else:
                terms.append(right if sign == "+" else _minus(right))
        return _added(terms)

    def _product(self, node: Product) -> Sql:
        left, right = self.value(node.left, Type.NUMBER), self.value(node.right, Type.NUMBER)
        if node.op == "*":
            return left * right
        return quotient_sql(left, right) if node.op == "/" else remainder_sql(left, right)

    def _compare(self, node: Compare) -> Sql:
        left, right = self._side(node.left, node.right), self._side(node.right, node.left)
        if self._types[id(node.left)] is Type.TEXT and node.op not in ("==", "!="):
            left, right = sa.collate(left, "C"), sa.collate(right, "C")
        return _COMPARE[node.op](left, right)

    def _side(self, node: Node, other: Node) -> Sql:
        """One side of a comparison as it is, so that an index on a column serves; a whole literal as the column has it."""
        if isinstance(node, Path):
            return self._path(node)
        if isinstance(node, Literal) and isinstance(other, Path) and isinstance(node.value, Decimal):
            value = _whole(node.value, self._path(other))
            return self._literal(node) if value is None else sa.literal(value, sa.BigInteger())
        return self.value(node, self._types[id(other)])

    def _in(self, node: In) -> Sql:
        if isinstance(node.options, Path):
            return self.value(node.item, Type.TEXT) == sa.any_(self._path(node.options))
        item = self._side(node.item, node.item)
        if all(isinstance(option, Literal) for option in node.options):
            return item.in_([self._side(option, node.item) for option in node.options])
        return item == sa.any_(array([self.value(option) for option in node.options]))

    def _call(self, node: Call) -> Sql:
        function = FUNCTIONS[node.name]
        arguments: list[Any] = [self._scope.moment] if function.moment else []
        parameters = tuple(zip(function.parameters(len(node.args)) or (), node.args, strict=True))
        same = {parameter.name: self._types[id(argument)] for parameter, argument in parameters
                if isinstance(parameter, Like) and self._types[id(argument)] is not Type.NULL}
        for parameter, argument in parameters:
            if isinstance(parameter, OneOf):
                arguments.append(argument.value)  # type: ignore[union-attr]
            elif isinstance(parameter, Like):
                arguments.append(self.value(argument, same.get(parameter.name)))
            else:
                arguments.append(self.value(argument, parameter if isinstance(parameter, Type) else None))
        found = _as(function.sql(*arguments), self._types[id(node)])
        return _text_or_null(found) if function.gives is Type.TEXT else found


_PYTHON_SIDE: dict[Type, Any] = {
    Type.DATETIME: sa.DateTime, Type.DATE: sa.Date, Type.BOOLEAN: sa.Boolean, Type.TEXT: sa.String,
    Type.NUMBER: (sa.Numeric, sa.Integer),
}


def _as(found: Sql, kind: Type) -> Sql:
    """The expression, told its type where SQLAlchemy does not know it."""
    fits = _PYTHON_SIDE.get(kind)
    if isinstance(found.type, sa.types.NullType) or (fits and not isinstance(found.type, fits)):
        return sa.type_coerce(found, _SQL_TYPES[kind])
    if kind is Type.DATETIME and not found.type.timezone:  # type: ignore[attr-defined]
        return sa.type_coerce(found, _SQL_TYPES[kind])
    return found


def _added(terms: list[Sql]) -> Sql:
    return terms[0] if len(terms) == 1 else _total(*terms)


def _text_or_null(text: Sql) -> Sql:
    return sa.func.nullif(text, sa.literal("", sa.Text()), type_=sa.Text())


def _whole(value: Decimal, column: Sql) -> int | None:
    if isinstance(column.type, sa.Integer) and value == value.to_integral_value() and abs(value) < _LARGEST_WHOLE:
        return int(value)
    return None
