"""Drawing: the cells of a list's rows. Each column's widget draws a value once per page, however many rows hold it."""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from runtime.records.shown import ShownField


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A record on a list. values: flat, with the names of linked records."""
    id: int
    href: str
    title: str
    values: Mapping[str, Any]


def drawn(environment: Environment, rows: Sequence[ShownRow], columns: Sequence[Mapping[str, Any]], openings: Sequence[Markup],
          context: Mapping[str, Any]) -> Iterator[tuple[ShownRow, Markup]]:
    """Each row with all its cells in one piece. openings: each column's tag, its attributes in it; context: for the widgets."""
    made = [_Title(column["field"], opening) if column["role"] == "title" else
            _Column(environment, column["field"], opening, context) for column, opening in zip(columns, openings, strict=True)]
    for row in rows:
        yield row, Markup("".join([column.cell(row) for column in made]))


class _Title:
    """The record's name, as the link to it."""

    def __init__(self, field: ShownField, opening: Markup):
        self._label, self._opening = f"{field.name}:label", str(opening)

    def cell(self, row: ShownRow) -> str:
        return f'{self._opening}<a href="{escape(row.href)}">{escape(row.values.get(self._label) or row.title)}</a>'


class _Column:
    def __init__(self, environment: Environment, field: ShownField, opening: Markup, context: Mapping[str, Any]):
        self._field, self._opening, self._context = field, str(opening), context
        widget: Any = environment.get_template(f"widgets/{field.widget}.html").module
        self._show, self._as_text = widget.show, getattr(widget, "as_text", False)
        self._label = f"{field.name}:label"
        self._drawn: dict[Any, str] = {}

    def cell(self, row: ShownRow) -> str:
        values = row.values
        value, label = self._field.pick(values), values.get(self._label)
        if value is None:
            return self._opening
        try:
            key = (tuple(value.values()) if isinstance(value, dict) else value, label)
            found = self._drawn.get(key)
        except TypeError:                           # a list of values
            return self._draw(value, label)
        if found is None:
            found = self._drawn[key] = self._draw(value, label)
        return found

    def _draw(self, value: Any, label: Any) -> str:
        if self._as_text:
            return f"{self._opening}{escape(self._field.kind.show(self._field.field, value, self._context['reader']))}"
        cell = {**self._context, "field": self._field, "value": value, "label": label}
        return f"{self._opening}{self._show(self._field, value, cell)}"
