"""Every definition has a page: where no canvas of its own is better, a form drawn from its schema."""
from collections.abc import Callable
from functools import partial
from typing import Any

import flask
from flask import request
from werkzeug.exceptions import HTTPException

from builder import change_details, choices, criteria_editor, schema_form, studio, summary
from builder import draft as drafts
from builder.draft import Draft
from builder.ids import name_of, new_id
from metadata import shape
from metadata.model.document import Document, noun_name
from metadata.model.module import Module
from metadata.model.nouns import nouns
from runtime.errors import Invalid, NotFound
from runtime.locale.text import _, lazy
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

documents = flask.Blueprint("documents", __name__, url_prefix="/builder/d")
of_module = flask.Blueprint("documents_of_module", __name__, url_prefix="/builder/m/<module>")

studio.entry(lazy("Roles"), "/builder/d/roles", "shield-lock", group=studio.ACCESS, position=20, noun="roles")
studio.entry(lazy("Import maps"), "/builder/d/import_maps", "file-import", group=studio.DATA, position=40,
             noun="import_maps")
studio.tab("more", lazy("More"), position=95, noun="convert_maps duplicate_rules import_maps")

CANVASES = {"modules": "/builder/m/{name}", "layouts": "/builder/m/{module}/layouts/{name}",
            "layout_rules": "/builder/m/{module}/layout_rules/{name}",
            "views": "/builder/m/{module}/views/{name}", "validation_rules": "/builder/m/{module}/rules/{name}",
            "buttons": "/builder/m/{module}/buttons/{name}", "translations": "/builder/translations/{name}",
            "roles": "/builder/roles/{name}", "themes": "/builder/theme/{name}"}
"""Where a noun is built better than by a form; only where such a page is there."""
ON_CANVAS = {"roles": ("modules",)}
"""What a new one is not asked for in its form: the page above has it as a table."""


@documents.get("/<folder>")
@builder
def listing(folder: str) -> flask.Response:
    draft, noun = drafts.current(current_actor()), _noun(folder)
    return studio.answer("builder/documents.html", "work", draft=draft, folder=folder, heading=_plural(folder),
                         groups=[("", folder, draft.definitions.of(noun))], states=_states(draft), home=None,
                         says=_says(draft), about=_(_schema(noun).get("description", "")))


@of_module.get("/more")
@builder
def more(module: str) -> flask.Response:
    """What belongs to one module and has no tab of its own, by noun."""
    draft = drafts.current(current_actor())
    home = studio.module_of(draft, module)
    tabs = {each.noun for each in studio.tabs()}
    groups = [(_plural(folder), folder, draft.definitions.of(noun, module)) for folder, noun in nouns().items()
              if "module" in noun.__dataclass_fields__ and folder not in tabs and studio.designs(current_actor(), folder)]
    return studio.answer("builder/documents.html", "work", draft=draft, module=home, tab="more", groups=groups, home=home,
                         states=_states(draft), says=_says(draft), heading=choices.of_module(draft.definitions, home))


@documents.get("/<folder>/new")
@builder
def new(folder: str) -> flask.Response:
    draft = drafts.current(current_actor())
    return _page(draft, folder, None, {"module": request.args["module"]} if "module" in request.args else {})


@documents.post("/<folder>/new")
@builder
def add(folder: str) -> flask.Response:
    return _save(folder, None)


@documents.get("/<folder>/<path:key>")
@builder
def show(folder: str, key: str) -> flask.Response:
    draft = drafts.current(current_actor())
    document = _document(draft, folder, key)
    if better := canvas(document):
        return htmx.go(better)
    return _page(draft, folder, document, document.to_json())


@documents.post("/<folder>/<path:key>")
@builder
def save(folder: str, key: str) -> flask.Response:
    if "remove" in request.form:
        return _remove(folder, key)
    return _save(folder, key)


def canvas(document: Document) -> str:
    """The address of the page that is made for it, "" where there is none."""
    pattern = CANVASES.get(document.folder)
    if pattern is None:
        return ""
    place = pattern.format(module=getattr(document, "module", ""), name=document.name)
    try:
        flask.current_app.url_map.bind("").match(place, method="GET")
    except HTTPException:
        return ""
    return place


