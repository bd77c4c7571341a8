"""One change of metadata, carried out on the database: tables and columns are made, renamed, put aside, brought back.

Nothing is dropped and nothing is rewritten here. What needs the values converted is prepared by conversion.py first and
only switched here.
"""
import hashlib
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatch
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from metadata import documents
from metadata.changes import (
    AddField,
    AddModule,
    Change,
    ChangeField,
    ChangeFieldType,
    RenameField,
    RenameModule,
    RestoreField,
    RestoreModule,
    RetireField,
    RetireModule,
)
from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.tables import build, indexes, uniques
from runtime.tables.retired import retired_columns
from runtime.tables.storage import DIALECT, needs_conversion, parts_of, storage

SCHEMA = build.SCHEMA


def fault(point: str) -> None:
    """FAULT_AT=publish:3 kills this process before the third statement of a publish (tests of what survives)."""
    if os.environ.get("FAULT_AT") == point:
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Work:
    """What a migration has at hand.

    ready: {field id: {part: pending column}} as conversion.py has filled them. relinked: ids of fields that point to
    another module from now on. restored: fields whose columns lie aside
    while their type changes. aside: {id: name} of what is being exchanged. held: ids of fields whose values an index holds
    unique already, under another name. switches: statements that put filled columns in the place of old ones; readers wait
    for them, so all go to the database together, after everything else.
    """
    connection: sa.Connection
    catalogue: Any
    definitions: Definitions
    version: int
    at: datetime
    ready: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    relinked: frozenset[str] = frozenset()
    restored: set[str] = field(default_factory=set)
    aside: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    switches: list[str] = field(default_factory=list)
    later: list[Callable[[], None]] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        from alembic.migration import MigrationContext  # here: costs 0.2 s, which no web process need pay at its start
        from alembic.operations import Operations
        self._op = Operations(MigrationContext.configure(self.connection))

    @property
    def op(self) -> Any:
        """Alembic's operations; each use is one statement and one point where a test may pull the plug."""
        self.step()
        return self._op

    def step(self) -> None:
        self.steps += 1
        fault(f"publish:{self.steps}")

    def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> sa.CursorResult:
        self.step()
        return self.connection.execute(sa.text(statement), parameters or {})


def carry_out_all(plan: Sequence[Change], work: Work) -> None:
    """Every change in order. Names that are exchanged (a for b, b for a) go through a third."""
    uniques.hold_first(plan, work)
    for kind, group in groupby(plan, key=type):
        changes = list(group)
        if kind in (RenameModule, RenameField):
            _step_aside(changes, work)
        for change in changes:
            carry_out(change, work)
    if work.switches:
        work.step()
        work.connection.execution_options(no_parameters=True).exec_driver_sql("; ".join(work.switches))
    for finish in work.later:
        finish()


@singledispatch
def carry_out(change: Change, work: Work) -> None:
    """Changes that touch no table have nothing to do here. A new change = a new class and one function."""


@carry_out.register
def _(change: AddModule, work: Work) -> None:
    table = build.table(change.module, sa.MetaData(), work.catalogue)
    work.op.create_table(table.name, *(column._copy() for column in table.columns),
                         schema=SCHEMA)
    for index in indexes.wanted(change.module, work.definitions, work.catalogue):
        work.step()
        work.connection.execute(sa.schema.CreateIndex(index.construct(table)))
    for each in change.module.fields:
        if target := build.target(each, work.catalogue):
            work.later.append(lambda name=each.name, target=target: work.op.create_foreign_key(
                None, change.module.name, target, [name], ["id"], source_schema=SCHEMA, referent_schema=SCHEMA,
                ondelete="SET NULL"))


@carry_out.register
def _(change: RetireModule, work: Work) -> None:
    work.op.rename_table(change.module.name, build.retired_name(change.module.id), schema=SCHEMA)


@carry_out.register
def _(change: RestoreModule, work: Work) -> None:
    work.op.rename_table(build.retired_name(change.module.id), change.module.name, schema=SCHEMA)
    for each in change.module.fields:
        uniques.hold(work, change.module, each)


@carry_out.register
def _(change: RenameModule, work: Work) -> None:
    work.op.rename_table(work.aside.get(change.module.id, change.before.name), change.module.name, schema=SCHEMA)


@carry_out.register
def _(change: AddField, work: Work) -> None:
    add_columns(work, change.module, change.field)
    uniques.hold(work, change.module, change.field)


@carry_out.register
def _(change: RetireField, work: Work) -> None:
    retire_columns(work, change.module, change.field, change.field.name)


@carry_out.register
def _(change: RestoreField, work: Work) -> None:
    if (change.field.id in work.relinked or needs_conversion(change.before, change.field, work.catalogue)
            or not parts_of(change.field, work.catalogue)):
        work.restored.add(change.field.id)                   # the change of type that follows reads the column put aside
    elif not bring_back(work, change.module, change.before, change.field.name):
        add_columns(work, change.module, change.field)
    uniques.hold(work, change.module, change.field)


