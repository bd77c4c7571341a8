"""An action: something a button or rule does to a record."""
from typing import Any

from runtime.kinds.kind import Kind
from runtime.values import Actor, Record


class Action(Kind):
    family = "actions"

    def run(self, actor: Actor, record: Record, settings: dict[str, Any]) -> str:
        """Do it through records.service, and say what was done in one sentence."""
        raise NotImplementedError
