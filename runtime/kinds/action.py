"""An action: something a button or rule does to a record."""
from typing import Any, ClassVar

from runtime.kinds.kind import Kind
from runtime.values import Actor, Record


class Action(Kind):
    family = "actions"

    acts: ClassVar[bool] = True
    """False where it changes nothing and only leads somewhere; a button of nothing else is a plain link."""

    def run(self, actor: Actor, record: Record, settings: dict[str, Any]) -> str:
        """Do it through records.service, and say what was done in one sentence."""
        raise NotImplementedError

    def address(self, actor: Actor, record: Record, settings: dict[str, Any]) -> str | None:
        """Where the person goes once everything is done; None to stay. Asked after run, with the record as it is then."""
        return None
