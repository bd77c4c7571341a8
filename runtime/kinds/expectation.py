"""An expectation: what must be so once the steps of a scenario are done."""
from typing import Any

from runtime.kinds.kind import Kind


class Expectation(Kind):
    family = "expectations"

    def refused(self, settings: dict[str, Any], steps: int) -> int | None:
        """The step (0 is the first of so many) it says is refused, None for none: any other that is makes the scenario red."""
        return None

    def broken(self, stage: Any, settings: dict[str, Any]) -> str:
        """Why it is not so, in one sentence; "" where it is (stage: runtime/records/stage.py)."""
        raise NotImplementedError

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        """In plain words: "It is refused: …" (tell: builder/scenario_words.py)."""
        raise NotImplementedError
