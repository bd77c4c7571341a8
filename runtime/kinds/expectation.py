"""An expectation: what must be so once the steps of a scenario are done."""
from typing import Any, ClassVar

from runtime.kinds.kind import Kind


class Expectation(Kind):
    family = "expectations"

    about_refusal: ClassVar[bool] = False
    """True where it speaks of the last step being refused: without one, a step that is refused makes the scenario red."""

    def broken(self, stage: Any, settings: dict[str, Any]) -> str:
        """Why it is not so, in one sentence; "" where it is (stage: runtime/records/stage.py)."""
        raise NotImplementedError

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        """In plain words: "It is refused: …" (tell: builder/scenario_words.py)."""
        raise NotImplementedError
