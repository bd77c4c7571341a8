"""Forgetting: imports that will not be run or are long past, and files that no import has.

An import that was started meanwhile is not forgotten: the statement that deletes asks for its state. A file that somebody sends
again just then stays: it is deleted under a lock that every import takes when it begins (`store.hold_files`), after a last look.
"""
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from runtime.db import embedded
from runtime.db.transaction import Transaction, in_transaction, transaction
from runtime.exchange import store

AT_ONCE = 100


def forget(import_id: int, states: Sequence[str] = store.AT_REST) -> bool:
    """An import that will not be run, or that is long past, with its files where no other import needs them; whether it is
    gone: not where its state is another one by now."""
    with transaction() as tx:
        paths = store.remove(tx, import_id, states)
        if paths:
            tx.when_committed(lambda: unlink(paths))
    return bool(paths)


def sweep(tx: Transaction, before: datetime) -> None:
    """Files that were sent before then and that no import has: looked at to build by example, or of an upload that was cut off."""
    old = [str(place) for place in (embedded.home() / "imports").glob("*") if _sent_before(place, before)]
    unspoken = store.free(tx, old)
    tx.when_committed(lambda: unlink(unspoken, before))


def unlink(paths: Iterable[str], before: datetime | None = None) -> None:
    """Delete those of these files that no import has, and that were not sent again since."""
    left = list(paths)
    while left:
        some, left = left[:AT_ONCE], left[AT_ONCE:]

        def delete(tx: Any, some: list[str] = some) -> None:
            store.hold_files(tx, alone=True)
            for path in store.free(tx, some):
                if before is None or _sent_before(Path(path), before):
                    Path(path).unlink(missing_ok=True)
        in_transaction(delete)


def _sent_before(place: Path, before: datetime) -> bool:
    try:
        return place.is_file() and place.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False
