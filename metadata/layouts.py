"""Layouts, checked: one of a module's is for the rest; what stands on a tab names one that is there."""
from collections.abc import Iterator
from typing import Any

from metadata.errors import Problem
from metadata.model.layout import Layout
from metadata.words import say, sentences


def problems(layout: Layout, definitions: Any) -> Iterator[Problem]:
    """A module whose layouts are all for certain records or people has none for the others."""
    yield from _tabs(layout)
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
