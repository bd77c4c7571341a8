"""Hidden: people of a role cannot see a record, or one of its fields."""
from typing import Any

from runtime.errors import BadQuery, NotFound, Refused
from runtime.kinds.expectation import Expectation
from runtime.kinds.scenario_step import MODULE, RECORD, ROLE
from runtime.locale.text import _


class Hidden(Expectation):
    name = "hidden"
    label = "A role cannot see it"
    settings_schema = {
        "type": "object",
        "required": ["as", "module", "record"],
        "properties": {
            "as": ROLE, "module": MODULE, "record": RECORD,
            "field": {"type": "string", "format": "path", "in": "module", "maxLength": 200, "title": "Field",
                      "description": "Only this field is hidden. Empty: the whole record."},
        },
        "additionalProperties": False,
    }

    def broken(self, stage: Any, settings: dict[str, Any]) -> str:
        module, record_id = stage.find(settings["record"], settings["module"])
        field = settings.get("field")
        try:
            stage.shown(stage.actor(settings["as"]), module, record_id, [field or "id"])
        except (NotFound, Refused, BadQuery):
            return ""
        if field:
            return _("'%(field)s' of %(record)s can be seen.", field=field, record=settings["record"])
        return _("%(record)s can be seen.", record=settings["record"])

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        if settings.get("field"):
            return _("%(who)s does not see %(field)s of %(record)s", who=tell.person(settings["as"]),
                     field=tell.field(settings["module"], settings["field"]), record=tell.record(settings["record"]))
        return _("%(who)s does not see %(record)s", who=tell.person(settings["as"]), record=tell.record(settings["record"]))
