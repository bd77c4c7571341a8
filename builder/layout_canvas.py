"""The canvas of a layout: fields, sections and related lists to drag or move by keys, beside the page they make."""
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import flask
from flask import request

from builder import (
    choices,
    criteria_editor,
    framing,
    layout_buttons,
    layout_edits,
    layout_tabs,
    layouts,
    schema_form,
    studio,
    wording,
)
from builder import draft as drafts
from builder.branches import with_roles_of
from builder.draft import Draft
from builder.layout_parts import opened, texts_of_list
from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.layout import Layout
from metadata.model.module import Module
from runtime.errors import Conflict, Invalid, RuntimeProblem
from runtime.kinds.kind import catalogue
from runtime.locale.text import NAMES, SOURCE, _
from runtime.publish import service
from runtime.records import search
from runtime.security import policy
from runtime.tables import preview
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

layout_canvas = flask.Blueprint("layout_canvas", __name__, url_prefix="/builder/m")

OTHERS = {language: label for language, label in NAMES.items() if language != SOURCE}
KEPT = ("section", "related", "settings", "tab", "as", "record", "page", "device", "lang")
"""What of the page's state travels along: what is open, and how the preview is looked at."""
OFFERED = 20
"""Records offered to preview with, the newest first."""


@layout_canvas.get("/<module>/layouts/<name>")
@builder
def show(module: str, name: str) -> flask.Response:
    draft = drafts.current(current_actor())
    return _page(draft, layouts.layout_of(draft.definitions, module, name))


@layout_canvas.post("/<module>/layouts/<name>")
@builder
def move(module: str, name: str) -> flask.Response:
    """put: one move of the canvas, "WHAT NAME TO": "field amount @details 2", "section details up", "related 0 remove".

    moved: the same, of a drag or an arrow key; a button that has the focus meanwhile is not meant.
    """
    draft = drafts.current(current_actor())
    layout = layouts.layout_of(draft.definitions, module, name)
    what, _space, rest = (request.form.get("moved") or request.form.get("put", "")).partition(" ")
    act = MOVES.get(what)
    if act is None:
        return htmx.go(_here(layout))
    sentence, edit, opened = act(draft.definitions, layout, *rest.split()[:3])
    told, gone = opened.pop("told", ""), opened.pop("forgotten", "")

    def put(known: Definitions) -> Definitions:
        known = known.with_document(edit(layouts.layout_of(known, module, name)))
        for language in known.translations if gone else ():
            known = wording.worded(known, language, gone, "")
        return known

    drafts.change(current_actor(), sentence, put)
    return htmx.go(_here(layout, **opened), events={"toast": {"text": told, "undo": "/builder/undo"}} if told else None)


@layout_canvas.post("/<module>/layouts/<name>/settings")
@builder
def save(module: str, name: str) -> flask.Response:
    """Of a section, a related list or the layout itself, whichever is open."""
    draft = drafts.current(current_actor())
    layout, form = layouts.layout_of(draft.definitions, module, name), request.form
    part = opened(draft.definitions, layout, request.values)
    if part is None:
        return htmx.go(_here(layout))
    content = schema_form.read(part.schema, form, before=part.content, draft=draft, module=part.home)
    if schema_form.pressed(form):
        return _page(draft, layout, content)
    words = {code: form.get(f"label:{code}") for code in OTHERS}
    try:
        made = drafts.document(layout.path, part.into(content))

        def put(known: Definitions) -> Definitions:
            known = known.with_document(made)
            for code, text in words.items():
                if text is not None and part.words:
                    known = wording.worded(known, code, part.words, text.strip()[:120])
            return known

        wrong = drafts.by_place(each for each in service.problems_of(put(draft.definitions))
                                if each.path.partition("#")[0] == layout.path)
        if mine := {place: sentences for place, sentences in wrong.items() if part.covers(place)}:
            raise Invalid(mine)
        drafts.change(current_actor(), _("Change %(part)s of layout '%(layout)s'.", part=part.title, layout=layout.label), put)
    except Invalid as problem:
        drawn = schema_form.read(part.schema, form, before=part.content, draft=draft, module=part.home, loose=True)
        return _page(draft, layout, drawn, problem.errors, status=422)
    return htmx.go(_here(layout), events={"toast": {"text": _("Kept in the draft.")}})


Edit = Callable[[Layout], Layout]
Move = tuple[str, Edit, dict[str, Any]]


