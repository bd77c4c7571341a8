"""Convert: somebody converts a record by its convert map."""
from typing import Any

from runtime.kinds.scenario_step import MODULE, RECORD, ROLE, ScenarioStep
from runtime.locale.text import _
from runtime.records import convert


class Convert(ScenarioStep):
    name = "convert"
    label = "Convert a record"
    settings_schema = {
        "type": "object",
        "required": ["module", "record"],
        "properties": {
            "as": ROLE, "module": MODULE, "record": RECORD,
            "names": {"type": "object", "propertyNames": {"type": "string", "format": "module-name", "maxLength": 40},
                      "additionalProperties": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}, "maxProperties": 10,
                      "title": "Called", "description": "What the rest of the test calls the records made, by module."},
        },
        "additionalProperties": False,
    }

    def run(self, stage: Any, settings: dict[str, Any]) -> None:
        module, record_id = stage.find(settings["record"], settings["module"])
        names = settings.get("names", {})
        for name, made in convert.convert(stage.actor(settings.get("as")), module, record_id, seen_version=None):
            stage.call(names.get(name), name, made)

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        made = ", ".join(tell.new(module, name) for module, name in settings.get("names", {}).items())
        if made:
            return _("%(who)s converts %(record)s into %(made)s", who=tell.person(settings.get("as")),
                     record=tell.record(settings["record"]), made=made)
        return _("%(who)s converts %(record)s", who=tell.person(settings.get("as")), record=tell.record(settings["record"]))
