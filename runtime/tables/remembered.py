"""Remembered values: where a field was of the new type once, a value that still says the same is the very one it was then."""
from typing import Any

import sqlalchemy as sa

from metadata.model.field import Field
from runtime.db import clock
from runtime.db.transaction import Transaction, reading
from runtime.errors import RuntimeProblem
from runtime.tables.converter import Converter, Values
from runtime.tables.retired import RetiredColumn, retired_columns
from runtime.tables.storage import moves, storage
from runtime.values import HOUSE, Change


class Remembering:
    """Converts; and where the field once was of the new type, gives back the very value it had then, if it still says the same."""

    def __init__(self, conversion: Any, catalogue: Any):
        self.catalogue = catalogue
        self._field = conversion.after
        self._kind = catalogue.get("field_types", conversion.after.type)
        self._derived: dict[Any, dict[str, Any]] = {}
        self._forward = Converter(conversion.before, conversion.after, catalogue)
        self.aside = earlier(conversion, catalogue)
        self._back = Converter(self.aside.field, conversion.before, catalogue) if self.aside else None
        if self.aside and _points(conversion.before, catalogue) and not _points(self.aside.field, catalogue):
            self._back = _never                              # no value was carried into a link, so every one still counts

    def derived(self, made: dict[str, Any] | None, connection: sa.Connection) -> dict[str, Any] | None:
        """With the parts the type sets itself, as on any write (an amount's currency and home value)."""
        if not made or not (self._kind.derives and self._kind.writable):
            return made
        key = tuple(made.values())
        if key not in self._derived:
            name = self._field.name
            after = {f"{name}.{part}" if part else name: value for part, value in made.items()}
            try:
                self._kind.derive(Transaction(connection), self._field,
                                  Change(HOUSE, None, "update", None, {}, after, moment=HOUSE.moment(clock.now())))
            except RuntimeProblem:
                pass                                         # no rate for its currency: the value itself still counts
            self._derived[key] = {part: after.get(f"{name}.{part}" if part else name) for part in made}
        return self._derived[key]

    def __call__(self, values: Values, row: Any) -> dict[str, Any] | None:
        if self._back is not None:
            then = {part: row._mapping[column] for part, column in self.aside.columns.items()}
            if any(value is not None for value in then.values()):
                was = self._back(then)
                now = dict(values)
                if was == now or (was is None and all(value is None for value in now.values())):
                    return then
        return self._forward(values)


def _never(values: Values) -> None:
    return None


def _points(field: Field, catalogue: Any) -> bool:
    return catalogue.get("field_types", field.type).target(field) is not None


def earlier(conversion: Any, catalogue: Any) -> RetiredColumn | None:
    """The newest put aside whose values are good as they are: of the same type, stored alike, no choice replaced since."""
    with reading() as connection:
        return next((row for row in retired_columns(connection, conversion.after.id)
                     if row.field.type == conversion.after.type and set(row.columns.values()) != set(conversion.source.values())
                     and storage(row.field, catalogue) == storage(conversion.after, catalogue)
                     and not moves(row.field, conversion.after, catalogue)), None)
