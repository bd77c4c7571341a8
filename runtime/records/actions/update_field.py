"""Update field: set one field of the record that set the rule off."""
from typing import Any

from runtime.kinds.action import Action
from runtime.locale.text import _
from runtime.records import given, service
from runtime.tables import labels
from runtime.tables.published import current
from runtime.values import Actor, Record


class UpdateField(Action):
    name = "update_field"
    label = "Update field"
    settings_schema = {
        "type": "object",
        "required": ["field"],
        "properties": {"field": {"type": "string", "format": "field-name", "title": "Field", "description": "The field to set."},
                       "value": {"of": "field", "title": "Value", "description": "What it becomes; empty clears it."},
                       "expression": {"type": "string", "format": "expression", "title": "Computed",
                                      "description": "Computed from the record instead of a fixed value."}},
        "additionalProperties": False,
    }

    def run(self, actor: Actor, record: Record, settings: dict[str, Any]) -> str:
        module = current().module(record.module)
        field = module.by_name[settings["field"]]
        value, label = given.value_of(actor, record, field, settings), labels.of_field(module, field)
        saved = service.update(actor, record.module, record.id, {field.name: value}, seen_version=record.version)
        if saved.version == record.version:
            return _("%(field)s was so already.", field=label)
        return _("%(field)s is set.", field=label)
