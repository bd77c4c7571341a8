"""A module's own settings: what it is called, its picture and place in the menu, the fields it is found by; removing it."""
from typing import Any

import flask
from flask import request

from builder import choices, field_edits, field_panel, schema_form, studio, uses
from builder import draft as drafts
from builder.draft import Draft
from metadata import shape
from metadata.definitions import Definitions
from metadata.model.module import Module
from runtime.errors import Invalid
from runtime.locale import text
from runtime.locale.text import _, lazy
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

module_settings = flask.Blueprint("module_settings", __name__, url_prefix="/builder/m/<module>/settings")

studio.tab("settings", lazy("Settings"), position=90, noun="modules")

ASKED = ("label", "plural", "icon", "group", "description", "name_field", "search_fields", "match_fields", "stage_field",
         "position", "name")
TRANSLATED = ("label", "plural")


@module_settings.get("")
@builder
def show(module: str) -> flask.Response:
    draft = drafts.current(current_actor())
    return _page(draft, studio.module_of(draft, module))


@module_settings.post("")
@builder
def save(module: str) -> flask.Response:
    actor = current_actor()
    draft = drafts.current(actor)
    home = studio.module_of(draft, module)
    content = schema_form.read(shape.schemas()["module"], request.form, before=home.to_json(), draft=draft, module=home)
    content = {"label": "", "plural": "", "name": module} | content
    if schema_form.pressed(request.form):
        return _page(draft, home, content)
    try:
        drafts.change(actor, _("Change the settings of %(module)s.", module=home.plural),
                      lambda known: changed(known, home, content, _words(home)))
    except Invalid as problem:
        return _page(draft, home, content, problem.errors, status=422)
    return htmx.go(f"/builder/m/{content['name']}/settings", events={"toast": {"text": _("Kept in the draft.")}})


def changed(definitions: Definitions, module: Module, content: dict[str, Any], words: dict[str, dict[str, str]]) -> Definitions:
    """words: {language: {what: words}}. Raises Invalid. A new API name moves the document; what names it follows."""
    now = definitions.modules.get(module.name)
    if now is None or (content["name"] != module.name and content["name"] in definitions.modules):
        raise Invalid({"name": [_("Another module is called '%(name)s'.", name=content["name"])]})
    for language, said in words.items():
        definitions = field_edits.translate(definitions, language,
                                            {f"modules.{module.name}.{what}": each for what, each in said.items()})
    fields = {"fields": [each.to_json() for each in now.fields]}
    return definitions.without(now.path).with_document(drafts.document(f"modules/{content['name']}", content | fields))


def _words(module: Module) -> dict[str, dict[str, str]]:
    return {language: {what: request.form[f"{language}:{what}"].strip()[:120] for what in TRANSLATED
                       if f"{language}:{what}" in request.form} for language in field_panel.languages()}


def _page(draft: Draft, module: Module, content: dict[str, Any] | None = None, errors: Any = None,
          status: int = 200) -> flask.Response:
    drawn = schema_form.inputs(shape.schemas()["module"], content or module.to_json(), draft=draft, module=module,
                               errors=errors or {}, only=ASKED)
    path = f"modules.{module.name}"
    return studio.answer(
        "builder/module_settings.html", "work", draft=draft, module=module, tab="settings", status=status, drawn=drawn,
        icons=choices.icons(), left=schema_form.left(drawn, errors or {}),
        uses=uses.listed(uses.of_module(draft.definitions, module)),
        languages=[{"code": each, "name": text.NAMES[each]} | {
            what: request.form.get(f"{each}:{what}", field_edits.said(draft.definitions, each, f"{path}.{what}"))
            for what in TRANSLATED} for each in field_panel.languages()])
