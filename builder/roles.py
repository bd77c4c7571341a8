"""A role: what its people may do with each module, as a table; with one module opened, what they see of each of its fields."""
from typing import Any

import flask
from flask import request

from builder import choices, schema_form, studio
from builder import draft as drafts
from builder.draft import Draft
from metadata import shape
from metadata.model.role import Role
from runtime.errors import Invalid, NotFound
from runtime.locale.text import _, lazy
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

roles = flask.Blueprint("roles", __name__, url_prefix="/builder/roles")

REACH = (("read", lazy("Read")), ("edit", lazy("Edit")), ("delete", lazy("Delete")))
"""All records, one's own, or none."""
MAY = (("create", lazy("Create")), ("import", lazy("Import")), ("export", lazy("Export")), ("give", lazy("Give")))
SEEN = (("edit", lazy("Edit")), ("read", lazy("Read")), ("hidden", lazy("Hidden")))
OTHERS = "*"


@roles.get("/<name>")
@builder
def show(name: str) -> flask.Response:
    draft = drafts.current(current_actor())
    role = _role(draft, name)
    return _page(draft, role, role.to_json())


@roles.post("/<name>")
@builder
def save(name: str) -> flask.Response:
    actor = current_actor()
    draft = drafts.current(actor)
    role = _role(draft, name)
    content = schema_form.read(shape.schemas()["role"], request.form, before=role.to_json(), draft=draft, module=None)
    content = {"label": "", "name": role.name} | content | {"modules": granted(role)}
    if schema_form.pressed(request.form):
        return _page(draft, role, content)
    try:
        made = drafts.document(f"roles/{content['name']}", content)
        drafts.change(actor, _("Change role '%(role)s'.", role=role.label),
                      lambda known: known.without(role.path).with_document(made))
    except Invalid as problem:
        return _page(draft, role, content, problem.errors, status=422)
    opened = request.form.get("module", "")
    return htmx.go(f"/builder/roles/{content['name']}" + (f"?module={opened}#fields" if opened else ""),
                   events={"toast": {"text": _("Kept in the draft.")}})


def granted(role: Role) -> dict[str, dict[str, Any]]:
    """What the form grants, module by module; a module without an answer to "read" goes with all others."""
    found = {id: dict(grants) for id, grants in role.modules.items()}
    for id in request.form.getlist("grants"):
        read = request.form.get(f"{id}:read", "")
        before = found.pop(id, {})
        if read:
            found[id] = {name: request.form.get(f"{id}:{name}") or "no" for name, _label in REACH} | {
                name: f"{id}:{name}" in request.form for name, _label in MAY}
            fields = before.get("fields", {})
            if request.form.get("module") == id:
                seen = {field: request.form.get(f"field:{field}", "") for field in request.form.getlist("fields")}
                fields = {field: how for field, how in {**fields, **seen}.items() if how and how != "edit"}
            if fields:
                found[id]["fields"] = dict(fields)
    return found


def _role(draft: Draft, name: str) -> Role:
    found = draft.definitions.roles.get(name)
    if found is None:
        raise NotFound(_("There is no '%(name)s' in this draft.", name=name))
    return found


def _page(draft: Draft, role: Role, content: dict[str, Any], errors: Any = None, status: int = 200) -> flask.Response:
    definitions, grants = draft.definitions, content.get("modules", {})
    only = sorted((name for name in shape.schemas()["role"]["properties"] if name not in ("id", "modules")),
                  key=lambda name: name == "name")                                  # what it is called first, its API name last
    drawn = schema_form.inputs(shape.schemas()["role"], content, draft=draft, module=None, errors=errors or {}, only=only)
    rows = [(OTHERS, _("All modules not set below"), grants.get(OTHERS, {}))] + [
        (each.id, choices.of_module(definitions, each), grants.get(each.id, {})) for each in definitions.modules.values()]
    opened = definitions.module_by_id(request.values.get("module", ""))
    seen = grants.get(opened.id, {}).get("fields", {}) if opened else {}
    fields = [(each.id, choices.of_field(definitions, opened, each), seen.get(each.id, "edit"))
              for each in opened.fields] if opened else []
    return studio.answer("builder/role.html", "work", draft=draft, status=status, role=role, drawn=drawn, rows=rows, reach=REACH,
                         may=MAY, seen=SEEN, opened=opened, fields=fields, left=schema_form.left(drawn, errors or {}))
