"""Restore: somebody takes a record out of the recycle bin."""
from typing import Any

from runtime.kinds.scenario_step import MODULE, RECORD, ROLE, ScenarioStep
from runtime.locale.text import _
from runtime.records import service


class Restore(ScenarioStep):
    name = "restore"
    label = "Restore a record"
    settings_schema = {
        "type": "object",
        "required": ["module", "record"],
        "properties": {"as": ROLE, "module": MODULE, "record": RECORD},
        "additionalProperties": False,
    }

    def run(self, stage: Any, settings: dict[str, Any]) -> None:
        module, record_id = stage.find(settings["record"], settings["module"])
        service.restore(stage.actor(settings.get("as")), module, record_id)

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        return _("%(who)s restores %(record)s", who=tell.person(settings.get("as")), record=tell.record(settings["record"]))
