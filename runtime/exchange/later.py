"""Later: links to records that came later in the same file, looked at again when all rows are in."""
from collections import defaultdict
from typing import Any

from runtime.db.transaction import Transaction
from runtime.errors import RuntimeProblem
from runtime.exchange import store
from runtime.exchange.loading import Loader
from runtime.exchange.mapping import Target
from runtime.records import bulk


def look_again(tx: Transaction, loader: Loader, import_id: int, most: int) -> bool:
    """Some of the links that waited. False when none is left."""
    found = store.later(tx, import_id, most)
    if not found:
        return False
    loader.known.clear()
    texts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in found:
        texts[one.heading, one.reason].add(one.value)
    ids = {link: dict(loader.ids(tx.connection, _target(loader, *link), asked)) for link, asked in texts.items()}
    known, changes, notes = [], [], []
    for one in found:
        record_id = ids[one.heading, one.reason].get(one.value)
        if record_id is not None and record_id > 0:
            known.append(one)
            changes.append((one.record_id, {one.reason: record_id}))
        else:
            notes.append(_warning(one, loader.not_there(loader.module.name, one.value)))
    answers = bulk.update_many(tx, loader.actor, loader.module.name, changes, import_id=import_id) if changes else []
    for one, answer in zip(known, answers, strict=True):
        if isinstance(answer, RuntimeProblem):
            notes.append(_warning(one, answer.message))
    store.note(tx, import_id, notes)
    store.count(tx, import_id, warned=len(notes))
    return True


def _target(loader: Loader, heading: str, path: str) -> Target:
    return next(target for target in loader.mapping.columns[heading] if target.path == path)


def _warning(one: Any, reason: str) -> dict[str, Any]:
    return {"row_no": one.row_no, "kind": "warning", "heading": one.heading, "value": one.value, "record_id": one.record_id,
            "reason": reason}
