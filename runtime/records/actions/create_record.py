"""Create record: a new record of this or another module, linked to this one and filled from it."""
from typing import Any

from runtime.kinds.action import Action
from runtime.locale.text import _
from runtime.records import given, service
from runtime.tables import labels
from runtime.tables.published import current
from runtime.values import Actor, Record


class CreateRecord(Action):
    name = "create_record"
    label = "Create record"
    settings_schema = {
        "type": "object",
        "required": ["module"],
        "properties": {
            "module": {"type": "string", "format": "module-name", "title": "Module", "description": "What is made."},
            "link": {"type": "string", "format": "field-name", "in": "module", "title": "Link",
                     "description": "The new record's field that points back to this record."},
            "values": {"type": "array", "maxItems": 50, "title": "Values", "description": "What the new record begins with.",
                       "items": {
                "type": "object", "required": ["field"],
                "properties": {
                    "field": {"type": "string", "format": "field-name", "in": "^module", "title": "Field",
                              "description": "A field of the new record."},
                    "value": {"in": "^module", "of": "field", "title": "Value", "description": "What it holds."},
                    "expression": {"type": "string", "format": "expression", "title": "Computed",
                                   "description": "Computed from this record instead of a fixed value."}},
                "additionalProperties": False}},
        },
        "additionalProperties": False,
    }

    def run(self, actor: Actor, record: Record, settings: dict[str, Any]) -> str:
        module = current().module(settings["module"])
        values = {each["field"]: given.value_of(actor, record, module.by_name[each["field"]], each)
                  for each in settings.get("values", ())}
        if settings.get("link"):
            values[settings["link"]] = record.id
        made = service.create(actor, module.name, {name: value for name, value in values.items() if value is not None})
        return _("%(module)s %(name)s was made.", module=labels.title(module),
                 name=made.values.get(module.name_field) or f"#{made.id}")
