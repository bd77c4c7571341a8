"""The fields of a module: a palette to add from, the list in its order, and the settings of the one that is chosen."""
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import flask
from flask import request

from builder import choices, cutting, field_edits, field_panel, replacing, schema_form, studio
from builder import draft as drafts
from builder.draft import Draft
from builder.ids import name_of
from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.errors import Invalid, NotFound
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, lazy
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

fields = flask.Blueprint("fields", __name__, url_prefix="/builder/m/<module>")

studio.tab("", lazy("Fields"), position=10, noun="modules")


@fields.get("")
@builder
def show(module: str) -> flask.Response:
    draft = drafts.current(current_actor())
    home = studio.module_of(draft, module)
    return _page(draft, home, home.fields[0] if home.fields else None)


@fields.get("/fields/<name>")
@builder
def one(module: str, name: str) -> flask.Response:
    draft = drafts.current(current_actor())
    home = studio.module_of(draft, module)
    return _page(draft, home, _field(home, name))


@fields.post("/fields")
@builder
def add(module: str) -> flask.Response:
    """type: a field type; before: the id of the field in front of which it was dropped."""
    actor = current_actor()
    home, type = studio.module_of(drafts.current(actor), module), request.form.get("type", "")
    if not catalogue().has("field_types", type):
        raise NotFound(_("There is no field type '%(name)s'.", name=type))
    if catalogue().get("field_types", type).settings_schema.get("required"):
        before = urlencode({"before": request.form.get("before", "")})
        return htmx.go(f"/builder/m/{module}/new/{type}?{before}#field_settings")
    new = field_edits.fresh(home, type)
    drafts.change(actor, _("Add field '%(field)s' to %(module)s.", field=new.label, module=home.plural),
                  lambda known: field_edits.add(known, studio_module(known, module), new, before=request.form.get("before", "")))
    return htmx.go(f"/builder/m/{module}/fields/{new.name}?new=1#field_settings")


@fields.get("/new/<type>")
@builder
def begin(module: str, type: str) -> flask.Response:
    """A field that cannot be without settings (a link needs its module) is in the draft once it has them."""
    draft = drafts.current(current_actor())
    home = studio.module_of(draft, module)
    return _page(draft, home, _begun(home, type), new=True)


@fields.post("/new/<type>")
@builder
def finish(module: str, type: str) -> flask.Response:
    actor = current_actor()
    draft = drafts.current(actor)
    home = studio.module_of(draft, module)
    field = _begun(home, type)
    content = _read(draft, home, field)
    if schema_form.pressed(request.form):
        return _page(draft, home, field, content, new=True)

    def put(known: Definitions) -> Definitions:
        there = studio_module(known, module)
        if errors := field_edits.problems(known, there, field, content):
            raise Invalid(errors)
        known = field_edits.add(known, there, Field.from_json(content), before=request.form.get("before", ""))
        return _saved(known, module, Field.from_json(content), content)

    try:
        drafts.change(actor, _("Add field '%(field)s' to %(module)s.", field=content["label"], module=home.plural), put)
    except Invalid as problem:
        return _page(draft, home, field, content, problem.errors, status=422, new=True)
    return htmx.go(f"/builder/m/{module}/fields/{content['name']}")


@fields.post("/fields/<name>")
@builder
def save(module: str, name: str) -> flask.Response:
    actor = current_actor()
    draft = drafts.current(actor)
    home = studio.module_of(draft, module)
    field = _field(home, name)
    content = _read(draft, home, field)
    if schema_form.pressed(request.form):
        return _page(draft, home, field, content)
    if going := replacing.asked(draft, home, field, content, request.form):
        return _page(draft, home, field, content, going=going)
    moves = replacing.answered(field, content, request.form)
    try:
        drafts.change(actor, _("Change field '%(field)s' of %(module)s.", field=field.label, module=home.plural),
                      lambda known: _saved(replacing.carried_out(known, draft.origin, home, field, content, moves), module, field,
                                           content))
    except Invalid as problem:
        return _page(draft, home, field, content, problem.errors, status=422)
    return htmx.go(f"/builder/m/{module}/fields/{content['name']}")


@fields.post("/fields/<name>/move")
@builder
def move(module: str, name: str) -> flask.Response:
    actor = current_actor()
    home = studio.module_of(drafts.current(actor), module)
    field = _field(home, name)
    step = -1 if request.form.get("to") == "up" else 1
    drafts.change(actor, _("Move field '%(field)s' of %(module)s.", field=field.label, module=home.plural),
                  lambda known: field_edits.ordered(known, studio_module(known, module),
                                                    field_edits.moved(studio_module(known, module), field, step)))
    return htmx.go(f"/builder/m/{module}/fields/{name}")


@fields.post("/order")
@builder
def order(module: str) -> flask.Response:
    """order: the ids of the fields, as they were dragged."""
    actor = current_actor()
    home = studio.module_of(drafts.current(actor), module)
    ids = request.form.get("order", "").split()
    drafts.change(actor, _("Reorder the fields of %(module)s.", module=home.plural),
                  lambda known: field_edits.ordered(known, studio_module(known, module), ids))
    return htmx.go(f"/builder/m/{module}")


@fields.post("/fields/<name>/duplicate")
@builder
def duplicate(module: str, name: str) -> flask.Response:
    actor = current_actor()
    home = studio.module_of(drafts.current(actor), module)
    field = _field(home, name)
    new = field_edits.copy_of(home, field)
    after = next((each.id for number, each in enumerate(home.fields) if number and home.fields[number - 1].id == field.id), "")
    drafts.change(actor, _("Add field '%(field)s' to %(module)s.", field=new.label, module=home.plural),
                  lambda known: field_edits.add(known, studio_module(known, module), new, before=after))
    return htmx.go(f"/builder/m/{module}/fields/{new.name}")


