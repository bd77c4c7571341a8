"""Update field: set one field of the record that set the rule off."""
from typing import Any

from runtime.kinds.action import Action
from runtime.records import service
from runtime.values import Actor, Record


class UpdateField(Action):
    name = "update_field"
    label = "Update field"
    settings_schema = {
        "type": "object",
        "required": ["field", "value"],
        "properties": {"field": {"type": "string", "format": "field-name", "title": "Field", "description": "The field to set."},
                       "value": {"title": "Value", "description": "What it becomes; empty clears it."}},
        "additionalProperties": False,
    }

    def run(self, actor: Actor, record: Record, settings: dict[str, Any]) -> str:
        field, value = settings["field"], settings["value"]
        if record.values.get(field) == value:
            return f"{field} was already {value!r}."
        service.update(actor, record.module, record.id, {field: value}, seen_version=record.version)
        return f"Set {field} to {value!r}."
