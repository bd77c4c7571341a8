"""Refused: a step was refused, the last one unless it is named; perhaps at a field, perhaps with these words."""
from typing import Any

from runtime.errors import Invalid
from runtime.kinds.expectation import Expectation
from runtime.locale.text import _
from runtime.records.stage import told


class Refused(Expectation):
    name = "refused"
    label = "A step is refused"
    settings_schema = {
        "type": "object",
        "properties": {
            "step": {"type": "integer", "minimum": 1, "maximum": 30, "title": "Which step",
                     "description": "Its number among the steps. Empty: the last one. What was refused has not happened; the steps "
                                    "after it go on."},
            "field": {"type": "string", "maxLength": 200, "title": "At the field",
                      "description": "The field that says why. Empty: any."},
            "message": {"type": "string", "maxLength": 500, "title": "Saying", "description": "Words of the refusal. Empty: any."},
        },
        "additionalProperties": False,
    }

    def refused(self, settings: dict[str, Any], steps: int) -> int | None:
        return (settings.get("step") or steps) - 1

    def broken(self, stage: Any, settings: dict[str, Any]) -> str:
        at = self.refused(settings, stage.steps)
        if at is not None and at >= stage.steps:
            return _("There is no step %(number)s.", number=at + 1)
        problem, field, message = stage.refusals.get(at), settings.get("field", ""), settings.get("message", "")
        if problem is None:
            return _("It was done, though it should have been refused.")
        if field and field not in (problem.errors if isinstance(problem, Invalid) else ()):
            return _("It was refused, but not at '%(field)s': %(reason)s", field=field, reason=told(problem))
        if message and message.casefold() not in told(problem).casefold():
            return _("It was refused, but with other words: %(reason)s", reason=told(problem))
        return ""

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        if settings.get("step") and settings.get("message"):
            return _("Step %(number)s is refused: “%(reason)s”", number=settings["step"], reason=settings["message"])
        if settings.get("step"):
            return _("Step %(number)s is refused", number=settings["step"])
        if settings.get("message"):
            return _("It is refused: “%(reason)s”", reason=settings["message"])
        return _("It is refused")
