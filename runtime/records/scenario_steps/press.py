"""Press: somebody presses a button of a record."""
from typing import Any

from runtime.kinds.scenario_step import MODULE, RECORD, ROLE, ScenarioStep
from runtime.locale.text import _
from runtime.records import buttons


class Press(ScenarioStep):
    name = "press"
    label = "Press a button"
    settings_schema = {
        "type": "object",
        "required": ["module", "record", "button"],
        "properties": {"as": ROLE, "module": MODULE, "record": RECORD,
                       "button": {"type": "string", "format": "button-name", "in": "module", "maxLength": 40, "title": "Button",
                                  "description": "The button that is pressed."}},
        "additionalProperties": False,
    }

    def run(self, stage: Any, settings: dict[str, Any]) -> None:
        module, record_id = stage.find(settings["record"], settings["module"])
        buttons.press(stage.actor(settings.get("as")), module, record_id, settings["button"])

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        return _("%(who)s presses “%(button)s” on %(record)s", who=tell.person(settings.get("as")),
                 button=tell.button(settings["module"], settings["button"]), record=tell.record(settings["record"]))
