"""Roll-ups: keeps counts and sums over children true, soon after a child changed."""
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from metadata.model.field import Field
from metadata.model.module import Module
from runtime.db import clock
from runtime.kinds.event_handler import EventHandler
from runtime.kinds.field_type import RollUp
from runtime.records.facts import paths_of
from runtime.records.query import measured
from runtime.records.scope import Scope
from runtime.tables import criteria
from runtime.tables.published import Published, current
from runtime.values import HOUSE, Event

BATCH = 500


class RollUps(EventHandler):
    name = "roll_ups"
    label = "Keep roll-ups true"
    always = tried = True
    events = ("record.created", "record.updated", "record.deleted", "record.restored", "record.rolled_up",
              "records.imported", "records.removed", "metadata.published")

    def wants(self, event: Event) -> bool:
        return event.name == "metadata.published" or bool(_concerned(current(), event))

    def handle(self, event: Event, tx: Any) -> None:
        now = current()
        if event.name == "metadata.published":
            found = [(entry, untrue(now, tx, *entry)) for entry in _all(now)]
        else:
            found = [(entry, _parents(now, tx, entry[2], event)) for entry in _concerned(now, event)]
        for entry, ids in found:
            for start in range(0, len(ids), BATCH):
                refresh(now, tx, *entry, ids[start:start + BATCH])


def _all(now: Published) -> list[tuple[Module, Field, RollUp]]:
    def find() -> list[tuple[Module, Field, RollUp]]:
        return [(module, field, roll) for module in now.definitions.modules.values() for field in module.fields
                if (roll := now.type(field).rolls_up(field))]
    return now.once("roll_ups", find)


def _concerned(now: Published, event: Event) -> list[tuple[Module, Field, RollUp]]:
    """The roll-ups over this module that the change can move."""
    mine = [entry for entry in _all(now) if entry[2].module == event.module]
    if event.name not in ("record.updated", "record.rolled_up"):
        return mine
    touched = {path.partition(".")[0] for path in event.payload.get("changed", ())}
    return [entry for entry in mine if touched & _leans_on(now, entry[2])]


def _leans_on(now: Published, roll: RollUp) -> set[str]:
    """Names of the child's fields that a roll-up's value follows from; formulas count with what they read."""
    names = {roll.field, *([roll.of.partition(".")[0]] if roll.of else ()),
             *(path[0] for path in (paths_of(roll.criteria) if roll.criteria else ()))}
    child = now.module(roll.module)
    if any(now.type(field).expression(field) for name in names if (field := child.field(name))):
        return {field.name for field in child.fields}
    return names


def _parents(now: Published, tx: Any, roll: RollUp, event: Event) -> list[int]:
    """Ids of the parents the children of an event point to, or pointed to."""
    table = now.table(roll.module)
    link = table.c[roll.field]
    if event.name == "records.imported":
        found = tx.scalars(sa.select(link).distinct().where(table.c.id.in_(event.payload["ids"]), link.is_not(None)))
        return sorted({*found, *event.payload.get("parents", {}).get(roll.field, ())})
    if event.name == "records.removed":
        return sorted(event.payload.get("parents", {}).get(roll.field, ()))
    ids = {value for value in event.payload.get("changed", {}).get(roll.field, ()) if value is not None}
    ids |= set(tx.scalars(sa.select(link).where(table.c.id == event.record_id, link.is_not(None))))
    return sorted(ids)


def untrue(now: Published, tx: Any, parent: Module, field: Field, roll: RollUp) -> list[int]:
    """Ids of the parents whose roll-up is not what their children say."""
    table, fresh = now.table(parent.name), _fresh(now, parent, field, roll, None)
    return list(tx.scalars(sa.select(table.c.id).join(fresh, fresh.c.id == table.c.id)
                           .where(table.c[field.name].is_distinct_from(fresh.c.value)).order_by(table.c.id)))


def refresh(now: Published, tx: Any, parent: Module, field: Field, roll: RollUp, ids: Sequence[int]) -> None:
    """Work one roll-up out again for some parents; only rows whose value differs are written.

    The parents are locked first: the sums are then taken by a later statement, which sees every child that another
    worker's sums have seen, so that the last one to write is never the one who knew less.
    """
    table, column = now.table(parent.name), now.table(parent.name).c[field.name]
    tx.execute(sa.select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update(key_share=True))
    fresh = _fresh(now, parent, field, roll, ids)
    changed = tx.scalars(table.update().values({column: fresh.c.value})
                         .where(table.c.id == fresh.c.id, column.is_distinct_from(fresh.c.value)).returning(table.c.id)).all()
    if any(above.module == parent.name and field.name in _leans_on(now, above) for _, _, above in _all(now)):
        for record_id in changed:
            tx.emit("record.rolled_up", actor=HOUSE, module=parent.name, record_id=record_id,
                    payload={"changed": {field.name: [None, None]}})


def _fresh(now: Published, parent: Module, field: Field, roll: RollUp, ids: Sequence[int] | None) -> sa.Subquery:
    """(id, value) of some parents, or of all, as their children stand now."""
    child = now.module(roll.module)
    scope = Scope(now, HOUSE, child, HOUSE.moment(clock.now()))
    value = sa.func.count() if roll.measure == "count" else getattr(sa.func, roll.measure)(
        measured(scope, roll.of, roll.measure))
    where = scope.rows()
    if roll.criteria:
        where.append(criteria.as_sql(roll.criteria, scope))
    table, link = now.table(parent.name), scope.column((roll.field,))
    if ids is not None:
        where.append(link.in_(ids))
    sums = (sa.select(link.label("parent"), value.label("value")).select_from(scope.source())
            .where(*where, link.is_not(None)).group_by(link).subquery())
    type_ = table.c[field.name].type
    empty = sa.literal(0 if roll.measure in ("count", "sum") else None, type_)
    fresh = sa.select(table.c.id, sa.func.coalesce(sums.c.value, empty).cast(type_).label("value")).select_from(
        table.outerjoin(sums, sums.c.parent == table.c.id))
    return (fresh if ids is None else fresh.where(table.c.id.in_(ids))).subquery()