@fields.post("/fields/<name>/remove")
@builder
def remove(module: str, name: str) -> flask.Response:
    """Out of the draft and of every list that shows it. Publishing keeps its values for 30 days.

    with: "all" takes along what cannot stand without it, "none" leaves that for the review to name; else it is asked first.
    """
    actor = current_actor()
    home = studio.module_of(drafts.current(actor), module)
    field = _field(home, name)
    if home.name_field == field.name:
        return _page(drafts.current(actor), home, field, errors={"": [_(
            "Records are called by this field. Choose another name field in the module's settings first.")]}, status=422)
    along = request.form.get("with", "")
    found = cutting.cut(drafts.current(actor).definitions, home, field)
    if (found.going or found.left) and along not in ("all", "none"):
        return _page(drafts.current(actor), home, field, cut=found)
    drafts.change(actor, _("Remove field '%(field)s' of %(module)s.", field=field.label, module=home.plural),
                  lambda known: field_edits.remove(known, studio_module(known, module), field, whole=along == "all"))
    return htmx.go(f"/builder/m/{module}")


@fields.post("/fields/<id>/restore")
@builder
def restore(module: str, id: str) -> flask.Response:
    """id: of a field that the draft removes."""
    actor = current_actor()
    draft = drafts.current(actor)
    home = studio.module_of(draft, module)
    origin = draft.origin.module_by_id(home.id)
    field = origin.by_id.get(id) if origin else None
    if origin is None or field is None:
        raise NotFound(_("This draft removes no such field."))
    try:
        drafts.change(actor, _("Bring back field '%(field)s' of %(module)s.", field=field.label, module=home.plural),
                      lambda known: field_edits.restore(known, studio_module(known, module), origin, field))
    except Invalid as problem:
        return _page(draft, home, None, errors=problem.errors, status=422)
    return htmx.go(f"/builder/m/{module}/fields/{field.name}")


def studio_module(definitions: Definitions, name: str) -> Module:
    """The module in the definitions of a step. Raises NotFound."""
    found = definitions.modules.get(name)
    if found is None:
        raise NotFound(_("There is no module '%(name)s' in this draft.", name=name))
    return found


def _field(module: Module, name: str) -> Field:
    found = next((each for each in module.fields if each.name == name), None)
    if found is None:
        raise NotFound(_("There is no field '%(field)s' in %(module)s.", field=name, module=module.plural))
    return found


def _begun(module: Module, type: str) -> Field:
    if not catalogue().has("field_types", type):
        raise NotFound(_("There is no field type '%(name)s'.", name=type))
    return field_edits.fresh(module, type)


def _read(draft: Draft, module: Module, field: Field) -> dict[str, Any]:
    """The field as the form has it; a choice that has only a label gets its value from that."""
    before = field.to_json()
    asked = field_panel.schema(replace(field, type=request.form.get("type") or field.type, settings={}))
    content = schema_form.read(asked, request.form, before=before, draft=draft, module=module)
    if content.get("type") != field.type:
        known = choices.settings_schema("field_types", content.get("type")) or {}
        content["settings"] = {name: value for name, value in content.get("settings", {}).items()
                               if name in known.get("properties", {})}
    for each in content.get("settings", {}).get("choices", ()):
        if each.get("label") and not each.get("value"):
            each["value"] = each["label"]
    if not content.get("settings"):
        content.pop("settings", None)
    content["label"] = content.get("label", "")
    content["name"] = content.get("name") or field.name
    origin = draft.origin.module_by_id(module.id)
    settled = origin is not None and field.id in origin.by_id
    if not settled and content["name"] == field.name and content["label"] not in ("", field.label):
        content["name"] = name_of(content["label"], module.by_name.keys() - {field.name})
    return content


def _saved(definitions: Definitions, module: str, field: Field, content: dict[str, Any]) -> Definitions:
    """With its place on the form and its words in other languages; under its old name, which the step then carries over."""
    home = studio_module(definitions, module)
    path = f"modules.{home.name}.fields.{field.name}"
    for language in field_panel.languages():
        words = {f"{path}.{what}": request.form[f"{language}:{what}"].strip()[:500] for what in ("label", "help")
                 if f"{language}:{what}" in request.form}
        definitions = field_edits.translate(definitions, language, words)
    layout = field_edits.standard(definitions, home)
    if layout is not None and "section" in request.form:
        definitions = field_edits.place(definitions, layout, field.name, request.form["section"])
    return field_edits.change(definitions, home, field, content)


def _page(draft: Draft, module: Module, field: Field | None, content: dict[str, Any] | None = None, errors: Any = None,
          status: int = 200, new: bool = False, going: Any = (), cut: cutting.Cut | None = None) -> flask.Response:
    """new: the field is not in the draft yet. content: the field as a form had it. going: choices to say something of first.
    cut: what removing the field does to everything else."""
    return studio.answer("builder/fields.html", "work", draft=draft, module=module, status=status, shelves=field_panel.shelves(),
                         rows=field_panel.rows(draft, module), new=new, before=request.values.get("before", ""),
                         told=(errors or {}).get("", ()), cut=cut, going=going, offered=replacing.offered(content or {}),
                         chosen=field_panel.chosen(draft, module, field, content, errors or {}, new) if field else None)
