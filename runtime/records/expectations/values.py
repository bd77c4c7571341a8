"""Values: a record holds these values, formulas and roll-ups included."""
from typing import Any

from runtime.errors import NotFound
from runtime.kinds.expectation import Expectation
from runtime.kinds.scenario_step import MODULE, RECORD, ROLE, VALUES
from runtime.locale.text import _
from runtime.records.stage import same


class Values(Expectation):
    name = "values"
    label = "A record has values"
    settings_schema = {
        "type": "object",
        "required": ["module", "record", "values"],
        "properties": {"module": MODULE, "record": RECORD, "values": VALUES, "as": ROLE},
        "additionalProperties": False,
    }

    def broken(self, stage: Any, settings: dict[str, Any]) -> str:
        module, record_id = stage.find(settings["record"], settings["module"])
        wanted = stage.meant(module, settings["values"])
        try:
            found = stage.shown(stage.actor(settings.get("as")), module, record_id, list(wanted))
        except NotFound:
            return _("%(record)s is not there.", record=settings["record"])
        for path, value in wanted.items():
            if not same(found[path], value):
                return _("'%(field)s' of %(record)s is %(found)s, not %(wanted)s.", field=path, record=settings["record"],
                         found=_nothing(found[path]), wanted=_nothing(value))
        return ""

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        return _("%(record)s has %(values)s", record=tell.record(settings["record"]),
                 values=tell.values(settings["module"], settings["values"]))


def _nothing(value: Any) -> Any:
    return _("empty") if value is None or value == [] else value
