"""Drawing: the cells of a list's rows. Each column's widget draws a value once per page, however many rows hold it."""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from runtime.records import deadlines
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
    known = rows[0].values if rows else {}
    made = [_Title(column["field"], opening) if column["role"] == "title" else
            (_Deadline if column.get("deadline") else Column)(environment, column["field"], opening, context, known)
            for column, opening in zip(columns, openings, strict=True)]
    for row in rows:
        yield row, Markup("".join([column.cell(row) for column in made]))


class _Title:
    """The record's name, as the link to it."""

    def __init__(self, field: ShownField, opening: Markup):
        self._label, self._opening = f"{field.name}:label", str(opening)

    def cell(self, row: ShownRow) -> str:
        return f'{self._opening}<a href="{escape(row.href)}">{escape(row.values.get(self._label) or row.title)}</a>'


class Column:
    """One field's cells. opening: what each begins with; known: any row's values, which tell what every row of this page has."""

    def __init__(self, environment: Environment, field: ShownField, opening: Markup, context: Mapping[str, Any],
                 known: Mapping[str, Any]):
        self._field, self._opening, self._context = field, str(opening), context
        widget: Any = environment.get_template(f"widgets/{field.widget}.html").module
        self._show, self._as_text = widget.show, getattr(widget, "as_text", False)
        reads = [path for path in field.reads if path in known]
        self._key = itemgetter(*reads) if reads else lambda values: None
        self._drawn: dict[Any, str] = {}

    def cell(self, row: ShownRow) -> str:
        key = self._key(row.values)
        try:
            found = self._drawn.get(key)
        except TypeError:                           # a list of values
            return self._draw(row.values)
        if found is None:
            found = self._drawn[key] = self._draw(row.values)
        return found

    def _draw(self, values: Mapping[str, Any]) -> str:
        field, reader = self._field, self._context["reader"]
        value = field.pick(values)
        if value is None:
            return self._opening
        if self._as_text:
            return f"{self._opening}{escape(field.kind.show(field.field, value, reader))}"
        cell = {**self._context, "field": field, "value": value, "label": values.get(f"{field.name}:label")}
        return f"{self._opening}{self._show(field, value, cell)}"


class _Deadline(Column):
    """A date that says so when it is late or today; context: also today."""

    def _draw(self, values: Mapping[str, Any]) -> str:
        value = self._field.pick(values)
        if value is None:
            return self._opening
        reader = self._context["reader"]
        tone, words = deadlines.standing(value, self._context["today"], reader)
        written = escape(self._field.kind.show(self._field.field, value, reader))
        if not tone:
            return f"{self._opening}{written}"
        return f"{self._opening}<span class=b-due data-tone={tone}>{written} <b>{escape(words)}</b></span>"
