"""Field values: lets field types set what is theirs alone (numbers, home values) on every write."""
from typing import Any

from runtime.kinds.record_step import RecordStep
from runtime.tables.published import current
from runtime.values import Change


class FieldValues(RecordStep):
    name = "field_values"
    label = "Values that fields set themselves"
    order = 20

    def applies(self, module: Any) -> bool:
        now = current()
        return any(now.type(field).derives for field in module.fields)

    def derive(self, tx: Any, change: Change) -> None:
        now = current()
        fields = now.once(("deriving", change.module.name),
                          lambda: [field for field in change.module.fields if now.type(field).derives])
        for field in fields:
            now.type(field).derive(tx, field, change)
