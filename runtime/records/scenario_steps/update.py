"""Update: somebody changes a record."""
from typing import Any

from runtime.kinds.scenario_step import MODULE, RECORD, ROLE, VALUES, ScenarioStep
from runtime.locale.text import _
from runtime.records import service


class Update(ScenarioStep):
    name = "update"
    label = "Change a record"
    settings_schema = {
        "type": "object",
        "required": ["module", "record", "values"],
        "properties": {"as": ROLE, "module": MODULE, "record": RECORD, "values": VALUES},
        "additionalProperties": False,
    }

    def run(self, stage: Any, settings: dict[str, Any]) -> None:
        module, record_id = stage.find(settings["record"], settings["module"])
        given = stage.values(module, settings["values"])
        service.update(stage.actor(settings.get("as")), module, record_id, given, seen_version=None)

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        return _("%(who)s saves %(record)s with %(values)s", who=tell.person(settings.get("as")),
                 record=tell.record(settings["record"]), values=tell.values(settings["module"], settings["values"]))
