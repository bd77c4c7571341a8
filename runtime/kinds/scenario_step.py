"""A scenario step: one thing that somebody does in a scenario, through the verbs the pages use."""
from typing import Any

from runtime.kinds.kind import Kind

VALUES = {"type": "object", "propertyNames": {"type": "string", "format": "path", "in": "^module", "maxLength": 200},
          "additionalProperties": True, "maxProperties": 100, "records": "named", "title": "Values",
          "description": "As the API takes them; also another record by its name, and days such as today+7."}
"""Beside a `module`."""
MODULE = {"type": "string", "format": "module-name", "title": "Module", "description": "The module of the record."}
RECORD = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$", "records": "named", "title": "Record",
          "description": "What the test calls the record."}
NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$", "title": "Called",
        "description": "What the rest of the test calls the new record."}
ROLE = {"type": "string", "format": "role-id", "title": "Who", "description": "The role of the person. Empty: an administrator."}


class ScenarioStep(Kind):
    family = "scenario_steps"

    def run(self, stage: Any, settings: dict[str, Any]) -> None:
        """Do it as the person it says (stage: runtime/records/stage.py). A refusal is raised as the verb raises it."""
        raise NotImplementedError

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        """In plain words: "A Sales rep saves …" (tell: builder/scenario_words.py)."""
        raise NotImplementedError
