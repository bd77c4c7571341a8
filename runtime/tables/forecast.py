"""Forecast: how many values of a field would convert, and exactly which would not. Made in order of id, batch by batch, so
that it can be shown while it is made and gone on with after an interruption."""
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa

from runtime.tables import build
from runtime.tables.conversion import Conversion
from runtime.tables.converter import Converter
from runtime.tables.storage import moves, parts_of

BATCH = 20_000
NAMED = 1_000
"""So many of the records whose values do not fit are named, those with the lowest ids."""


@dataclass
class Forecast:
    """What a conversion would do. samples: (record id, the value as people read it) of values that do not fit, by id.

    moves: {(choice, the one that takes its place): how many records}; None where the type or storage changes.
    done: the last record that was looked at. at: when, of one that was kept; None: just now.
    """
    fits: int = 0
    fails: int = 0
    samples: list[tuple[int, str]] = field(default_factory=list)
    moves: Counter[tuple[str, str]] | None = None
    done: int = 0
    at: datetime | None = None

    @property
    def moved(self) -> int:
        return sum(self.moves.values()) if self.moves else 0

    def __str__(self) -> str:
        if self.moves is not None:
            told = [f"{count:,} {'record gets' if count == 1 else 'records get'} '{new}' instead of '{old}'."
                    for (old, new), count in self.moves.items()]
            return " ".join(told) or "No record holds a value that is replaced."
        if not self.fits and not self.fails:
            return "It has no values yet."
        if not self.fails:
            return f"{self.fits:,} values convert; all fit."
        shown = ", ".join(f"#{id} '{text[:40]}'" for id, text in self.samples[:5])
        told = f" ({shown}{' …' if self.fails > 5 else ''})" if shown else ""
        return f"{self.fits:,} values convert, {self.fails:,} do not and will be empty{told}. They stay in the old column."

    def to_json(self) -> dict[str, Any]:
        return {"fits": self.fits, "fails": self.fails, "samples": self.samples, "done": self.done,
                "moves": None if self.moves is None else [[*choices, count] for choices, count in self.moves.items()]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        known = kept["moves"]
        return cls(kept["fits"], kept["fails"], [(id, value) for id, value in kept["samples"]],
                   None if known is None else Counter({(old, new): count for old, new, count in known}), kept["done"])


class Forecaster:
    """Makes the forecast of one conversion. `step` looks at the next batch; what was seen before is remembered."""

    def __init__(self, conversion: Conversion, catalogue: Any):
        self.conversion = conversion
        self._converter = Converter(conversion.before, conversion.after, catalogue)
        self._moves = moves(conversion.before, conversion.after, catalogue)
        olds = parts_of(conversion.before, catalogue)
        self._table = sa.table(conversion.table, sa.column("id"), *(
            sa.column(column, olds[part]) for part, column in conversion.source.items()), schema=build.SCHEMA)

    def begun(self) -> Forecast:
        return Forecast(moves=Counter() if self._moves else None)

    def last(self, connection: sa.Connection) -> int:
        return connection.scalar(sa.select(sa.func.coalesce(sa.func.max(self._table.c.id), 0)))

    def step(self, connection: sa.Connection, found: Forecast) -> bool:
        """Adds the next records to what was found; False when there are no more."""
        parts, id = tuple(self.conversion.source), self._table.c.id
        columns = [self._table.c[column] for column in self.conversion.source.values()]
        rows = connection.execute(sa.select(id, *columns).where(
            id > found.done, sa.or_(*(column.is_not(None) for column in columns))).order_by(id).limit(BATCH)).all()
        for row in rows:
            self._look(found, row[0], dict(zip(parts, row[1:], strict=True)))
        if rows:
            found.done = rows[-1].id
        return len(rows) == BATCH

    def _look(self, found: Forecast, id: int, values: dict[str, Any]) -> None:
        if self._converter(values) is not None:
            found.fits += 1
            for move in self._converter.moves(values) if found.moves is not None else ():
                found.moves[move] += 1
        else:
            found.fails += 1
            if len(found.samples) < NAMED:
                found.samples.append((id, self._converter.shown(values)))


def forecast(connection: sa.Connection, conversion: Conversion, catalogue: Any,
             progress: Callable[[int, int], None] | None = None) -> Forecast:
    """The whole of it, here and now. progress: (looked at up to this id, last id)."""
    maker = Forecaster(conversion, catalogue)
    found, last = maker.begun(), maker.last(connection) if progress else 0
    while maker.step(connection, found):
        if progress:
            progress(found.done, last)
    return found


def left_behind(connection: sa.Connection, change: Any, catalogue: Any) -> Forecast:
    """For a field that points elsewhere from now on: none of its values can follow."""
    there = connection.scalar(sa.text(
        "SELECT EXISTS (SELECT FROM pg_class AS owner JOIN pg_namespace AS space ON space.oid = owner.relnamespace "
        "JOIN pg_attribute AS attribute ON attribute.attrelid = owner.oid "
        "WHERE space.nspname = 'records' AND owner.relname = :table AND attribute.attname = :column)"),
        {"table": change.module.name, "column": change.before.name})
    if not there:
        return Forecast()
    table = sa.table(change.module.name, sa.column(change.before.name), schema=build.SCHEMA)
    return Forecast(fails=connection.scalar(sa.select(sa.func.count(table.c[change.before.name]))))
