"""Buttons of a layout on its canvas: which stand in the record's header, and in which order; what one move makes of it."""
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from builder import choices
from metadata.definitions import Definitions
from metadata.model.button import Button
from metadata.model.layout import Layout
from runtime.errors import NotFound
from runtime.locale.text import _
from runtime.records.buttons import arranged
from runtime.records.pages.buttons import BESIDE

Edit = Callable[[Layout], Layout]
LOOK = {"page": "record"}
"""What of the canvas is open after a move: buttons are seen on the record's page, not on its form."""


def of_record(definitions: Definitions, module: str) -> list[Button]:
    """The buttons of the module that may stand on a layout at all."""
    return [button for button in definitions.buttons_of(module) if button.place == "record"]


def move(definitions: Definitions, layout: Layout, name: str = "", to: str = "",
         at: str = "") -> tuple[str, Edit, dict[str, Any]]:
    """to: "@" with its place (or none: last), "off", "left", "right". name "all": all of them again, also those to come."""
    known = of_record(definitions, layout.module)
    if name == "all":
        return (_("Show all buttons on layout '%(layout)s'.", layout=layout.label),
                lambda held: replace(held, buttons=None), LOOK)
    button = next((each for each in known if each.name == name), None)
    if button is None and not (to == "off" and name in (layout.buttons or ())):
        raise NotFound(_("There is no button '%(name)s' in this draft.", name=name))
    said = {"button": choices.of_document(definitions, button) if button else name, "layout": layout.label}
    if to == "off":
        return _("Take button '%(button)s' off layout '%(layout)s'.", **said), lambda held: _take(held, known, name), LOOK
    if to == "@":
        place = int(at) if at.isdecimal() else None
        sentence = (_("Move button '%(button)s' on layout '%(layout)s'.", **said) if name in _names(layout, known)
                    else _("Put button '%(button)s' on layout '%(layout)s'.", **said))
        return sentence, lambda held: put(held, known, name, place), LOOK
    step = {"left": -1, "up": -1, "right": 1, "down": 1}.get(to, 0)
    return (_("Move button '%(button)s' on layout '%(layout)s'.", **said), lambda held: _step(held, known, name, step), LOOK)


def put(layout: Layout, known: list[Button], name: str, at: int | None = None) -> Layout:
    """Into the header, at this place or last."""
    names = [each for each in _names(layout, known) if each != name]
    names.insert(len(names) if at is None else at, name)
    return replace(layout, buttons=tuple(names))


def made(definitions: Definitions, module: str, layout: str, name: str) -> Definitions:
    """A new button stands on the layout it was made for; on others that name theirs it does not."""
    held = next((each for each in definitions.layouts_of(module) if each.name == layout), None)
    if held is None or held.buttons is None:
        return definitions
    return definitions.with_document(put(held, of_record(definitions, module), name))


def on_canvas(definitions: Definitions, layout: Layout) -> dict[str, Any]:
    """stand, rest: {"name", "label", "icon"} of the buttons in the header and of the others; all: nobody has arranged them."""
    known = of_record(definitions, layout.module)
    placed = arranged(layout, known)
    lost = [{"name": name, "label": name, "icon": "alert-triangle"} for name in layout.buttons or ()
            if name not in {each.name for each in known}]
    return {"stand": [_drawn(definitions, each) for each in placed] + lost, "all": layout.buttons is None, "beside": BESIDE,
            "rest": [_drawn(definitions, each) for each in known if each not in placed]}


def _drawn(definitions: Definitions, button: Button) -> dict[str, str]:
    return {"name": button.name, "label": choices.of_document(definitions, button), "icon": button.icon or "bolt"}


def _names(layout: Layout, known: list[Button]) -> list[str]:
    return list(layout.buttons) if layout.buttons is not None else [button.name for button in known]


def _take(layout: Layout, known: list[Button], name: str) -> Layout:
    """Out of the header; the button itself stays."""
    return replace(layout, buttons=tuple(each for each in _names(layout, known) if each != name))


def _step(layout: Layout, known: list[Button], name: str, steps: int) -> Layout:
    names = _names(layout, known)
    if name not in names:
        raise NotFound(_("The button '%(name)s' is not on this layout.", name=name))
    at = names.index(name)
    names.insert(max(at + steps, 0), names.pop(at))
    return replace(layout, buttons=tuple(names))
