"""Uniqueness: values that stand in the way of a field that is to be unique from now on, found before anything is published."""
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from metadata.changes import Change, ChangeField, RenameModule, RestoreField, RestoreModule
from metadata.errors import Problem
from runtime.db.engine import engine
from runtime.locale.text import _
from runtime.tables import build, tally
from runtime.tables.retired import put_aside
from runtime.tables.storage import needs_conversion

EXAMPLES = 3
REMEMBERED = 1_000

_clean: dict[tuple[str, int, str], int] = {}
"""{(database, number of the table, column): what had been written to it when none of its values repeated}."""


def repeated(connection: sa.Connection, changes: Sequence[Change], catalogue: Any) -> Iterator[Problem]:
    """One per field whose values, as they lie there now, repeat. What changes its type is seen when its values are in place."""
    tables = {change.module.id: change.before.name for change in changes if isinstance(change, RenameModule)}
    tables |= {change.module.id: build.retired_name(change.module.id) for change in changes if isinstance(change, RestoreModule)}
    aside = {change.field.id for change in changes if isinstance(change, RestoreField)}
    for change in changes:
        if isinstance(change, ChangeField) and change.field.unique and not change.before.unique \
                and not needs_conversion(change.before, change.field, catalogue):
            table = tables.get(change.module.id, change.module.name)
            column = change.before.name
            if change.field.id in aside:
                column = put_aside(connection, change.field, catalogue)
            if column and (found := _repeats(connection, table, column)):
                yield Problem(f"{change.module.path}#fields.{change.field.name}.unique", told(change.field.label, found))


def told(label: str, found: Sequence[Any]) -> str:
    """found: (value, how many, some ids)."""
    examples = "; ".join(_("'%(value)s' stands in %(count)s records (%(ids)s)", value=str(value)[:40], count=f"{count:,}",
                           ids=", ".join([*(f"#{id}" for id in ids), *(["…"] if count > len(ids) else [])]))
                         for value, count, ids in found)
    return _("'%(field)s' cannot be held unique yet: %(examples)s. Give each record a value of its own first.", field=label,
             examples=examples)


def _repeats(connection: sa.Connection, table: str, column: str) -> list[Any]:
    """None, of a large table that was found clean and not written to since. An index has the last word in any case."""
    number, written = tally.of(connection, table)
    place = (engine().url.database or "", number, column)
    if _clean.get(place) == written:
        return []
    found = _repeated(connection, table, column)
    if not found:
        if len(_clean) >= REMEMBERED:
            _clean.clear()
        _clean[place] = written
    return found


def _repeated(connection: sa.Connection, table: str, column: str) -> list[Any]:
    rows = sa.table(table, sa.column("id"), sa.column("deleted_at"), sa.column(column), schema=build.SCHEMA)
    value, count = rows.c[column], sa.func.count()
    asked = (sa.select(value, count, sa.literal_column(f"(array_agg(id ORDER BY id))[1:{EXAMPLES}]"))
             .where(rows.c.deleted_at.is_(None), value.is_not(None)).group_by(value).having(count > 1)
             .order_by(count.desc(), value).limit(EXAMPLES))
    return list(connection.execute(asked))
