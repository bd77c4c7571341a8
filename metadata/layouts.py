"""Layouts, checked: one of a module's is for the rest; what stands on a tab names one that is there; buttons are the record's."""
from collections.abc import Iterator
from typing import Any

from metadata.errors import Problem
from metadata.model.button import Button
from metadata.model.layout import Layout
from metadata.model.module import Module
from metadata.words import near, say, sentences


def problems(layout: Layout, definitions: Any) -> Iterator[Problem]:
    """A module whose layouts are all for certain records or people has none for the others."""
    yield from _tabs(layout)
    yield from _buttons(layout, definitions)
    if not layout.chosen:
        return
    others = definitions.layouts_of(layout.module)
    if others[0].chosen and layout.path == others[-1].path:
        home = definitions.module(layout.module)
        yield Problem(f"{layout.path}#condition", say("Every layout of %(module)s is for certain records or roles only. Leave "
                                                      "one without a condition and roles, for the rest.",
                                                      module=home.plural if home else layout.module))


def _tabs(layout: Layout) -> Iterator[Problem]:
    names = [tab["name"] for tab in layout.tabs]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(f"{layout.path}#tabs.{name}", say("Two tabs are named '%(name)s'. Rename one.", name=name))
    for part in ("sections", "related"):
        for position, each in enumerate(getattr(layout, part)):
            if (name := each.get("tab")) and name not in names:
                yield Problem(f"{layout.path}#{part}.{each.get('name', position)}.tab", sentences(
                    say("There is no tab '%(name)s' on this layout.", name=name),
                    say("Choose one of: %(names)s.", names=", ".join(names)) if names else say("Leave it empty, or add the tab.")))


def _buttons(layout: Layout, definitions: Any) -> Iterator[Problem]:
    places = {button.name: button.place for button in definitions.buttons_of(layout.module)} if layout.buttons else {}
    for position, name in enumerate(layout.buttons or ()):
        if (place := places.get(name, "record")) != "record":
            stands = (say("The button '%(name)s' stands in the rows of a list, not on the record's page.", name=name)
                      if place == "row" else
                      say("The button '%(name)s' stands above a list, for the ticked rows, not on the record's page.", name=name))
            yield Problem(f"{layout.path}#buttons.{position}", sentences(
                stands, say("Take it off the layout, or change its place.")))


def unknown_button(name: Any, home: Module, definitions: Any) -> Iterator[str]:
    """Why a name is none of the module's buttons; nothing where it is one."""
    known = [button.name for button in definitions.buttons_of(home.name)]
    if name in known:
        return
    other = next((definitions.module(each.module) for each in definitions.of(Button) if each.name == name), None)
    said = (say("The button '%(name)s' is one of %(other)s, not of %(module)s.", name=name, other=other.plural, module=home.plural)
            if other else say("There is no button '%(name)s' in %(module)s.", name=str(name)[:60], module=home.plural))
    yield sentences(said, near(name, known))
