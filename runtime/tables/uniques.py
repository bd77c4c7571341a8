"""What holds a field's values unique, made with the publish itself: later, repeated ones could slip in.

An index over many records takes its time. Where the column stands already it is made before anything keeps readers waiting;
only writers of the table wait for it.
"""
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from metadata.changes import Change, ChangeField, ChangeFieldType, RenameField, RenameModule, RestoreField, RestoreModule
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.errors import Invalid
from runtime.tables import build, indexes
from runtime.tables.retired import put_aside
from runtime.tables.storage import storage


def hold_first(plan: Sequence[Change], work: Any) -> None:
    """Before the tables change: indexes over the columns that will be unique, whatever they and their table are called now."""
    tables = {change.module.id: change.before.name for change in plan if isinstance(change, RenameModule)}
    names = {change.field.id: change.before.name for change in plan if isinstance(change, RenameField)}
    unread = {change.module.id for change in plan if isinstance(change, RestoreModule)}
    for change in plan:
        if isinstance(change, (ChangeField, ChangeFieldType, RestoreField)) and change.field.unique \
                and change.module.id not in unread and change.field.id not in work.held:
            column = _column_now(change, work, names)
            table = tables.get(change.module.id, change.module.name)
            wanted = replace(indexes.unique(change.module, change.field), table=table, columns=((column or "", False),))
            if column and not indexes.stands(work.connection, wanted):
                _make(work, replace(wanted, name=_meanwhile(change.field)), change.module, change.field)
                work.held.add(change.field.id)


def hold(work: Any, module: Module, field: Field) -> None:
    """Once all columns are in place. Raises Invalid where values repeat."""
    if field.unique:
        work.later.append(lambda: _hold(work, module, field))


def _hold(work: Any, module: Module, field: Field) -> None:
    index = indexes.unique(module, field)
    if field.id not in work.held:
        if indexes.stands(work.connection, index):
            return
        work.execute(f'DROP INDEX IF EXISTS {build.SCHEMA}."{index.name}"')
        _make(work, index, module, field)
        return
    work.held.discard(field.id)
    work.execute(f'DROP INDEX IF EXISTS {build.SCHEMA}."{index.name}"')
    work.execute(f'ALTER INDEX {build.SCHEMA}."{_meanwhile(field)}" RENAME TO "{index.name}"')


def _make(work: Any, index: indexes.Index, module: Module, field: Field) -> None:
    table = sa.Table(index.table, sa.MetaData(), sa.Column(index.columns[0][0]), sa.Column("deleted_at"), schema=build.SCHEMA)
    work.step()
    try:
        work.connection.execute(sa.schema.CreateIndex(index.construct(table)))
    except sa.exc.IntegrityError:
        raise Invalid({f"{module.path}#fields.{field.name}.unique": [
            f"'{field.label}' cannot be held unique yet: some records have the same value."]}) from None


def _column_now(change: Any, work: Any, names: dict[str, str]) -> str | None:
    """The column that will hold the field's values; None where it is made in the same publish, and empty."""
    field = change.field
    if field.id in work.ready:
        return work.ready[field.id].get("")
    if field.id in work.relinked or isinstance(change, ChangeFieldType):
        return None
    if isinstance(change, RestoreField):
        return put_aside(work.connection, field, work.catalogue)
    return names.get(field.id, field.name) if storage(change.before, work.catalogue) == storage(field, work.catalogue) else None


def _meanwhile(field: Field) -> str:
    return f"pending_uq_{hashlib.sha256(field.id.encode()).hexdigest()[:24]}"
