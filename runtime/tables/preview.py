"""Preview: a draft's definitions over the records as they are, before anything is published. For reading only.

A field is found in the live table by its id: a renamed one under its old column, a new one empty, one whose type changes
empty too, since its values are converted only when it is published. A new module has no records.
"""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from metadata.definitions import Definitions
from metadata.model.module import USERS, Module
from runtime.tables import build, published
from runtime.tables.published import Published


class Preview(Published):
    """A draft as if it were published. `table` gives a subquery with the draft's columns; services refuse to write."""
    read_only = True

    def __init__(self, live: Published, definitions: Definitions, roles: Definitions | None = None):
        """roles: those to look with; without them the live ones, so that a draft grants nothing, nor keeps what was taken away."""
        super().__init__(live.number, definitions)
        self.live = live
        self._roles = roles or live.roles

    @property
    def roles(self) -> Definitions:
        return self._roles

    def table(self, name: str) -> Any:
        if name == USERS.name:
            return self.live.table(name)
        return self.once(("preview.table", name), lambda: self._over(self.module(name)))

    def _over(self, module: Module) -> sa.Subquery:
        wanted = build.table(module, sa.MetaData(), self.catalogue)
        before = self.live.definitions.module_by_id(module.id)
        if before is None:
            nothing = [sa.cast(sa.null(), column.type).label(column.name) for column in wanted.c]
            return sa.select(*nothing).where(sa.false()).subquery(module.name)
        table = self.live.table(before.name)
        places = self._places(before, module)
        return sa.select(*(table.c[places[column.name]].label(column.name) if column.name in places
                           else sa.cast(sa.null(), column.type).label(column.name) for column in wanted.c)).subquery(module.name)

    def _places(self, before: Module, module: Module) -> dict[str, str]:
        """{column in the draft: column of the live table} of what keeps its values."""
        places = {name: name for name in build.SYSTEM_COLUMNS}
        for field in module.fields:
            old = before.by_id.get(field.id)
            if old is None:
                continue
            stored = build.types(old, self.catalogue)
            for part, type_ in build.types(field, self.catalogue).items():
                if part in stored and type(stored[part]) is type(type_):
                    places[build.part_column(field.name, part)] = build.part_column(old.name, part)
        return places


@contextmanager
def shown(definitions: Definitions, live: Published | None = None, roles: Definitions | None = None) -> Iterator[Preview]:
    """Inside, `published.current()` is the draft over the records there are."""
    made = Preview(live or published.current(), definitions, roles)
    token = published.pin(made)
    try:
        yield made
    finally:
        published.unpin(token)
