"""A layout: how a record's page and form are arranged."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from metadata.model.document import Document


@dataclass(frozen=True, kw_only=True)
class Layout(Document):
    """tabs: [{"name", "label"}]; without them everything stands on one page.

    sections: [{"name", "label", "columns": 1|2, "fields": [field names], "show_if": criteria?, "collapsed": bool?, "tab"?}]

    related: [{"module", "field" (the lookup pointing here), "label"?, "columns": [paths], "sort"?,
    "timeline"? {"at", "quote"?}: its records also stand in the page's timeline, "tab"?}]
    A section without a tab stands on the first; a related list without one beside the record, on whatever tab it is looked at.
    next_step: {"field", "on"?}: what is to be done next, as a card of its own.
    highlights: fields shown in the page's header.
    buttons: names of the record's buttons that stand there, in this order; None: all of them, also those made later. It
    arranges and forbids nothing: roles and conditions are the button's own.
    condition: a criteria tree, roles: ids; with either of them it is taken for the records and the people it fits. Such
    layouts are asked first, those of lower position before others (docs/decisions/0011); default: the one for the rest.
    """
    folder: ClassVar[str] = "layouts"
    id: str
    name: str
    module: str
    label: str
    tabs: tuple[Mapping[str, Any], ...] = ()
    sections: tuple[Mapping[str, Any], ...] = ()
    related: tuple[Mapping[str, Any], ...] = ()
    highlights: tuple[str, ...] = ()
    next_step: Mapping[str, Any] | None = None
    buttons: tuple[str, ...] | None = None
    default: bool = True
    condition: Any = None
    roles: tuple[str, ...] = ()
    position: int = 100

    @property
    def chosen(self) -> bool:
        """It is taken where its condition holds and for its roles; another is for the rest."""
        return bool(self.condition) or bool(self.roles)

    @property
    def key(self) -> str:
        return f"{self.module}.{self.name}"

    def tab_of(self, section: Mapping[str, Any]) -> str:
        """The name of the tab a section stands on; "" where there are none."""
        names = [tab["name"] for tab in self.tabs]
        named = section.get("tab", "")
        return named if named in names else names[0] if names else ""
