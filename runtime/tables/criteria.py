"""Criteria as SQL and as Python: the same tree, the same answer, for lists, rules and row rights.

A condition holds or it does not: what is unknown does not hold, and "not" turns exactly that round.
"""
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

import marshmallow as ma
import sqlalchemy as sa

from metadata.criteria import All, Any_, Condition, Criteria, CriteriaError, Formula, Not, parse
from metadata.expression import ExpressionError, Type, check
from metadata.model.field import Field
from runtime.errors import Invalid
from runtime.kinds.kind import catalogue
from runtime.kinds.operator import Day, Operator
from runtime.locale.text import _
from runtime.tables import expressions

Test = Callable[[Mapping[str, Any], Any], bool]

MOST_OPERANDS = 500
MOST_DAYS = 36_600
LONGEST_TEXT = 255
_TODAY = re.compile(r"today(?:\s*([+-])\s*([0-9]{1,5}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Scope(Protocol):
    """field: the field a path ends in (raises where there is none for this actor); part: which part of it, "" the main one.

    The rest as runtime.tables.expressions.Scope, and `stored`: the column to ask whether anything is there. as_python asks
    only field, part and type.
    """

    def field(self, path: tuple[str, ...]) -> Field: ...
    def part(self, path: tuple[str, ...]) -> str: ...
    def type(self, path: tuple[str, ...]) -> str | None: ...


def as_sql(criteria: Mapping[str, Any] | Criteria, scope: Any) -> sa.ColumnElement[Any]:
    """True for the rows wanted. Raises Invalid, and whatever the scope raises for a path."""
    return _sql(_parsed(criteria), scope)


def as_python(criteria: Mapping[str, Any] | Criteria, scope: Scope) -> Test:
    """A function of (values by dotted path, moment) -> bool. Raises Invalid."""
    return _test(_parsed(criteria), scope)


def operators(field: Field, part: str) -> dict[str, Operator]:
    """{name: operator} that may be asked of a field or of one of its parts."""
    return {offered.name: offered for offered in catalogue().get("field_types", field.type).asked(field, part)}


def _parsed(criteria: Any) -> Criteria:
    try:
        return criteria if isinstance(criteria, Criteria) else parse(criteria)
    except CriteriaError as problem:
        raise Invalid({"": [str(problem)]}) from None


def _sql(criteria: Criteria, scope: Any) -> sa.ColumnElement[Any]:
    match criteria:
        case All(terms):
            return sa.and_(sa.true(), *(_sql(term, scope) for term in terms))
        case Any_(terms):
            return sa.or_(sa.false(), *(_sql(term, scope) for term in terms))
        case Not(term):
            return sa.type_coerce(_sql(term, scope).self_group(), sa.Boolean()).is_not(True)
        case Formula():
            _require_condition(criteria, scope)
            return expressions.as_sql(criteria.node, scope)
        case Condition():
            operator, operand, path = _asked(criteria, scope)
            column = scope.stored(path) if operator.takes == "none" else scope.column(path)
            return operator.sql(column, operand, scope.moment)


def _test(criteria: Criteria, scope: Scope) -> Test:
    match criteria:
        case All(terms):
            every = tuple(_test(term, scope) for term in terms)

            def all_hold(row: Any, moment: Any) -> bool:
                for test in every:  # noqa: SIM110 - a generator would take half the time of the whole question
                    if not test(row, moment):
                        return False
                return True
            return all_hold
        case Any_(terms):
            some = tuple(_test(term, scope) for term in terms)

            def any_holds(row: Any, moment: Any) -> bool:
                for test in some:  # noqa: SIM110 - as above
                    if test(row, moment):
                        return True
                return False
            return any_holds
        case Not(term):
            inner = _test(term, scope)
            return lambda row, moment: not inner(row, moment)
        case Formula():
            _require_condition(criteria, scope)
            found = expressions.as_python(criteria.node, scope)
            return lambda row, moment: found(row, moment) is True
        case Condition():
            operator, operand, path = _asked(criteria, scope)
            test, key = operator.test, ".".join(path)
            if operator.name in ("one_of", "none_of"):
                operand = frozenset(operand)
            return lambda row, moment: test(row.get(key), operand, moment)


def _require_condition(criteria: Formula, scope: Any) -> None:
    try:
        found = check(criteria.node, scope)
    except ExpressionError as problem:
        raise Invalid({"": [ExpressionError(problem.cause, problem.position, criteria.text).message]}) from None
    if found not in (Type.BOOLEAN, Type.NULL):
        raise Invalid({"": [_("The condition gives %(type)s, not true or false.", type=found.words)]})


def _asked(condition: Condition, scope: Scope) -> tuple[Operator, Any, tuple[str, ...]]:
    """The operator and its operand as clean value. Raises Invalid naming the field."""
    if not condition.field:
        raise Invalid({"": [_("Choose a field for this condition, or remove it.")]})
    path = tuple(condition.field.split("."))
    field, part, speaks = scope.field(path), scope.part(path), scope.type(path)
    offered = operators(field, part)
    operator = offered.get(condition.operator)
    if operator is None:
        raise Invalid({condition.field: [_("'%(operator)s' cannot be asked here. This field offers: %(offered)s.",
                                           operator=condition.operator[:40], offered=", ".join(offered) or "–")]})
    try:
        return operator, _operand(operator, condition.operand, field, part, speaks), path
    except ma.ValidationError as problem:
        raise Invalid({condition.field: _sentences(problem.messages)}) from None


def _sentences(messages: Any) -> list[str]:
    if isinstance(messages, Mapping):
        return [sentence for inner in messages.values() for sentence in _sentences(inner)]
    if isinstance(messages, list):
        return [sentence for inner in messages for sentence in _sentences(inner)]
    return [str(messages)]


def _operand(operator: Operator, raw: Any, field: Field, part: str, speaks: str | None) -> Any:
    def one(value: Any) -> Any:
        return _clean(value, field, part, speaks)

    match operator.takes:
        case "none":
            return None
        case "number":
            return _days(raw)
        case "text":
            return _searched(raw)
        case "range":
            if not isinstance(raw, list) or len(raw) != 2:
                raise ma.ValidationError(_("'%(operator)s' needs two values: from and to.", operator=str(operator.label)))
            return [one(value) for value in raw]
        case "many":
            values = raw if isinstance(raw, list) else [raw]
            if not values or len(values) > MOST_OPERANDS:
                raise ma.ValidationError(_("Give 1 to %(most)s values to choose from.", most=MOST_OPERANDS))
            if speaks == Type.LIST:
                return one(list(map(_present, values)))
            return [one(value) for value in values]
        case _:
            return one(raw)


def _present(value: Any) -> Any:
    """Refuses what is empty, and what PostgreSQL cannot hold."""
    if value is None or value == "" or value == []:
        raise ma.ValidationError(_("A value to compare with is missing."))
    if isinstance(value, str) and ("\x00" in value or not _encodable(value)):
        raise ma.ValidationError(_("This text holds characters that cannot be stored."))
    if isinstance(value, list):
        for inner in value:
            _present(inner)
    return value


def _encodable(text: str) -> bool:
    try:
        text.encode()
        return True
    except UnicodeEncodeError:
        return False


def _days(raw: Any) -> int:
    try:
        days = int(_present(raw))
    except (ValueError, TypeError, OverflowError):
        days = -1
    if isinstance(raw, bool) or not 0 <= days <= MOST_DAYS:
        raise ma.ValidationError(_("A number of days from 0 to %(most)s is needed.", most=MOST_DAYS))
    return days


def _searched(raw: Any) -> str:
    text = str(_present(raw))
    if len(text) > LONGEST_TEXT:
        raise ma.ValidationError(_("The text to look for has at most %(most)s characters.", most=LONGEST_TEXT))
    return text


def _clean(raw: Any, field: Field, part: str, speaks: str | None) -> Any:
    """Through the field type's own value, after what only a condition may say: a day counted from today, a day for a moment."""
    _present(raw)
    if speaks in (Type.DATE, Type.DATETIME) and isinstance(raw, str):
        if relative := _TODAY.fullmatch(raw.strip().lower()):
            sign, days = relative.groups()
            if int(days or 0) > MOST_DAYS:
                raise ma.ValidationError(_("A number of days from 0 to %(most)s is needed.", most=MOST_DAYS))
            return Day(int(f"{sign or ''}{days or 0}"))
        if speaks == Type.DATETIME and _DATE.fullmatch(raw.strip()):
            return _read(date.fromisoformat, raw)
    kind = catalogue().get("field_types", field.type)
    if kind.stored and (value := kind.values(field).get(part)) is not None:
        return value.deserialize(raw)
    return _PLAIN.get(speaks or "", str)(raw)


def _read(reading: Callable[[str], Any], raw: Any) -> Any:
    try:
        return reading(str(raw).strip())
    except (ValueError, InvalidOperation):
        raise ma.ValidationError(_("'%(value)s' does not fit this field.", value=str(raw)[:60])) from None


def _number(raw: Any) -> Decimal:
    value: Decimal = _read(Decimal, raw)
    if isinstance(raw, bool) or not value.is_finite() or abs(value.adjusted()) > 30:
        raise ma.ValidationError(_("'%(value)s' does not fit this field.", value=str(raw)[:60]))
    return value


def _moment(raw: Any) -> datetime:
    value: datetime = raw if isinstance(raw, datetime) else _read(datetime.fromisoformat, raw)
    if value.tzinfo is None:
        raise ma.ValidationError(_("A moment needs its zone: 2026-05-31T09:00:00Z."))
    return value


def _flag(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if str(raw).lower() in ("true", "false"):
        return str(raw).lower() == "true"
    raise ma.ValidationError(_("'%(value)s' does not fit this field.", value=str(raw)[:60]))


_PLAIN: dict[str, Callable[[Any], Any]] = {
    Type.TEXT: str, Type.NUMBER: _number, Type.BOOLEAN: _flag, Type.DATETIME: _moment,
    Type.DATE: lambda raw: raw if isinstance(raw, date) else _read(date.fromisoformat, raw),
}
"""How the operand of a formula or of a read-only part is read: those have no value of their own."""
