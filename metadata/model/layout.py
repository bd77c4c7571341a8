"""A layout: how a record's page and form are arranged."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class Layout(Document):
    """sections: [{"name", "label", "columns": 1|2, "fields": [field names], "show_if": criteria?, "collapsed": bool?}]

    related: [{"module", "field" (the lookup pointing here), "label"?, "columns": [paths], "sort"?,
    "timeline"? {"at", "quote"?}: its records also stand in the page's timeline}]
    next_step: {"field", "on"?}: what is to be done next, as a card of its own.
    highlights: fields shown in the page's header. default: the module's layout when no condition chooses another.
    """
    folder: ClassVar[str] = "layouts"
    id: str
    name: str
    module: str
    label: str
    sections: tuple[Mapping[str, Any], ...] = ()
    related: tuple[Mapping[str, Any], ...] = ()
    highlights: tuple[str, ...] = ()
    next_step: Mapping[str, Any] | None = None
    default: bool = True

    @property
    def key(self) -> str:
        return f"{self.module}.{self.name}"
