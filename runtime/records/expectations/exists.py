"""Exists: so many records of a module meet a condition or hold these values."""
from typing import Any

from runtime.kinds.expectation import Expectation
from runtime.kinds.scenario_step import MODULE, ROLE, VALUES
from runtime.locale.text import _, ngettext
from runtime.records import query


class Exists(Expectation):
    name = "exists"
    label = "Records exist"
    settings_schema = {
        "type": "object",
        "required": ["module"],
        "properties": {
            "module": MODULE,
            "criteria": {"format": "criteria", "in": "module", "title": "Condition", "description": "Which records. Empty: all."},
            "values": VALUES,
            "count": {"type": "integer", "minimum": 0, "maximum": 1000, "title": "How many",
                      "description": "0: none. Empty: at least one."},
            "as": ROLE,
        },
        "additionalProperties": False,
    }

    def broken(self, stage: Any, settings: dict[str, Any]) -> str:
        module = settings["module"]
        asked = [settings["criteria"]] if settings.get("criteria") else []
        asked += [{"field": path, "operator": "empty"} if value is None else {"field": path, "operator": "is", "operand": value}
                  for path, value in stage.meant(module, settings.get("values", {})).items()]
        question = query.Query(module, ("id",), {"all": asked} if asked else None)
        found, _capped = query.count(stage.actor(settings.get("as")), question)
        wanted = settings.get("count")
        if wanted is None:
            return "" if found else _("There is no such record in %(module)s.", module=module)
        return "" if found == wanted else _("There are %(found)s such records in %(module)s, not %(wanted)s.", found=found,
                                            module=module, wanted=wanted)

    def said(self, tell: Any, settings: dict[str, Any]) -> str:
        which = tell.which(settings["module"], settings.get("criteria"), settings.get("values", {}))
        count = settings.get("count")
        if count is None:
            return _("There is a %(which)s", which=which)
        if count == 0:
            return _("There is no %(which)s", which=which)
        return ngettext("There is %(n)s %(which)s", "There are %(n)s %(which)s", count, n=count, which=which)
