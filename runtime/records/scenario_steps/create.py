"""Create: somebody saves a new record."""
from typing import Any

from runtime.kinds.scenario_step import MODULE, NAME, ROLE, VALUES, ScenarioStep
from runtime.locale.text import _
from runtime.records import service


class Create(ScenarioStep):
    name = "create"
    label = "Save a new record"
    settings_schema = {
        "type": "object",
        "required": ["module", "values"],
        "properties": {"as": ROLE, "module": MODULE, "values": VALUES, "name": NAME},
        "additionalProperties": False,
    }

    def run(self, stage: Any, settings: dict[str, Any]) -> None:
        module = settings["module"]
        made = service.create(stage.actor(settings.get("as")), module, stage.values(module, settings["values"]))
        stage.call(settings.get("name"), module, made.id)

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        return _("%(who)s saves a new %(record)s with %(values)s", who=tell.person(settings.get("as")),
                 record=tell.new(settings["module"], settings.get("name")),
                 values=tell.values(settings["module"], settings["values"]))