def _move_field(definitions: Definitions, layout: Layout, name: str = "", to: str = "", at: str = "") -> Move:
    home = definitions.modules[layout.module]
    field = home.field(name)
    label = choices.of_field(definitions, home, field) if field else name
    said = _("Move '%(field)s' on layout '%(layout)s'.", field=label, layout=layout.label)
    if to == "off":
        said = _("Take '%(field)s' off layout '%(layout)s'.", field=label, layout=layout.label)
        return said, lambda held: layout_edits.take_field(held, name), {}
    if to.startswith("@") and field:
        if name in {each.name for each in layout_edits.rest(layout, home)}:
            said = _("Put '%(field)s' on layout '%(layout)s'.", field=label, layout=layout.label)
        place = int(at) if at.isdecimal() else None
        tab = layout_tabs.opened(layout, _asked("tab"))
        return said, lambda held: layout_edits.put_field(held, name, to[1:], place, home.label, tab), {}
    if to == "tab" and field:
        return layout_tabs.field_to(definitions, layout, name, label, at)
    columns = next((section.get("columns", 2) for section in layout.sections if name in section["fields"]), 1)
    steps = {"left": -1, "right": 1, "up": -columns, "down": columns}.get(to, 0)
    return said, lambda held: layout_edits.step_field(held, name, steps), {}


def _move_section(definitions: Definitions, layout: Layout, name: str = "", to: str = "", tab: str = "") -> Move:
    if to == "tab":
        return layout_tabs.section_to(definitions, layout, name, tab)
    if name == "new":
        made: list[str] = []

        def add(held: Layout) -> Layout:
            held, given = layout_edits.add_section(held, _("New section"), layout_tabs.opened(held, _asked("tab")))
            made.append(given)
            return held

        add(layout)
        said = _("Add a section to layout '%(layout)s'.", layout=layout.label)
        return said, add, {"section": made[0], "related": "", "settings": ""}
    label = layout_edits.section_of(layout, name)["label"]
    if to == "remove":
        return (_("Remove section '%(section)s' of layout '%(layout)s'.", section=label, layout=layout.label),
                lambda held: layout_edits.remove_section(held, name), {"section": ""})
    said = _("Move section '%(section)s' of layout '%(layout)s'.", section=label, layout=layout.label)
    if to.isdecimal():
        return said, lambda held: layout_edits.move_section(held, name, int(to)), {}
    return said, lambda held: layout_edits.step_section(held, name, -1 if to == "up" else 1), {}


def _move_related(definitions: Definitions, layout: Layout, which: str = "", to: str = "", field: str = "") -> Move:
    if which == "new":
        listed = next((module for module, each in layout_edits.unlisted(layout, definitions)
                       if (module.name, each.name) == (to, field)), None)
        if listed is None:
            raise Conflict(_("That list is on the layout already, or its link is gone."))
        return (_("Add the list of %(module)s to layout '%(layout)s'.", module=listed.plural, layout=layout.label),
                lambda held: layout_tabs.put_list(layout_edits.add_related(held, listed, field), -1,
                                                  layout_tabs.opened(held, _asked("tab"))), {})
    at = int(which) if which.isdecimal() else -1
    said = _("Move a list of layout '%(layout)s'.", layout=layout.label)
    moved = layout_edits.related_of(layout, at)
    if to == "tab":
        return layout_tabs.list_to(definitions, layout, at, field, _related(definitions, layout, at, moved)["label"])
    if to == "remove":
        return (_("Remove a list of layout '%(layout)s'.", layout=layout.label),
                lambda held: layout_edits.remove_related(held, at), {"related": ""})
    if to.isdecimal():
        return said, lambda held: layout_edits.move_related(held, at, int(to)), {"related": ""}
    return said, lambda held: layout_edits.step_related(held, at, -1 if to == "up" else 1), {"related": ""}


MOVES: dict[str, Callable[..., Move]] = {"field": _move_field, "section": _move_section, "related": _move_related,
                                         "tab": layout_tabs.move_tab, "button": layout_buttons.move}


def _state() -> dict[str, str]:
    return {name: value for name in KEPT if (value := _asked(name))}


def _asked(name: str) -> str:
    """The last one sent: a button stands behind the field that keeps what is."""
    return next(iter(reversed(request.values.getlist(name))), "")


def _here(layout: Layout, **over: Any) -> str:
    """The canvas as it is looked at now, but for what is over."""
    state = {name: value for name, value in (_state() | over).items() if value}
    return f"/builder/m/{layout.module}/layouts/{layout.name}" + (f"?{urlencode(state)}" if state else "")