def _save(folder: str, key: str | None) -> flask.Response:
    actor = current_actor()
    draft, noun = drafts.current(actor), _noun(folder)
    document = _document(draft, folder, key) if key is not None else None
    before = document.to_json() if document else {}
    home = draft.definitions.modules.get(request.form.get("module") or before.get("module") or "")
    content = schema_form.read(_schema(noun), request.form, before=before, draft=draft, module=home)
    if document is None:
        stem = noun_name(noun)
        content = {"id": new_id(stem.split("_")[0][:4]),
                   "name": name_of(content.get("label") or stem, _taken(draft, noun, content), what=stem)} | content
    if schema_form.pressed(request.form):
        return _page(draft, folder, document, content)
    at = f"{folder}/{_key(noun, content)}"
    errors = {"name": [_("Another one is called so. Choose another name.")]} if (
        at in draft.definitions.documents and (document is None or at != document.path)) else {}
    try:
        if errors:
            raise Invalid(errors)
        made = drafts.document(at, content)
        if errors := criteria_editor.unasked(draft.definitions, made):
            raise Invalid(errors)
        sentence = _("Change %(noun)s '%(label)s'.", noun=change_details.noun(made), label=_label(made)) if document else _(
            "Add %(noun)s '%(label)s'.", noun=change_details.noun(made), label=_label(made))
        drafts.change(actor, sentence, lambda known: (known.without(document.path) if document else known).with_document(made))
    except Invalid as problem:
        return _page(draft, folder, document, content, problem.errors, status=422)
    return htmx.go(f"/builder/d/{made.path}", events={"toast": {"text": _("Kept in the draft.")}})


def _remove(folder: str, key: str) -> flask.Response:
    actor = current_actor()
    document = _document(drafts.current(actor), folder, key)
    drafts.change(actor, _("Remove %(noun)s '%(label)s'.", noun=change_details.noun(document), label=_label(document)),
                  lambda known: known.without(document.path))
    home = getattr(document, "module", "")
    return htmx.go(f"/builder/m/{home}/more" if home else f"/builder/d/{folder}")


def _noun(folder: str) -> type[Document]:
    found = nouns().get(folder)
    if found is None or noun_name(found) not in shape.schemas():
        raise NotFound(_("There is no such kind of definition."))
    return found


def _document(draft: Draft, folder: str, key: str) -> Document:
    _noun(folder)
    found = draft.definitions.documents.get(f"{folder}/{key}")
    if found is None:
        raise NotFound(_("There is no '%(name)s' in this draft.", name=key))
    return found


def _schema(noun: type[Document]) -> dict[str, Any]:
    return shape.schemas()[noun_name(noun)]


def _key(noun: type[Document], content: dict[str, Any]) -> str:
    """As its class makes it, from what is there."""
    inside = "module" in noun.__dataclass_fields__ and noun.key is not Document.key
    return f"{content.get('module', '')}.{content.get('name', '')}" if inside else str(content.get("name", ""))


def _taken(draft: Draft, noun: type[Document], content: dict[str, Any]) -> set[str]:
    return {each.name for each in draft.definitions.of(noun) if getattr(each, "module", None) in (None, content.get("module"))}


def _label(document: Document) -> str:
    return getattr(document, "label", "") or document.name


def _says(draft: Draft) -> Callable[[Document], str]:
    return partial(summary.summary, draft.definitions)


def _plural(folder: str) -> str:
    return next((str(each.label) for each in studio.entries() if each.noun == folder), choices.nouns_of(folder))


def _states(draft: Draft) -> dict[str, str]:
    return {path: "new" if path not in draft.origin.documents else "changed" for path, each in draft.definitions.documents.items()
            if draft.origin.documents.get(path) != each}


def _capital(words: str) -> str:
    """As a heading begins: in Vietnamese the noun comes first."""
    return words[:1].upper() + words[1:]


def _page(draft: Draft, folder: str, document: Document | None, content: dict[str, Any], errors: Any = None,
          status: int = 200) -> flask.Response:
    noun = _noun(folder)
    schema = _schema(noun)
    home: Module | None = draft.definitions.modules.get(content.get("module") or "")
    only = [name for name, each in schema["properties"].items() if each.get("format") != "id"
            and not (document is None and name in ("name", *ON_CANVAS.get(folder, ()))) and name != "fields"]
    only.sort(key=lambda name: (name not in ("module", "label"), name == "name"))
    drawn = schema_form.inputs(schema, content, draft=draft, module=home, errors=errors or {}, only=only)
    return studio.answer("builder/document.html", "work", draft=draft, module=home, tab="more", status=status, folder=folder,
                         document=document, drawn=drawn, left=schema_form.left(drawn, errors or {}), icons=choices.icons(),
                         heading=choices.of_document(draft.definitions, document) if document
                         else _capital(_("New %(noun)s", noun=change_details.word(noun_name(noun).replace("_", " ")))),
                         plural=_plural(folder), about=_(schema.get("description", "")),
                         said=summary.summary(draft.definitions, document) if document else "")
