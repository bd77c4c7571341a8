"""Kanban: records as cards in lanes, one lane for each choice of a picklist; a card is moved by hand or by key."""
from runtime.kinds.view_kind import ViewKind
from runtime.locale.text import _
from runtime.records import board


class Kanban(ViewKind):
    name = "kanban"
    label = "Board"
    icon = "layout-kanban"
    template = "records/_board.html"
    styles = ("board.css",)
    scripts = ("vendor/sortable.min.js", "board.js")
    settings_schema = {
        "type": "object",
        "required": ["field"],
        "properties": {
            "field": {"type": "string", "format": "field-name", "title": "Lanes",
                      "description": "The picklist whose choices are the lanes. Moving a card sets it."},
            "hidden": {"type": "array", "title": "Choices without a lane", "uniqueItems": True, "maxItems": 500,
                       "description": "Records with these values are not on the board.",
                       "items": {"type": "string", "format": "choice", "of": "field", "maxLength": 120}},
        },
        "additionalProperties": False,
    }

    def held(self, view):
        return (view.settings["field"],) if view.settings.get("field") else ()

    def problems(self, view, module, catalogue):
        field = module.field(view.settings["field"])
        if field is None or not catalogue.has("field_types", field.type):
            return []                               # said already
        if not catalogue.get("field_types", field.type).staged:
            return [_("'%(field)s' is of type %(type)s and has no lanes. Choose a picklist.", field=field.label,
                      type=_(catalogue.get("field_types", field.type).label).lower())]
        return []

    def context(self, at, state):
        return board.context(at, state)
