"""One record's page: head, stage path, facts by sections, first related list; timeline and other lists load by themselves."""
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import flask
from flask import request

from metadata.model.layout import Layout
from runtime.records import deadlines, layout_rules, layouts, query, shown
from runtime.records.facts import paths_of
from runtime.records.list_state import may_read
from runtime.records.pages import buttons, conversion, related, tabs
from runtime.records.pages.base import Visit, pages, visit
from runtime.security import policy
from runtime.values import Record
from runtime.web.htmx import answer
from runtime.web.policies import signed_in


@pages.get("/m/<module>/<int:record_id>")
@signed_in
def show(module: str, record_id: int) -> flask.Response:
    at = visit(module)
    tab = request.args.get("tab", "")
    page = _Page(at, read(at, record_id, tab))
    if page.there.name != page.layout.tab_of({"tab": tab}):         # that one has nothing for this person
        page = _Page(at, read(at, record_id))
    if tabs.alone():
        return answer("records/show.html", "tab", **page.tab(alone=True))
    return answer("records/show.html", "record", **page.whole())


def read(at: Visit, record_id: int, tab: str | None = None) -> Record:
    """Everything the page shows, names of linked records included, in one statement. tab: with the sections on that one alone."""
    readable = policy.readable(at.actor, at.module)
    named = [at.module.name_field, at.module.stage_field, "owner", "created_at", "created_by", "updated_at", "updated_by"]
    named += layouts.needs(at.now, at.actor, at.module) + layout_rules.needs(at.now, at.module) + buttons.needs(at)
    for layout in layouts.candidates(at.now, at.actor, at.module):      # which of them is known when the values are
        named += [name for section in layout.sections for name in section["fields"]
                  if tab is None or layout.tab_of(section) == layout.tab_of({"tab": tab})] + list(layout.highlights)
        named += _conditions(layout) + list((layout.next_step or {}).values())
    paths = [path for path in dict.fromkeys(named) if path and may_read(at.now, at.actor, at.module, path, readable)]
    return query.one(at.actor, at.module.name, record_id, paths, labels=True)


def _conditions(layout: Layout) -> list[str]:
    """First steps of the paths that sections' conditions name."""
    return [path[0] for section in layout.sections if section.get("show_if") for path in paths_of(section["show_if"])]


def context(at: Visit, record: Record) -> dict[str, Any]:
    """Everything show.html needs, of a record read whole."""
    return _Page(at, record).whole()


class _Page:
    """What this person sees of one record, by its layout and the layout rules in force."""

    def __init__(self, at: Visit, record: Record):
        self.at, self.record, self.href = at, record, f"/m/{at.module.name}/{record.id}"
        self.may = at.may(owner=record.values.get("owner"))
        self.layout = at.layout(record.values)
        self.rules = at.rules(self.layout, record.values)
        self.readable = policy.readable(at.actor, at.module)
        self.editable = (policy.editable(at.actor, at.module) if self.may["edit"] else frozenset()) - self.rules.locked.keys()
        self._base = {"reader": at.reader, "values": record.values}

    def seen(self, path: str) -> bool:
        return path not in self.rules.hidden and may_read(self.at.now, self.at.actor, self.at.module, path, self.readable)

    def fact(self, path: str) -> dict[str, Any]:
        field = self.at.field(path)
        return shown.cell(field, self.record.values, self._base) | {
            "may_edit": path in self.editable and not field.read_only, "field": field}

    @cached_property
    def _standing(self) -> list[tuple[Mapping[str, Any], list[str]]]:
        """The sections that stand on the page, whatever tab is open, and the fields this person sees of each."""
        return [(section, names) for section in self.layout.sections if section["name"] not in self.rules.sections
                and (names := [name for name in section["fields"] if self.seen(name)])
                and holds(self.at, self.layout, section, self.record.values)]

    @cached_property
    def there(self) -> tabs.Opened:
        sections = [section for section, _names in self._standing]
        return tabs.opened(self.at, self.layout, sections, _lists(self.at, self.layout), self.href)

    def whole(self) -> dict[str, Any]:
        at, record = self.at, self.record
        return self.tab() | {
            "m": at.m, "highlights": [self.fact(path) for path in self.layout.highlights if self.seen(path)],
            "stage": _stage(at, record, self.readable, self.editable, self.href),
            "panels": [{"name": "timeline", "label": "", "href": f"{self.href}/panel/timeline"}],
            "may": self.may, "buttons": buttons.shown_on(at, self.layout, record, self.href),
            "conversion": conversion.offered(at, record.id, self.may["edit"]), "list_href": f"/m/{at.module.name}",
            "next_step": _next_step(at, self.layout, record, self.readable, self.editable, self.href),
        }

    def tab(self, alone: bool = False) -> dict[str, Any]:
        """The sections of the open tab and the related lists on it; alone: without those beside it."""
        at, layout, record, there = self.at, self.layout, self.record, self.there
        lists = _related(at, layout, record.id, self.href, [*there.lists, *(() if alone else there.beside)])
        return {
            "record": {"id": record.id, "version": record.version, "title": shown.title(at.module, record), "href": self.href,
                       "values": record.values},
            "sections": [{"name": section["name"], "label": section_label(at, layout, section),
                          "collapsed": bool(section.get("collapsed")), "columns": section.get("columns", 2),
                          "facts": [self.fact(name) for name in names]}
                         for section, names in self._standing if layout.tab_of(section) == there.name],
            "tabbed": bool(layout.tabs), "tabs": there.links, "tab_related": lists[:len(there.lists)],
            "related": lists[len(there.lists):],
        }


