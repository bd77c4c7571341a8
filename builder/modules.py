"""Modules: the studio's first page, and how a new one begins: with a name, a name field, a layout and a view."""
from collections.abc import Collection
from dataclasses import replace

import flask
from flask import request

from builder import choices, studio
from builder import draft as drafts
from builder.ids import name_of, new_id
from metadata.definitions import Definitions
from metadata.model.document import Document
from metadata.model.module import Module
from runtime.errors import Invalid
from runtime.locale.text import _, lazy
from runtime.security import policy
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

modules = flask.Blueprint("modules", __name__, url_prefix="/builder")

studio.entry(lazy("Modules & fields"), "/builder", "cube", position=10, noun=studio.OWN)

WORKING = {"read": "all", "create": True, "edit": "own", "delete": "own", "import": False, "export": False, "give": False}
"""What a role that is ticked for a new module may do with its records; the rest is set on the role's page."""


@modules.get("")
@builder
def listing() -> flask.Response:
    draft = drafts.current(current_actor())
    groups: dict[str, list[Module]] = {}
    for module in draft.definitions.modules.values():
        groups.setdefault(module.group, []).append(module)
    return studio.answer("builder/modules.html", "work", draft=draft, groups=groups, states=_states(draft))


@modules.get("/modules/new")
@builder
def new() -> flask.Response:
    return _form({}, {})


@modules.post("/modules")
@builder
def add() -> flask.Response:
    given = {name: request.form.get(name, "").strip()[:120] for name in ("label", "plural", "name_label", "group", "icon")}
    workers = set(request.form.getlist("roles"))
    errors = {name: [text] for name, text in (("label", _("Say what one record is called, for example Property.")),
                                              ("plural", _("Say what many are called, for example Properties.")))
              if not given[name]}
    if errors:
        return _form(given, errors, workers, status=422)
    actor = current_actor()
    name = name_of(given["plural"], drafts.current(actor).definitions.modules, what="module")

    def put(definitions: Definitions) -> Definitions:
        for each in begun(name_of(given["plural"], definitions.modules, what="module"), given):
            definitions = definitions.with_document(each)
            if isinstance(each, Module):
                definitions = worked_by(definitions, each, workers)
        return definitions

    try:
        drafts.change(actor, _("Add module '%(module)s'.", module=given["plural"]), put)
    except Invalid as problem:
        return _form(given, problem.errors, workers, status=422)
    return htmx.go(f"/builder/m/{name}")


@modules.post("/m/<name>/remove")
@builder
def remove(name: str) -> flask.Response:
    """Out of the draft, with its layouts, views, rules and buttons. Publishing keeps its records for 30 days."""
    actor = current_actor()
    module = studio.module_of(drafts.current(actor), name)

    def cut(definitions: Definitions) -> Definitions:
        return Definitions({path: each for path, each in definitions.documents.items()
                            if path != module.path and getattr(each, "module", None) != name})

    drafts.change(actor, _("Remove module '%(module)s'.", module=module.plural), cut)
    return htmx.go("/builder", events={"toast": {"text": _("Removed from the draft."), "undo": "/builder/undo"}})


def begun(name: str, given: dict[str, str]) -> list[Document]:
    """A new module with a name field, and a first layout and view, so that it can be used as it is."""
    module = {"id": new_id("mod"), "name": name, "label": given["label"], "plural": given["plural"], "name_field": "name",
              "icon": given.get("icon") or "box", "group": given.get("group", ""), "search_fields": ["name"],
              "fields": [{"id": new_id("fld"), "name": "name", "type": "text", "required": True,
                          "label": given.get("name_label") or _("Name")}]}
    layout = {"id": new_id("lay"), "name": "standard", "module": name, "label": _("Standard"), "sections": [
        {"name": "main", "label": given["label"], "columns": 2, "fields": ["name", "owner"]},
        {"name": "system", "label": _("Record"), "columns": 2, "collapsed": True,
         "fields": ["created_at", "created_by", "updated_at", "updated_by"]}]}
    view = {"id": new_id("view"), "name": "all", "module": name, "label": _("All %(module)s", module=given["plural"]),
            "columns": ["name", "owner", "updated_at"], "sort": [{"field": "updated_at", "descending": True}], "default": True}
    return [drafts.document(f"modules/{name}", module), drafts.document(f"layouts/{name}.standard", layout),
            drafts.document(f"views/{name}.all", view)]


def worked_by(definitions: Definitions, module: Module, roles: Collection[str]) -> Definitions:
    """With people of these roles (by id) adding records, seeing all of them and changing their own."""
    for role in definitions.roles.values():
        if role.id in roles:
            definitions = definitions.with_document(replace(role, modules={**role.modules, module.id: dict(WORKING)}))
    return definitions


def _form(given: dict[str, str], errors: dict[str, list[str]], workers: Collection[str] = (), status: int = 200) -> flask.Response:
    draft = drafts.current(current_actor())
    nouns = policy.buildable(current_actor())
    offered = choices.roles(draft.definitions) if nouns is None or "roles" in nouns else ()
    groups = sorted({module.group for module in draft.definitions.modules.values()} - {""})
    return studio.answer("builder/module_new.html", "work", draft=draft, given=given, errors=errors, status=status, groups=groups,
                         offered=offered, workers=workers)


def _states(draft: drafts.Draft) -> dict[str, str]:
    """{module id: "new" or "changed"} against what the draft began with."""
    found = {}
    for module in draft.definitions.modules.values():
        before = draft.origin.module_by_id(module.id)
        if before is None:
            found[module.id] = "new"
        elif before != module:
            found[module.id] = "changed"
    return found