def _page(draft: Draft, layout: Layout, content: Mapping[str, Any] | None = None, errors: Mapping[str, Any] = {},
          status: int = 200) -> flask.Response:
    known = draft.definitions
    home = studio.module_of(draft, layout.module)
    part, tab = opened(known, layout, request.values), layout_tabs.opened(layout, _asked("tab"))
    inputs = schema_form.inputs(part.schema, part.content if content is None else content, draft=draft, module=part.home,
                                errors=part.mine(errors), only=part.only) if part else []
    words = {code: wording.in_language(known, code, part.words) for code in OTHERS} if part and part.words else {}
    return studio.answer(
        "builder/layout.html", "work", draft=draft, module=home, tab="layouts", status=status, layout=layout, part=part,
        inputs=inputs, left=schema_form.left(inputs, part.mine(errors)) if part else [], words=words, languages=OTHERS,
        state=_state(), at=lambda **over: _here(layout, **over), shown=choices.of_document(known, layout),
        whom=layouts.whom(known, layout), rest=[_slot(known, home, field) for field in layout_edits.rest(layout, home)],
        lists=[{"module": module.name, "field": field.name, "label": choices.of_module(known, module),
                "by": choices.of_field(known, module, field), "icon": module.icon}
               for module, field in layout_edits.unlisted(layout, known)],
        tabs=layout_tabs.strip(known, layout, tab), goals=layout_tabs.goals(known, layout, tab),
        sections=[_section(known, home, layout, section) for section in layout.sections if layout.tab_of(section) == tab],
        related=[_related(known, layout, number, each) for number, each in enumerate(layout.related)],
        buttons=layout_buttons.on_canvas(known, layout),
        lacking=[choices.of_field(known, home, field) for field in layout_edits.rest(layout, home) if _must(field)],
        look=_look(draft, layout))


def _slot(known: Definitions, home: Module, field: Field) -> dict[str, Any]:
    kinds = catalogue()
    icon = kinds.get("field_types", field.type).icon if kinds.has("field_types", field.type) else "box"
    return {"name": field.name, "label": choices.of_field(known, home, field), "icon": icon, "required": field.required}


def _must(field: Field) -> bool:
    """A new record cannot be saved without it being filled in on the form."""
    return field.required and field.default is None and not field.read_only


def _section(known: Definitions, home: Module, layout: Layout, section: Mapping[str, Any]) -> dict[str, Any]:
    slots = [_slot(known, home, field) if (field := home.field(name)) else
             {"name": name, "label": name, "icon": "alert-triangle", "required": False} for name in section["fields"]]
    label = choices.label(known, f"layouts.{layout.key}.sections.{section['name']}", section["label"])
    return {"name": section["name"], "label": label, "columns": section.get("columns", 2), "slots": slots,
            "collapsed": section.get("collapsed", False),
            "condition": criteria_editor.summary(known, home, section["show_if"]) if section.get("show_if") else ""}


def _related(known: Definitions, layout: Layout, number: int, related: Mapping[str, Any]) -> dict[str, Any]:
    module, stands = known.modules.get(related["module"]), {"number": number, "tab": related.get("tab", "")}
    if module is None:
        return stands | {"label": related["module"], "icon": "alert-triangle", "columns": ""}
    label = choices.label(known, texts_of_list(layout, related), related.get("label", "")) or choices.of_module(known, module)
    return stands | {
        "label": label, "icon": module.icon,
        "columns": ", ".join(choices.path_label(known, module, path) for path in related["columns"])}


def _look(draft: Draft, layout: Layout) -> dict[str, Any]:
    """The preview: how it is looked at, what else it could be, and the address of the frame."""
    actor, asked = current_actor(), {name: _asked(name) for name in (*KEPT, "find")}
    module, records = layout.module, []
    seen_as = framing.seen_as(actor, draft.definitions, asked["as"])
    with preview.shown(draft.definitions, roles=with_roles_of(actor, draft)):
        writes = policy.may(seen_as, "edit", draft.definitions.modules[module])
        try:
            records = [(str(hit.id), hit.title or f"#{hit.id}") for hit in
                       search.options(seen_as, module, asked["find"], limit=OFFERED)]
        except RuntimeProblem:
            pass          # not yet published, or not to be read: only the empty form
    record = asked["record"]
    record = record if record == "new" or (record.isdecimal() and int(record) < 2 ** 62) else (records[0][0] if records else "new")
    page = asked["page"] if writes else "record"        # who changes nothing has no form to look at
    place = f"/m/{module}/new" if record == "new" else f"/m/{module}/{record}" + ("" if page == "record" else "/edit")
    seen, tab = {name: asked[name] for name in ("as", "lang") if asked[name]}, layout_tabs.opened(layout, asked["tab"])
    form = record == "new" or page != "record"
    if tab:
        seen["_tab" if form else "tab"] = tab
    return {"src": f"/builder/frame{place}?{urlencode({'layout': layout.key, **seen})}", "records": records, "record": record,
            "page": "form" if form else "record", "as": asked["as"],
            "roles": framing.roles_to_see_as(actor, draft.definitions), "lang": asked["lang"] or actor.language,
            "device": "phone" if asked["device"] == "phone" else "desktop", "languages": NAMES, "find": asked["find"]}
