"""Sentences: filters and conditions as a sales manager would say them ("Amount is above 1,000")."""
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from runtime.db.transaction import reading
from runtime.locale.text import _, ngettext
from runtime.records.list_state import may_read, name_of, record_id
from runtime.records.query import Query, find
from runtime.web import json

MOST_NAMED = 3
"""So many values stand in a sentence; the rest is counted."""
_DAY = re.compile(r"today(?: ?([+-][0-9]{1,5}))?")


def question(operator: Any) -> str:
    """An operator's words in the reader's language."""
    return str(operator.label)


def chips(at: Any, state: Any) -> list[dict[str, Any]]:
    """One chip per AND-joined condition; a condition on something the actor may not read says only that."""
    made = []
    for index, condition in enumerate(state.criteria):
        label, sentence = _in_words(at, condition)
        made.append({"field_label": label, "sentence": sentence, "remove_href": state.without_filter(index),
                     "edit_href": state.href("/filter") + ("&" if "?" in state.href("/filter") else "?") + f"filter_index={index}"})
    return made


def in_words(at: Any, condition: Any) -> str:
    """A whole condition as one sentence without its full stop."""
    label, sentence = _in_words(at, condition)
    return f"{label} {sentence}".strip()


def _in_words(at: Any, condition: Any) -> tuple[str, str]:
    if not isinstance(condition, Mapping):
        return _("Condition"), str(condition)
    if "field" in condition:
        path = condition["field"]
        if not isinstance(path, str) or not may_read(at.now, at.actor, at.module, path):
            return _("A restricted field"), _("meets a condition")
        field = at.field(path)
        operator = next((known for known in field.operators if known.name == condition.get("operator")), None)
        if operator is None:
            return field.label, str(condition.get("operator", ""))
        shown = "" if operator.takes == "none" else _operand(at, field, operator, condition.get("operand"))
        return field.label, operator.said(shown)
    for word, joiner in (("all", _(" and ")), ("any", _(" or "))):
        if word in condition:
            return "", joiner.join(in_words(at, inner) for inner in condition[word])
    if "not" in condition:
        return _("Not:"), in_words(at, condition["not"])
    return _("Condition"), str(condition.get("expression", ""))


def _operand(at: Any, field: Any, operator: Any, operand: Any) -> str:
    values = operand if isinstance(operand, list) else [operand]
    names = names_behind(at, field, operand)
    written = [names.get(value, _shown(at, field, operator, value)) for value in values]
    if operator.takes == "range":
        return _(" and ").join(written)
    if len(written) > MOST_NAMED + 1:
        more = len(written) - MOST_NAMED
        return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more, names=", ".join(written[:MOST_NAMED]))
    return ", ".join(written)


def _shown(at: Any, field: Any, operator: Any, value: Any) -> str:
    for choice in field.choices:
        if choice["value"] == value:
            return str(choice["label"])
    if operator.takes in ("number", "text"):
        return str(value)
    if isinstance(value, str) and (day := _DAY.fullmatch(value)):
        return _days_away(int(day[1] or 0))
    try:
        clean = field.kind.value(field.field).deserialize(value)
        return str(field.kind.show(field.field, clean, at.reader))
    except (ma.ValidationError, ValueError, TypeError, AttributeError, NotImplementedError):
        return str(value)


def _days_away(days: int) -> str:
    if not days:
        return _("today")
    return ngettext("%(n)s day from today", "%(n)s days from today", days) if days > 0 else ngettext(
        "%(n)s day ago", "%(n)s days ago", -days)


def names_behind(at: Any, field: Any, operand: Any) -> dict[Any, str]:
    """{id: name} of the records an operand of a reference names, those the actor may see."""
    if field is None or not field.target or operand is None:
        return {}
    given = operand if isinstance(operand, list) else [operand]
    ids = [number for value in given[:50] if (number := record_id(value)) is not None]
    if not ids:
        return {}
    table = at.now.table(field.target)
    if field.target == "users":
        statement = sa.select(table.c.id, table.c.name).where(table.c.id.in_(ids))
        with reading() as connection:
            found = {row.id: row.name for row in connection.execute(statement)}
    else:

        target = at.now.module(field.target)
        found = {row.id: str(row.values.get(target.name_field) or f"#{row.id}")
                 for row in find(at.actor, Query(target.name, name_of(at.actor, target), ids=tuple(ids))).rows}
    return found | {str(number): name for number, name in found.items()}


def operand_from(asked: Any, operator: Any, field: Any) -> Any:
    """What the filter dialog sent, as a document keeps it: one value, several, or a pair; free of the reader's own format."""
    values = [value for value in asked.getlist("operand") if value != ""]
    if operator.takes == "number":
        return int(values[0]) if values and values[0].lstrip("-").isdecimal() else 0
    if operator.takes != "text":
        values = [_kept(field, value) for value in values]
    if operator.takes == "many":
        return values
    if operator.takes == "range":
        return values[:2]
    return values[-1] if values else None


def _kept(field: Any, text: str) -> Any:
    """A typed value as JSON; what the type cannot read stays as typed, and the condition says what is wrong with it."""
    value = field.kind.values(field.field).get(field.part)
    if value is None:
        return text
    try:
        clean = field.kind.to_json(field.field, field.part, value.deserialize(text))
    except ma.ValidationError:
        return text
    return json.iso(clean) if isinstance(clean, (date, datetime)) else clean
