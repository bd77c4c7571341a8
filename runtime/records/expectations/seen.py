"""Seen: people of a role see a record, and one of its fields."""
from typing import Any

from runtime.errors import BadQuery, NotFound, Refused
from runtime.kinds.expectation import Expectation
from runtime.kinds.scenario_step import MODULE, RECORD, ROLE
from runtime.locale.text import _


class Seen(Expectation):
    name = "seen"
    label = "A role sees it"
    settings_schema = {
        "type": "object",
        "required": ["as", "module", "record"],
        "properties": {
            "as": ROLE, "module": MODULE, "record": RECORD,
            "field": {"type": "string", "format": "path", "in": "module", "maxLength": 200, "title": "Field",
                      "description": "This field, too. Empty: the record will do."},
        },
        "additionalProperties": False,
    }

    def broken(self, stage: Any, settings: dict[str, Any]) -> str:
        module, record_id = stage.find(settings["record"], settings["module"])
        field = settings.get("field")
        try:
            stage.shown(stage.actor(settings["as"]), module, record_id, [field or "id"])
        except (NotFound, Refused, BadQuery):
            return (_("'%(field)s' of %(record)s cannot be seen.", field=field, record=settings["record"]) if field
                    else _("%(record)s cannot be seen.", record=settings["record"]))
        return ""

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        if settings.get("field"):
            return _("%(who)s sees %(field)s of %(record)s", who=tell.person(settings["as"]),
                     field=tell.field(settings["module"], settings["field"]), record=tell.record(settings["record"]))
        return _("%(who)s sees %(record)s", who=tell.person(settings["as"]), record=tell.record(settings["record"]))
