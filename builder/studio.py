"""The studio: the frame around every page of the builder. Its own side bar, the draft's badge, undo and redo, a module's tabs.

A page announces itself where it is written, with `entry` (the side bar) or `tab` (the pages about one module), and draws
with `answer`. Its template extends builder/studio.html and fills the block `work`.

Both say which noun their pages edit, by its folder: who designs only some nouns sees and opens only those pages (gate.py).
"""
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import flask
from flask import request

from builder import choices, later
from builder import draft as drafts
from builder.draft import Draft
from metadata.model.document import Document
from metadata.model.module import Module
from runtime.errors import NotFound
from runtime.locale.text import _, lazy
from runtime.security import policy
from runtime.values import Actor
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

pages = flask.Blueprint("studio", __name__, url_prefix="/builder")

GROUPS = (lazy("Build"), lazy("Access"), lazy("Data"), lazy("Ship"))
BUILD, ACCESS, DATA, SHIP = range(len(GROUPS))
ANYTHING, OWN = "*", ""
FOLDERS = {"views": "views", "rules": "validation_rules", "buttons": "buttons", "layouts": "layouts"}
"""Of the definitions whose pages lie under a tab of their module."""


@dataclass(frozen=True)
class Entry:
    """In the side bar. noun: the folder of what its pages edit; ANYTHING where one has to be allowed everything, OWN where the
    pages show one's own draft, whatever may be in it."""
    label: Any
    href: str
    icon: str
    group: int = BUILD
    position: int = 100
    noun: str = ANYTHING


@dataclass(frozen=True)
class Tab:
    """Of a module: /builder/m/<module>/<name>; "" is the first one. noun: as an entry's."""
    name: str
    label: Any
    position: int = 100
    noun: str = ANYTHING


_entries: list[Entry] = []
_tabs: list[Tab] = []


def entry(label: Any, href: str, icon: str, *, group: int = BUILD, position: int = 100, noun: str = ANYTHING) -> None:
    _entries.append(Entry(label, href, icon, group, position, noun))


def tab(name: str, label: Any, *, position: int = 100, noun: str = ANYTHING) -> None:
    _tabs.append(Tab(name, label, position, noun))


def entries() -> list[Entry]:
    return sorted(_entries, key=lambda each: each.position)


def tabs() -> list[Tab]:
    return sorted(_tabs, key=lambda each: each.position)


def designs(actor: Actor | None, noun: str) -> bool:
    """May the actor open the pages that edit this noun, or one of several ("convert_maps import_maps")?"""
    allowed = policy.buildable(actor)
    return policy.may_build(actor) and (allowed is None or noun == OWN or not allowed.isdisjoint(noun.split()))


def answer(template: str, block: str, *, draft: Draft, module: Module | None = None, tab: str = "", status: int = 200,
           events: dict[str, Any] | None = None, **context: Any) -> flask.Response:
    """A page of the studio. module and tab: which of a module's pages this is."""
    flask.g.definitions = draft.definitions
    return htmx.answer(template, block, status=status, events=events, draft=draft, module=module,
                       studio=_frame(draft, module, tab),
                       called=partial(choices.of_module, draft.definitions), **context)


@pages.app_template_global("designs")
def may_design(noun: str) -> bool:
    """Whether the reader may change documents of this noun, by its folder."""
    return designs(current_actor(), noun)


@pages.app_template_global("titled")
def titled(document: Document, what: str = "") -> str:
    """What a definition is called in the reader's language; what: another of its texts ("description")."""
    return choices.of_document(flask.g.definitions, document, what)


pages.add_app_template_global(choices.noun, "noun_of")


@pages.app_template_global("home_of")
def home_of(document: Document) -> str:
    """What the module it belongs to is called; "" where it belongs to none."""
    name = getattr(document, "module", "")
    known = flask.g.definitions.modules.get(name)
    return choices.of_module(flask.g.definitions, known) if known else name


@pages.app_template_global("headed")
def headed(group: str) -> str:
    """A heading of the menu in the reader's language."""
    return choices.heading(flask.g.definitions, group)


def module_of(draft: Draft, name: str) -> Module:
    """Raises NotFound."""
    found = draft.definitions.modules.get(name)
    if found is None:
        raise NotFound(_("There is no module '%(name)s' in this draft.", name=name))
    return found


def _frame(draft: Draft, module: Module | None, tab: str) -> dict[str, Any]:
    who = current_actor()
    groups = []
    for number, label in enumerate(GROUPS):
        listed = [{"label": each.label, "href": each.href, "icon": each.icon, "current": _covers(each.href)}
                  for each in entries() if each.group == number and designs(who, each.noun)]
        if listed:
            groups.append({"label": label if number else "", "entries": listed})
    beside = [{"label": each.label, "href": f"/builder/m/{module.name}" + (f"/{each.name}" if each.name else ""),
               "current": each.name == tab} for each in tabs() if designs(who, each.noun)] if module else []
    return {"groups": groups, "tabs": beside, "planned": later.told(who, draft.name, draft.behind), "count": len(draft.changes),
            "here": request.full_path.rstrip("?") if request.method == "GET" else request.path,
            "undo": draft.done[-1] if draft.done else None, "redo": draft.undone[-1] if draft.undone else None}


def _covers(href: str) -> bool:
    here = request.path
    if href == "/builder":
        return here == href or here.startswith(("/builder/m/", "/builder/modules"))
    return here == href or here.startswith(href + "/")


@pages.post("/undo")
@builder
def undo() -> flask.Response:
    taken = drafts.undo(current_actor())
    return _back(_("Taken back: %(step)s", step=taken) if taken else _("There is nothing to take back."))


@pages.post("/redo")
@builder
def redo() -> flask.Response:
    taken = drafts.redo(current_actor())
    return _back(_("Done again: %(step)s", step=taken) if taken else _("There is nothing to do again."))


def _back(text: str) -> flask.Response:
    """To the page it was asked from, where that is still there; the list of modules where it is not."""
    place = request.form.get("from") or _asked_from()
    if not place.startswith("/builder") or place.startswith(("/builder/undo", "/builder/redo")):
        place = "/builder"
    return htmx.go(_there(place), events={"toast": {"text": text}})


def _asked_from() -> str:
    """The address of the page whose script asks, without its host."""
    try:
        asked = urlsplit(request.htmx.current_url or "")
    except ValueError:
        return ""
    return f"{asked.path}?{asked.query}" if asked.query else asked.path


def _there(place: str) -> str:
    """The same page with what is open on it, or the nearest above it where what it shows has gone with the step."""
    known = drafts.current(current_actor()).definitions
    what, *rest = place.partition("?")[0].removeprefix("/builder/").split("/")
    if what == "m" and rest:
        module = known.modules.get(rest[0])
        if module is None:
            return "/builder"
        if rest[1:2] == ["fields"] and len(rest) > 2 and rest[2] not in module.by_name:
            return f"/builder/m/{module.name}"
        folder = FOLDERS.get(rest[1], "") if len(rest) > 2 and rest[2] != "new" else ""
        if folder and f"{folder}/{module.name}.{rest[2]}" not in known.documents:
            return f"/builder/m/{module.name}/{rest[1]}"
    elif what == "translations" and rest and rest[0] not in known.translations:
        return "/builder/translations"
    elif what == "d" and len(rest) > 1 and rest[1] != "new" and "/".join(rest) not in known.documents:
        return f"/builder/d/{rest[0]}"
    return place
