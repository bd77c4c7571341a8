"""Duplicates: asks before a record is saved that may be there already. Imports match existing records by their own field."""
from typing import Any

from runtime.kinds.record_step import RecordStep
from runtime.records import duplicates
from runtime.tables.published import current


class DuplicateRecords(RecordStep):
    name = "duplicates"
    label = "Duplicates"
    order = 60

    def applies(self, module: Any) -> bool:
        return bool(duplicates.rules(current(), module.name))

    def guard(self, tx, change):
        if change.actor.user_id is not None:
            duplicates.refuse(tx, current(), change)

    def guard_all(self, tx, changes):
        return [None] * len(changes)
