"""Tabs on the canvas of a layout: added, named, ordered, taken away, and what stands on which."""
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from builder import choices, layout_edits
from builder.ids import name_of
from builder.layout_parts import texts_of_tab
from metadata.definitions import Definitions
from metadata.model.layout import Layout
from metadata.model.layout_extension import without_tabs
from runtime.errors import NotFound
from runtime.locale.text import _

Edit = Callable[[Layout], Layout]
Move = tuple[str, Edit, dict[str, Any]]

BESIDE = "beside"
"""Where a related list goes that shall stand on no tab."""


# What a tab is ---------------------------------------------------------------------------------------------------

def opened(layout: Layout, asked: str) -> str:
    """The tab the canvas shows: the one asked for, else the first; "" where there are none."""
    return layout.tab_of({"tab": asked})


def tab_of(layout: Layout, name: str) -> Mapping[str, Any]:
    """Raises NotFound."""
    found = next((tab for tab in layout.tabs if tab["name"] == name), None)
    if found is None:
        raise NotFound(_("There is no tab '%(name)s' on this layout.", name=name))
    return found


def label(known: Definitions, layout: Layout, name: str) -> str:
    """What it is called in the reader's language."""
    return choices.label(known, texts_of_tab(layout, name), tab_of(layout, name)["label"])


# Edits: each answers a new layout -----------------------------------------------------------------------------------

def add(layout: Layout, title: str, first: str) -> tuple[Layout, str]:
    """Behind the others; the first one of a layout comes with another before it, which has all there is. (the layout, its name)"""
    tabs = list(layout.tabs) or [{"name": name_of(first, what="tab"), "label": first}]
    name = name_of(title, {tab["name"] for tab in tabs}, what="tab")
    return replace(layout, tabs=(*tabs, {"name": name, "label": title})), name


def move(layout: Layout, name: str, to: int) -> Layout:
    """Whatever is first then, nothing changes its tab."""
    moved = tab_of(layout, name)
    tabs = [tab for tab in layout.tabs if tab["name"] != name]
    tabs.insert(max(to, 0), moved)
    return replace(_fixed(layout), tabs=tuple(tabs))


def remove(layout: Layout, name: str) -> Layout:
    """What stood on it goes to the first of the others; its lists, beside the record."""
    tab_of(layout, name)
    return without_tabs(_fixed(layout), {name})


def put_section(layout: Layout, section: str, name: str) -> Layout:
    tab_of(layout, name)
    return layout_edits.change_section(layout, section, {**layout_edits.section_of(layout, section), "tab": name})


def put_list(layout: Layout, at: int, name: str) -> Layout:
    """name: "" is beside the record. at: -1 is the last one."""
    at = at % len(layout.related) if layout.related else at
    related = {key: value for key, value in layout_edits.related_of(layout, at).items() if key != "tab"}
    if name:
        related["tab"] = tab_of(layout, name)["name"]
    return replace(layout, related=(*layout.related[:at], related, *layout.related[at + 1:]))


def _fixed(layout: Layout) -> Layout:
    """Each section says its tab, so that it keeps it when another becomes the first."""
    return replace(layout, sections=tuple({**each, "tab": layout.tab_of(each)} for each in layout.sections))


# Moves of the canvas ----------------------------------------------------------------------------------------------

