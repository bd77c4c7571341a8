"""Table: rows and columns, the view every module has."""
from runtime.kinds.view_kind import ViewKind


class Table(ViewKind):
    name = "table"
    label = "Table"
    settings_schema = {
        "type": "object",
        "properties": {"home": {"type": "integer", "minimum": 1, "maximum": 99, "title": "Place on the home page",
                                "description": "Its first rows stand on everybody's home page, lower numbers first."}},
        "additionalProperties": False,
    }
