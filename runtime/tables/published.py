"""The published definitions as this process knows them: rebuilt when the number changes, shared where they did not.

A request learns the number from the statement that brings its session (`see`); jobs, commands and tests ask (`refresh`).
"""
import threading
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any, TypeVar

import sqlalchemy as sa

from metadata import store
from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.db import engine as engines
from runtime.db.transaction import reading
from runtime.errors import NotFound
from runtime.kinds.kind import catalogue
from runtime.locale import money
from runtime.locale.text import _
from runtime.tables import build

NUMBER = "SELECT number FROM house.metadata_published"
"""The published number, for statements that bring it along."""

Made = TypeVar("Made")


class Published:
    """One published version, with everything that can be made from it once."""
    read_only = False

    def __init__(self, number: int, definitions: Definitions, before: "Published | None" = None):
        self.number, self.definitions = number, definitions
        self.catalogue = catalogue()
        self.engine = engines.engine()
        self._tables: dict[str, sa.Table] = {}
        self._made: dict[Any, Any] = {}
        self._lock = threading.RLock()
        if before is not None and before.catalogue is self.catalogue:
            self._tables = {name: table for name, table in before._tables.items()
                            if definitions.module(name) is before.definitions.module(name)}

    @property
    def roles(self) -> Definitions:
        """Whose roles count."""
        return self.definitions

    def module(self, name: str) -> Module:
        """Also "users". Raises NotFound."""
        found = self.definitions.module(name)
        if found is None:
            raise NotFound(_("There is no module '%(name)s'.", name=name))
        return found

    def table(self, name: str) -> sa.Table:
        """The module's table in the schema `records`; house.person for "users". Raises NotFound."""
        found = self._tables.get(name)
        if found is None:
            module = self.module(name)
            with self._lock:
                found = self._tables.get(name)
                if found is None:
                    found = self._tables[name] = build.table(module, sa.MetaData(), self.catalogue)
        return found

    def type(self, field: Field) -> Any:
        """The field's FieldType."""
        return self.catalogue.get("field_types", field.type)

    def once(self, key: Any, make: Callable[[], Made]) -> Made:
        """What `make` makes, made once per version and process: forms, compiled criteria, layout trees."""
        try:
            return self._made[key]
        except KeyError:
            with self._lock:
                if key not in self._made:
                    self._made[key] = make()
                return self._made[key]

    def referencing(self, module: str) -> tuple[tuple[Module, Field], ...]:
        """(module, lookup field) of every field that points to this module."""
        return self.once(("referencing",), self._targets).get(module, ())

    def label(self, path: str, language: str, default: str) -> str:
        """A definition's label in a language: label("modules.deals.label", "vi", "Deal")."""
        translation = self.definitions.translations.get(language)
        return translation.labels.get(path) or default if translation else default

    def _targets(self) -> dict[str, tuple[tuple[Module, Field], ...]]:
        found: dict[str, list[tuple[Module, Field]]] = {}
        for module in self.definitions.modules.values():
            for field in module.all_fields:
                if target := self.type(field).target(field):
                    found.setdefault(target, []).append((module, field))
        return {name: tuple(fields) for name, fields in found.items()}


_current: Published | None = None
_pinned: ContextVar[Published | None] = ContextVar("published", default=None)
_loading = threading.Lock()


def current() -> Published:
    """What this request or job began with, else what this process knows; asks the database only the first time."""
    known = _pinned.get() or _current
    return known if known is not None and known.engine is engines.engine() else refresh()


def refresh() -> Published:
    """Ask the database for the number, and load what is new."""
    with reading() as connection:
        number = store.number(connection)
    return see(number)


def see(number: int) -> Published:
    """The published version is known to be this one. A request keeps what it got, whatever is published meanwhile."""
    found = _at(number)
    _pinned.set(found)
    return found


def pin(version: Published) -> Token:
    """This request goes on with that version (a draft looked at), until `unpin`."""
    return _pinned.set(version)


def unpin(token: Token) -> None:
    _pinned.reset(token)


def release() -> None:
    """A new request begins in this thread: keep nothing of the last one."""
    _pinned.set(None)


def _at(number: int) -> Published:
    global _current
    known = _current
    if known is not None and known.number == number and known.engine is engines.engine():
        return known
    with _loading:
        before = _current if _current is not None and _current.engine is engines.engine() else None
        if before is not None and before.number == number:
            return before
        with reading() as connection:
            found, definitions = store.published(connection)
            money.rates(connection, fresh=True)      # what readers and forms call the home currency
        if before is not None and before.number == found:
            return before                            # the number given was already old
        if before is not None:
            engines.renew()                          # prepared statements may not fit the tables any more
        _current = Published(found, definitions, before)
        return _current