def move_tab(definitions: Definitions, layout: Layout, name: str = "", to: str = "", _more: str = "") -> Move:
    """"tab new", "tab papers left", "tab papers 0", "tab papers remove"."""
    if name == "new":
        _made, given = add(layout, _("New tab"), _("Overview"))
        return (_("Add a tab to layout '%(layout)s'.", layout=layout.label),
                lambda held: add(held, _("New tab"), _("Overview"))[0],
                {"tab": given, "section": "", "related": "", "settings": "tab"})
    title = label(definitions, layout, name)
    if to == "remove":
        left = remove(layout, name).tabs
        told = (_("Tab '%(tab)s' is removed. What stood on it is on '%(first)s' now.", tab=title,
                  first=label(definitions, layout, left[0]["name"])) if left
                else _("Tab '%(tab)s' is removed. Everything stands on one page again.", tab=title))
        return (_("Remove tab '%(tab)s' of layout '%(layout)s'.", tab=title, layout=layout.label), lambda held: remove(held, name),
                {"tab": "", "settings": "", "told": told, "forgotten": texts_of_tab(layout, name)})
    at = [tab["name"] for tab in layout.tabs].index(name)
    goal = int(to) if to.isdecimal() else at + {"left": -1, "up": -1, "right": 1, "down": 1}.get(to, 0)
    said = _("Move tab '%(tab)s' of layout '%(layout)s'.", tab=title, layout=layout.label)
    return said, lambda held: move(held, name, goal), {}


def field_to(definitions: Definitions, layout: Layout, field: str, title: str, name: str) -> Move:
    """"field amount tab papers": last in the first section that stands there; one is begun where none does."""
    goal = label(definitions, layout, name)
    return (_("Move '%(field)s' to tab '%(tab)s' of layout '%(layout)s'.", field=title, tab=goal, layout=layout.label),
            lambda held: layout_edits.put_field(held, field, "", None, goal, name),
            {"told": _("'%(part)s' is on tab '%(tab)s' now.", part=title, tab=goal)})


def section_to(definitions: Definitions, layout: Layout, section: str, name: str) -> Move:
    """"section owner tab papers"."""
    texts = f"layouts.{layout.key}.sections.{section}"
    title = choices.label(definitions, texts, layout_edits.section_of(layout, section)["label"])
    goal = label(definitions, layout, name)
    return (_("Move section '%(section)s' to tab '%(tab)s' of layout '%(layout)s'.", section=title, tab=goal, layout=layout.label),
            lambda held: put_section(held, section, name),
            {"section": "", "told": _("'%(part)s' is on tab '%(tab)s' now.", part=title, tab=goal)})


def list_to(definitions: Definitions, layout: Layout, at: int, name: str, title: str) -> Move:
    """"related 0 tab papers", "related 0 tab beside"."""
    if name == BESIDE:
        return (_("Move list '%(list)s' of layout '%(layout)s' beside the record.", list=title, layout=layout.label),
                lambda held: put_list(held, at, ""),
                {"related": "", "told": _("'%(part)s' is beside the record now, on every tab.", part=title)})
    goal = label(definitions, layout, name)
    return (_("Move list '%(list)s' to tab '%(tab)s' of layout '%(layout)s'.", list=title, tab=goal, layout=layout.label),
            lambda held: put_list(held, at, name),
            {"related": "", "told": _("'%(part)s' is on tab '%(tab)s' now.", part=title, tab=goal)})


# What the canvas shows of it ----------------------------------------------------------------------------------------

def strip(definitions: Definitions, layout: Layout, asked: str) -> list[dict[str, Any]]:
    """The tabs from left to right. count: what stands on each."""
    now = opened(layout, asked)
    stands = [layout.tab_of(section) for section in layout.sections] + [each.get("tab") for each in layout.related]
    return [{"name": tab["name"], "label": label(definitions, layout, tab["name"]), "open": tab["name"] == now,
             "count": stands.count(tab["name"])} for tab in layout.tabs]


def goals(definitions: Definitions, layout: Layout, asked: str) -> list[dict[str, str]]:
    """Every section a field may go to; those of another tab with its name before theirs."""
    now, made = opened(layout, asked), []
    for section in layout.sections:
        texts, tab = f"layouts.{layout.key}.sections.{section['name']}", layout.tab_of(section)
        title = choices.label(definitions, texts, section["label"])
        made.append({"name": section["name"], "label": title if tab == now else f"{label(definitions, layout, tab)} › {title}"})
    return made
