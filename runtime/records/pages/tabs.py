"""The tabs of a record's page: those that have something for this person, the one that is open, and what stands on it."""
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import request

from metadata.model.layout import Layout
from runtime.records.pages.base import Visit
from runtime.web.htmx import wants_block

PART = "record_tab"
"""The element that holds the tabs and what stands on the open one; asked for alone when another is opened."""


@dataclass(frozen=True)
class Opened:
    """name: "" where the layout has no tabs. links: the ways to each, {"name", "label", "href", "current"}.

    lists: numbers of the related lists on it; beside: of those that are seen on every tab.
    """
    name: str
    links: tuple[Mapping[str, Any], ...]
    lists: tuple[int, ...]
    beside: tuple[int, ...]


def opened(at: Visit, layout: Layout, sections: Iterable[Mapping[str, Any]], lists: Collection[int], href: str) -> Opened:
    """sections, lists: what of the layout this person sees. A tab with none of them is not there, whoever asks for it."""
    names = [tab["name"] for tab in layout.tabs]
    placed = {number: tab for number in lists if (tab := layout.related[number].get("tab")) in names}
    used = {layout.tab_of(section) for section in sections} | set(placed.values())
    there = [tab for tab in layout.tabs if tab["name"] in used]
    wanted = request.args.get("tab", "") if request.method == "GET" else came_from(href)
    name = wanted if wanted in used else there[0]["name"] if there else ""
    links = tuple({"name": tab["name"], "label": label(at, layout, tab), "href": with_tab(href, tab["name"]),
                   "current": tab["name"] == name} for tab in there)
    return Opened(name, links, tuple(number for number, tab in placed.items() if tab == name),
                  tuple(number for number in lists if number not in placed))


def alone() -> bool:
    """Another tab of a page that is there already is asked for."""
    return wants_block() and request.htmx.target == PART


def came_from(href: str) -> str:
    """The tab of this record somebody is on, or was on before the form they fill in; "" where none is known."""
    if kept := request.form.get("_tab"):
        return kept
    try:
        came = urlsplit(request.htmx.current_url or request.referrer or "")
    except ValueError:
        return ""
    return parse_qs(came.query).get("tab", [""])[0] if came.path == href else ""


def back(href: str) -> str:
    """The record's page, on the tab it was left on."""
    return with_tab(href, name) if (name := came_from(href)) else href


def with_tab(href: str, name: str) -> str:
    return f"{href}?{urlencode({'tab': name})}"


def label(at: Visit, layout: Layout, tab: Mapping[str, Any]) -> str:
    return at.now.label(f"layouts.{layout.key}.tabs.{tab['name']}", at.actor.language, tab["label"])
