"""Undoing an import: what it created goes for good, what it changed gets its old values back; later work of people is kept."""
from typing import Any

import sqlalchemy as sa

from runtime.db import clock
from runtime.db.transaction import Transaction, in_transaction
from runtime.errors import Conflict, RuntimeProblem
from runtime.exchange import store
from runtime.exchange.run import actor_of, module_of
from runtime.exchange.store import Run
from runtime.locale.text import _
from runtime.records import bulk, history
from runtime.tables import published
from runtime.values import Actor

BATCH = 500


def go(import_id: int) -> Run:
    """To the end; killed meanwhile, it goes on where it stopped. Raises Conflict for an import that is not finished."""
    in_transaction(lambda tx: _begin(tx, import_id))
    while in_transaction(lambda tx: _put_back(tx, import_id)):
        pass
    while in_transaction(lambda tx: _take_out(tx, import_id)):
        pass
    in_transaction(lambda tx: store.change(tx, import_id, state="undone", finished_at=clock.now()))
    return store.get(import_id)


def _begin(tx: Transaction, import_id: int) -> None:
    run = store.get(import_id, tx)
    if run.state not in ("done", "failed", "undoing"):
        raise Conflict(_("This import is not finished; it can be undone when it is.") if run.state != "undone" else
                       _("This import was undone already."))
    store.change(tx, import_id, state="undoing")


def _put_back(tx: Transaction, import_id: int) -> bool:
    """A batch of changed records, newest change first: fields nobody touched since get their old values."""
    run = store.get(import_id, tx)
    now = published.refresh()
    module, actor = module_of(now, run), actor_of(run)
    table, log = now.table(module.name), history.history
    mine = tx.execute(
        sa.select(log.c.id, log.c.record_id, log.c.changed).select_from(log.join(table, table.c.id == log.c.record_id))
        .where(log.c.import_id == import_id, log.c.verb == "update", table.c.import_id.is_distinct_from(import_id),
               sa.true() if run.put_back_to is None else log.c.id < run.put_back_to)
        .order_by(log.c.id.desc()).limit(BATCH)).all()
    if not mine:
        return False
    changes: dict[int, dict[str, Any]] = {}
    kept = 0
    later = _since(tx, module, import_id, [row.record_id for row in mine], min(row.id for row in mine))
    for row in mine:
        for path, (old, _new) in history.clean(now, module, row.changed).items():
            if path in later.get(row.record_id, ()) or path.endswith(".home"):
                kept += not path.endswith(".home")
            else:
                changes.setdefault(row.record_id, {})[path] = old
    answers = bulk.update_many(tx, _everything(actor), module.name, list(changes.items())) if changes else []
    store.change(tx, import_id, put_back_to=min(row.id for row in mine))
    store.count(tx, import_id, undone=sum(1 for answer in answers if answer == "updated"),
                kept=kept + sum(1 for answer in answers if isinstance(answer, RuntimeProblem)))
    return True


def _since(tx: Transaction, module: Any, import_id: int, record_ids: list[int], first: int) -> dict[int, set[str]]:
    """{record id: paths} that somebody changed after the import did."""
    now = published.current()
    log = history.history
    found: dict[int, set[str]] = {}
    for row in tx.execute(sa.select(log.c.record_id, log.c.changed).where(
            log.c.module_id == module.id, log.c.record_id.in_(record_ids), log.c.id > first,
            log.c.import_id.is_distinct_from(import_id), log.c.channel != "undo")):
        found.setdefault(row.record_id, set()).update(history.clean(now, module, row.changed))
    return found


def _take_out(tx: Transaction, import_id: int) -> bool:
    """A batch of the records it created: those nobody touched since are deleted for good, the others stay."""
    run = store.get(import_id, tx)
    now = published.refresh()
    module, actor = module_of(now, run), actor_of(run)
    table, log = now.table(module.name), history.history
    touched = sa.exists().where(log.c.module_id == module.id, log.c.record_id == table.c.id,
                                log.c.import_id.is_distinct_from(import_id))
    stays = tx.execute(table.update().where(table.c.import_id == import_id, touched).values(import_id=None)).rowcount
    chosen = list(tx.scalars(sa.select(table.c.id).where(table.c.import_id == import_id).order_by(table.c.id.desc()).limit(BATCH)))
    if not chosen:
        store.count(tx, import_id, kept=stays)
        return False
    links = {field.name: table.c[field.name] for field in module.fields if now.type(field).stored and now.type(field).target(field)}
    parents: dict[str, set[int]] = {name: set() for name in links}
    for row in tx.execute(sa.select(*links.values()).where(table.c.id.in_(chosen))) if links else ():
        for name, value in zip(links, row, strict=True):
            if value is not None:
                parents[name].add(value)
    tx.execute(table.delete().where(table.c.id.in_(chosen)))
    history.purge(tx, module, chosen, _everything(actor), clock.now())
    tx.emit("records.removed", actor=actor, module=module.name,
            payload={"import_id": import_id, "ids": chosen, "parents": {name: sorted(ids) for name, ids in parents.items()}})
    store.count(tx, import_id, undone=len(chosen), kept=stays)
    return True


def _everything(actor: Actor) -> Actor:
    """Putting values back needs no right to each field: the values were there before."""
    return Actor(actor.user_id, actor.name, actor.roles, everything=True, language=actor.language, time_zone=actor.time_zone,
                 channel="undo")
