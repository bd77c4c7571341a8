"""Settings of the installation that people change while it runs: house.setting, a JSON value by its name.

A process remembers what it reads often (`Remembered`), so that another process may lag behind it by some seconds.
"""
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from runtime.db import engine
from runtime.db.transaction import reading

KEPT_SECONDS = 10.0
_setting = sa.Table("setting", sa.MetaData(schema="house"), sa.Column("name", sa.Text, primary_key=True), sa.Column("value", JSONB))
Value = TypeVar("Value")


def read(connection: Any, name: str, *, lock: bool = False) -> Any:
    """None where nobody has said it. connection: or a transaction."""
    asked = sa.select(_setting.c.value).where(_setting.c.name == name)
    return connection.scalar(asked.with_for_update() if lock else asked)


def keep(connection: Any, name: str, value: Any) -> None:
    given = insert(_setting).values(name=name, value=value)
    connection.execute(given.on_conflict_do_update(index_elements=["name"], set_={"value": given.excluded.value}))


def remove(connection: Any, name: str) -> None:
    connection.execute(sa.delete(_setting).where(_setting.c.name == name))


class Remembered(Generic[Value]):
    """read: asks a connection; default: what holds where no database was asked yet."""

    def __init__(self, read: Callable[[Any], Value], default: Callable[[], Value]):
        self._read, self._default = read, default
        self._known: tuple[float, Any, Value] | None = None

    def asked(self, connection: Any, *, fresh: bool = False) -> Value:
        """connection: any open one. fresh: whatever is remembered."""
        known = self._known
        if fresh or known is None or known[1] is not connection.engine or time.monotonic() - known[0] > KEPT_SECONDS:
            known = self._known = (time.monotonic(), connection.engine, self._read(connection))
        return known[2]

    def now(self) -> Value:
        """Without a connection at hand; what was known last where the database cannot be reached, so that a page can say so."""
        if not engine.made():
            return self._default()
        known = self._known
        if known is not None and known[1] is engine.engine() and time.monotonic() - known[0] <= KEPT_SECONDS:
            return known[2]
        try:
            with reading() as connection:
                return self.asked(connection)
        except sa.exc.SQLAlchemyError:
            return known[2] if known is not None else self._default()

    def forget(self) -> None:
        self._known = None
