"""Checks of values: which of them a change of type would lose. Few are looked at here and now; many by a worker, which keeps
what it found, so that a page shows how far it is and nobody looks twice at values that are still the same.
"""
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.db.transaction import Transaction, in_transaction, transaction
from runtime.kinds.kind import catalogue
from runtime.tables import build
from runtime.tables.conversion import Conversion
from runtime.tables.forecast import Forecast, Forecaster, forecast
from runtime.tables.tally import tally
from runtime.values import Actor

SOON = 5_000
"""So many records are looked at while somebody waits."""
FRESH = timedelta(minutes=1)
"""Records may have changed since a check so long ago, without another being begun."""
LOST = timedelta(minutes=2)
"""A check that has not moved for so long is asked for again; a worker goes on with it where it stopped."""
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Check:
    """One that is under way: of a field, looked at up to this record of which last one; fails: values that do not fit so far."""
    field_id: str
    label: str
    done: int
    last: int
    fails: int

    @property
    def share(self) -> int:
        """In percent."""
        return min(99, self.done * 100 // self.last) if self.last else 0


def known(actor: Actor, connection: sa.Connection, conversions: Iterable[Conversion],
          fresh: timedelta = FRESH) -> tuple[dict[str, Forecast], tuple[Check, ...]]:
    """({field id: its forecast}, what is still being checked). What nobody has looked at yet is begun.

    fresh: how old what is kept may be where records have changed since.
    """
    found, waiting = {}, []
    for each in conversions:
        if _few(connection, each.table):
            found[each.after.id] = forecast(connection, each, catalogue())
            continue
        row = connection.execute(sa.text("SELECT tally, last, found, done, at FROM house.metadata_check WHERE key = :key"),
                                 {"key": each.key}).one_or_none()
        if row is None or _stale(row, tally(connection, each.table), fresh):
            _begin(actor, each)
            waiting.append(Check(each.after.id, each.after.label, 0, 0, 0))
        elif row.done:
            found[each.after.id] = replace(Forecast.from_json(row.found), at=row.at)
        else:
            waiting.append(Check(each.after.id, each.after.label, row.found["done"], row.last, row.found["fails"]))
    return found, tuple(waiting)


def run(key: str) -> None:
    """What the worker does, batch by batch; delivered twice, or interrupted, it leaves the same state."""
    makers: dict[str, Forecaster] = {}
    try:
        while in_transaction(lambda tx: _step(tx, key, makers)):
            pass
    except sa.exc.ProgrammingError:         # the table or column is called otherwise by now: who asks again asks for that
        with transaction() as tx:
            tx.execute(sa.text("DELETE FROM house.metadata_check WHERE key = :key"), {"key": key})


def _few(connection: sa.Connection, table: str) -> bool:
    some = sa.select(sa.literal(1)).select_from(sa.table(table, schema=build.SCHEMA)).limit(SOON + 1).subquery()
    return connection.scalar(sa.select(sa.func.count()).select_from(some)) <= SOON


def _stale(row: Any, now: int, fresh: timedelta) -> bool:
    if row.done:
        return row.tally != now and clock.now() - row.at > fresh
    return clock.now() - row.at > LOST


def _begin(actor: Actor, conversion: Conversion) -> None:
    """From the first record, unless it is one that only lost its worker; nothing where another request has just begun it."""
    maker, now = Forecaster(conversion, catalogue()), clock.now()
    with transaction() as tx:
        tx.execute(sa.text("DELETE FROM house.metadata_check WHERE at < :before AND key <> :key"),
                   {"before": now - KEPT, "key": conversion.key})
        begun = tx.execute(sa.text(
            "INSERT INTO house.metadata_check AS kept (key, conversion, tally, last, found, at) "
            "VALUES (:key, cast(:conversion AS jsonb), :tally, :last, cast(:found AS jsonb), :at) "
            "ON CONFLICT (key) DO UPDATE SET at = excluded.at, conversion = excluded.conversion, done = false, "
            "tally = CASE WHEN kept.done THEN excluded.tally ELSE kept.tally END, "
            "last = CASE WHEN kept.done THEN excluded.last ELSE kept.last END, "
            "found = CASE WHEN kept.done THEN excluded.found ELSE kept.found END "
            "WHERE kept.done OR kept.at < :lost"),
            {"key": conversion.key, "conversion": json.dumps(conversion.to_json()), "at": now, "lost": now - LOST,
             "tally": tally(tx.connection, conversion.table), "last": maker.last(tx.connection),
             "found": json.dumps(maker.begun().to_json())}).rowcount
        if begun:
            tx.emit("check.requested", actor=actor, payload={"key": conversion.key})


def _step(tx: Transaction, key: str, makers: dict[str, Forecaster]) -> bool:
    """The next batch; whether there is more to do."""
    row = tx.execute(sa.text("SELECT conversion, found FROM house.metadata_check WHERE key = :key AND NOT done FOR UPDATE"),
                     {"key": key}).one_or_none()
    if row is None:
        return False
    if key not in makers:
        makers[key] = Forecaster(Conversion.from_json(row.conversion), catalogue())
    found = Forecast.from_json(row.found)
    more = makers[key].step(tx.connection, found)
    tx.execute(sa.text("UPDATE house.metadata_check SET found = cast(:found AS jsonb), done = :done, at = :at WHERE key = :key"),
               {"found": json.dumps(found.to_json()), "done": not more, "at": clock.now(), "key": key})
    return more
