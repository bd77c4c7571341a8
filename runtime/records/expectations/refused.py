"""Refused: the last step was refused, perhaps at a field, perhaps with these words."""
from typing import Any

from runtime.errors import Invalid
from runtime.kinds.expectation import Expectation
from runtime.locale.text import _
from runtime.records.stage import told


class Refused(Expectation):
    name = "refused"
    label = "The last step is refused"
    about_refusal = True
    settings_schema = {
        "type": "object",
        "properties": {
            "field": {"type": "string", "maxLength": 200, "title": "At the field",
                      "description": "The field that says why. Empty: any."},
            "message": {"type": "string", "maxLength": 500, "title": "Saying", "description": "Words of the refusal. Empty: any."},
        },
        "additionalProperties": False,
    }

    def broken(self, stage: Any, settings: dict[str, Any]) -> str:
        problem, field, message = stage.refusal, settings.get("field", ""), settings.get("message", "")
        if problem is None:
            return _("It was done, though it should have been refused.")
        if field and field not in (problem.errors if isinstance(problem, Invalid) else ()):
            return _("It was refused, but not at '%(field)s': %(reason)s", field=field, reason=told(problem))
        if message and message.casefold() not in told(problem).casefold():
            return _("It was refused, but with other words: %(reason)s", reason=told(problem))
        return ""

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        if settings.get("message"):
            return _("It is refused: “%(reason)s”", reason=settings["message"])
        return _("It is refused")
