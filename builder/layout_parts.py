"""Layout parts: what of a layout has its settings open (a section, a list, a tab, the layout itself), and its form's ends."""
from collections.abc import Mapping
from typing import Any

from builder import choices
from metadata import shape
from metadata.definitions import Definitions
from metadata.model.layout import Layout
from metadata.model.module import Module
from runtime.locale.text import _

SETTINGS = ("label", "condition", "roles", "highlights", "next_step")
SECTION = ("label", "columns", "show_if", "collapsed")
TAB = ("label",)
RELATED = ("label", "columns", "sort", "timeline")


class Part:
    """What has its settings open. at: its place in the layout's JSON ("sections.0."), "" for the layout itself."""

    def __init__(self, layout: Layout, at: tuple[str, int] | None, only: tuple[str, ...], title: str, home: Module, words: str):
        self.layout, self.at, self.only, self.title, self.home, self.words = layout, at, only, title, home, words
        whole = shape.schemas()["layout"]
        self.schema = whole["properties"][at[0]]["items"] if at else whole
        document = layout.to_json()
        self.content: dict[str, Any] = dict(document[at[0]][at[1]]) if at else document

    def into(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The layout's JSON with this as it is now."""
        document = self.layout.to_json()
        if self.at is None:
            return {**content, "id": self.layout.id, "name": self.layout.name, "module": self.layout.module}
        listed = [dict(each) for each in document[self.at[0]]]
        listed[self.at[1]] = dict(content)
        return {**document, self.at[0]: listed}

    def places(self) -> tuple[str, ...]:
        """How the checks call it: by number, or by name where it has one."""
        if self.at is None:
            return ("",)
        return tuple(f"{self.at[0]}.{each}." for each in (self.at[1], self.content.get("name")) if each is not None)

    def covers(self, place: str) -> bool:
        return any(f"{place}.".startswith(before) for before in self.places()) if self.at else place.split(".")[0] in self.only

    def mine(self, errors: Mapping[str, Any]) -> dict[str, Any]:
        """The errors by their places inside it."""
        return {place.removeprefix(next((each for each in self.places() if f"{place}.".startswith(each)), "")): sentences
                for place, sentences in errors.items()}


def opened(definitions: Definitions, layout: Layout, asked: Mapping[str, str]) -> Part | None:
    """asked: {"section": its name} or {"related": its number} or {"settings": "1"}, of the open tab {"settings": "tab"}.

    None where nothing that is there is open.
    """
    home = definitions.modules[layout.module]
    if asked.get("settings") == "tab" and layout.tabs:
        number = next((at for at, each in enumerate(layout.tabs) if each["name"] == asked.get("tab")), 0)
        tab = layout.tabs[number]
        return Part(layout, ("tabs", number), TAB, _("tab '%(tab)s'", tab=tab["label"]), home, texts_of_tab(layout, tab["name"]))
    if section := asked.get("section", ""):
        number = next((at for at, each in enumerate(layout.sections) if each["name"] == section), None)
        if number is not None:
            return Part(layout, ("sections", number), SECTION, _("section '%(section)s'", section=layout.sections[number]["label"]),
                        home, f"layouts.{layout.key}.sections.{section}")
    number = asked.get("related", "")
    if number.isdecimal() and int(number) < len(layout.related):
        listed = definitions.modules.get(layout.related[int(number)]["module"], home)
        return Part(layout, ("related", int(number)), RELATED, _("list '%(list)s'", list=choices.of_module(definitions, listed)),
                    listed, texts_of_list(layout, layout.related[int(number)]))
    if asked.get("settings"):
        return Part(layout, None, SETTINGS, _("the settings"), home, f"layouts.{layout.key}.label")
    return None


def texts_of_list(layout: Layout, related: Mapping[str, Any]) -> str:
    """Where the heading of a related list is translated."""
    return f"layouts.{layout.key}.related.{related['module']}.{related['field']}"


def texts_of_tab(layout: Layout, name: str) -> str:
    """Where the label of a tab is translated."""
    return f"layouts.{layout.key}.tabs.{name}"