def section_label(at: Visit, layout: Layout, section: Any) -> str:
    return at.now.label(f"layouts.{layout.key}.sections.{section['name']}", at.actor.language, section["label"])


def holds(at: Visit, layout: Layout, section: Any, values: Any) -> bool:
    """Does a section's condition hold for these values?"""
    return layouts.section_stands(at.now, at.actor, at.module, layout, section, values, at.moment)


def _stage(at: Visit, record: Record, readable: frozenset[str], editable: frozenset[str], href: str) -> dict[str, Any] | None:
    """The stages as steps of a path: what is behind, where it stands, what it may move to."""
    name = at.module.stage_field
    if name is None or name not in readable:
        return None
    field = at.field(name)
    value = record.values.get(name)
    places = [choice["value"] for choice in field.choices]
    now = places.index(value) if value in places else -1
    states = []
    for place, choice in enumerate(field.choices):
        if choice.get("stage") == "lost" and place != now and choice is not _first(field.choices, "lost"):
            continue
        if choice.get("retired") and place != now:
            continue
        state = _standing(place, now, choice)
        states.append({"value": choice["value"], "label": choice["label"], "state": state,
                       "href": href if name in editable and place != now else None, "tone": choice.get("color")})
    return {"field": field, "states": states}


def _next_step(at: Visit, layout: Layout, record: Record, readable: frozenset[str], editable: frozenset[str],
               href: str) -> dict[str, Any] | None:
    """What is to be done next, as long as the form asks for it: a deal that is won has no next step."""
    wanted = layout.next_step
    if not wanted or wanted["field"] not in readable:
        return None
    asked = [section for section in layout.sections if wanted["field"] in section["fields"]]
    if asked and not any(holds(at, layout, section, record.values) for section in asked):
        return None
    day = record.values.get(wanted["on"]) if wanted.get("on") in readable else None
    tone, words = deadlines.standing(day, at.moment.today, at.reader)
    return {"text": record.values.get(wanted["field"]) or "", "tone": tone,
            "due": words or (shown.plain(at.field(wanted["on"]), record.values, at.reader) if day else ""),
            "edit_href": f"{href}/edit?focus={wanted['field']}" if wanted["field"] in editable else None}


def _standing(place: int, now: int, choice: Any) -> str:
    """Where a stage stands to the present one: "now", "done" behind it, "open" before it; an end not reached is never done."""
    if place == now:
        return "now"
    return "done" if place < now and choice.get("stage") not in ("won", "lost") else "open"


def _first(choices: Any, meaning: str) -> Any:
    return next((choice for choice in choices if choice.get("stage") == meaning), None)


def _lists(at: Visit, layout: Layout) -> list[int]:
    """Numbers of the related lists that this actor may see."""
    return [number for number, wanted in enumerate(layout.related)
            if policy.may(at.actor, "read", module := at.now.module(wanted["module"]))
            and wanted["field"] in policy.readable(at.actor, module)]


def _related(at: Visit, layout: Layout, record_id: int, href: str, numbers: Iterable[int]) -> list[Mapping[str, Any]]:
    """These related lists of the layout; the first one is there at once, the others come when looked at."""
    made: list[Mapping[str, Any]] = []
    for number in numbers:
        wanted = layout.related[number]
        if not made:
            made.append({"list": related.listed(at, layout, record_id, number)})
        else:
            module = at.now.module(wanted["module"])
            label = at.now.label(f"layouts.{layout.key}.related.{wanted['module']}.{wanted['field']}", at.actor.language,
                                 wanted.get("label") or shown.module(at.now, at.actor, module).plural)
            made.append({"name": f"related_{number}", "label": label, "href": f"{href}/panel/related_{number}"})
    return made