@carry_out.register
def _(change: RenameField, work: Work) -> None:
    _rename(work, change.module, change.before, work.aside.get(change.field.id, change.before.name), change.field.name)


@carry_out.register
def _(change: ChangeFieldType, work: Work) -> None:
    _change_storage(work, change.module, change.before, change.field)
    uniques.hold(work, change.module, change.field)


@carry_out.register
def _(change: ChangeField, work: Work) -> None:
    _change_storage(work, change.module, change.before, change.field)
    uniques.hold(work, change.module, change.field)


# Columns

def add_columns(work: Work, module: Module, field: Field) -> None:
    """Nullable and without default: PostgreSQL touches no row."""
    target = build.target(field, work.catalogue)
    for column in build.columns(field, work.catalogue):
        if target and column.name == field.name:
            column.append_foreign_key(sa.ForeignKey(f"{SCHEMA}.{target}.id", ondelete="SET NULL"))
        work.op.add_column(module.name, column, schema=SCHEMA, inline_references=True)


def retire_columns(work: Work, module: Module, field: Field, name: str) -> None:
    """Put the columns, called `name` now, aside under names of their own, and write down what they were."""
    for part, column in _written_down(work, module, field).items():
        work.op.alter_column(module.name, build.part_column(name, part), new_column_name=column, schema=SCHEMA)


def _written_down(work: Work, module: Module, field: Field) -> dict[str, str]:
    """{part: the name its column shall have aside}."""
    aside = {part: build.retired_name(field.id, part, work.version) for part in parts_of(field, work.catalogue)}
    if not aside:
        return {}
    work.execute(
        "INSERT INTO house.metadata_retired_column (module_id, field_id, field, columns, retired_in, retired_at) "
        "VALUES (:module_id, :field_id, :field, cast(:columns AS jsonb), :version, :at)",
        {"module_id": module.id, "field_id": field.id, "field": documents.compact(field.to_json()),
         "columns": json.dumps(aside), "version": work.version, "at": work.at})
    return aside


def bring_back(work: Work, module: Module, like: Field, name: str) -> bool:
    """The columns put aside last that are stored as `like` is get this name; False when there are none."""
    for row in retired_columns(work.connection, like.id):
        if storage(row.field, work.catalogue) == storage(like, work.catalogue):
            for part, column in row.columns.items():
                work.op.alter_column(module.name, column, new_column_name=build.part_column(name, part), schema=SCHEMA)
            work.execute("DELETE FROM house.metadata_retired_column WHERE id = :id", {"id": row.id})
            return True
    return False


def _change_storage(work: Work, module: Module, before: Field, after: Field) -> None:
    """The old columns are called like the field is now: a rename came before."""
    olds, news = parts_of(before, work.catalogue), parts_of(after, work.catalogue)
    if after.id in work.relinked:
        if after.id not in work.restored:
            retire_columns(work, module, before, after.name)
        if not bring_back(work, module, after, after.name):
            add_columns(work, module, after)
    elif after.id in work.ready:
        old = {} if after.id in work.restored else _written_down(work, module, before)
        renames = [*((build.part_column(after.name, part), column) for part, column in old.items()),
                   *((column, build.part_column(after.name, part)) for part, column in work.ready[after.id].items())]
        quote = work.connection.dialect.identifier_preparer.quote
        work.switches += [f"ALTER TABLE {SCHEMA}.{quote(module.name)} RENAME COLUMN {quote(one)} TO {quote(other)}"
                          for one, other in renames]
    elif not news:
        if after.id not in work.restored:
            retire_columns(work, module, before, after.name)
    elif not olds:
        if not bring_back(work, module, after, after.name):
            add_columns(work, module, after)
    else:
        for part, type_ in news.items():
            if type_.compile(dialect=DIALECT) != olds[part].compile(dialect=DIALECT):
                work.op.alter_column(module.name, build.part_column(after.name, part), type_=type_, schema=SCHEMA)


def _rename(work: Work, module: Module, field: Field, old: str, new: str) -> None:
    for part in parts_of(field, work.catalogue):
        work.op.alter_column(module.name, build.part_column(old, part), new_column_name=build.part_column(new, part),
                             schema=SCHEMA)


def _step_aside(renames: Sequence[Any], work: Work) -> None:
    """Whoever's old name is another's new one takes a name nobody has first."""
    news = {(change.module.id if isinstance(change, RenameField) else "", _renamed(change).name) for change in renames}
    for change in renames:
        home = change.module.id if isinstance(change, RenameField) else ""
        if (home, change.before.name) in news:
            between = f"pending_{hashlib.sha256(change.before.id.encode()).hexdigest()[:12]}"
            work.aside[change.before.id] = between
            if isinstance(change, RenameField):
                _rename(work, change.module, change.before, change.before.name, between)
            else:
                work.op.rename_table(change.before.name, between, schema=SCHEMA)


def _renamed(change: Any) -> Any:
    return change.field if isinstance(change, RenameField) else change.module
