"""Field values: lets field types set what is theirs alone (numbers, home values) on every write."""
from typing import Any

from metadata.model.field import Field
from runtime.errors import RuntimeProblem
from runtime.kinds.field_type import FieldType
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
        for field, kind in _deriving(change.module):
            kind.derive(tx, field, change)

    def derive_all(self, tx: Any, changes: list[Change]) -> list[RuntimeProblem | None]:
        answers: list[RuntimeProblem | None] = [None] * len(changes)
        standing = dict(enumerate(changes))
        for field, kind in _deriving(changes[0].module) if changes else ():
            for at, problem in kind.derive_all(tx, field, standing).items():
                answers[at] = problem
                del standing[at]
        return answers


def _deriving(module: Any) -> list[tuple[Field, FieldType]]:
    now = current()
    return now.once(("deriving", module.name),
                    lambda: [(field, now.type(field)) for field in module.fields if now.type(field).derives])
