"""A record step: something a room adds to every write (numbers, formulas, rules, uniqueness, roll-ups)."""
from collections.abc import Callable
from typing import Any, ClassVar

from runtime.errors import RuntimeProblem
from runtime.kinds.kind import Kind
from runtime.values import Change


class RecordStep(Kind):
    """Steps run in bands: 10 defaults, 20 numbers, 30 formulas, 40 money, 50 the rest. Guards must not depend on order."""
    family = "record_steps"
    order: ClassVar[int] = 50
    verbs: ClassVar[tuple[str, ...]] = ("create", "update")

    def applies(self, module: Any) -> bool:
        """Asked once per module and published version; False leaves the step out of that module's pipeline."""
        return True

    def derive(self, tx: Any, change: Change) -> None:
        """Set values in change.after. Never commits, never sends."""

    def derive_all(self, tx: Any, changes: list[Change]) -> list[RuntimeProblem | None]:
        """Derive for a batch (imports); one answer per change. Steps that ask something once for all rows override it."""
        return _each(self.derive, tx, changes)

    def guard(self, tx: Any, change: Change) -> None:
        """Raise Refused, Invalid or Conflict when the finished change must not stand."""

    def guard_all(self, tx: Any, changes: list[Change]) -> list[RuntimeProblem | None]:
        """Guard a batch (imports); one answer per change. Steps that ask the database override it to ask once."""
        return _each(self.guard, tx, changes)

    def after(self, tx: Any, change: Change) -> None:
        """The record is written: write what belongs with it, in the same transaction."""


def _each(act: Callable[[Any, Change], None], tx: Any, changes: list[Change]) -> list[RuntimeProblem | None]:
    answers: list[RuntimeProblem | None] = []
    for change in changes:
        try:
            act(tx, change)
        except RuntimeProblem as problem:
            answers.append(problem)
        else:
            answers.append(None)
    return answers
