"""Buttons of a module: what each does, where it stands, for whom and when; written from the schemas of button and actions."""
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import flask
from flask import request

from builder import choices, criteria_editor, cutting, layout_buttons, schema_form, studio, uses, wording
from builder import draft as drafts
from builder.ids import name_of, new_id
from metadata import shape
from metadata.definitions import Definitions
from metadata.model.button import Button
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.errors import Invalid, NotFound
from runtime.kinds.kind import catalogue
from runtime.locale.text import NAMES, SOURCE, _, lazy
from runtime.publish import service
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

buttons = flask.Blueprint("buttons", __name__, url_prefix="/builder/m")

studio.tab("buttons", lazy("Buttons"), position=50, noun="buttons")

ASKED = ("label", "place", "icon", "actions", "show_if", "roles", "confirm")
PLACES = {"record": lazy("On the record's page"), "row": lazy("In each row of a list"),
          "bulk": lazy("In the bar for ticked records")}
OTHERS = {language: label for language, label in NAMES.items() if language != SOURCE}


@buttons.get("/<module>/buttons")
@builder
def listing(module: str) -> flask.Response:
    draft = drafts.current(current_actor())
    home = studio.module_of(draft, module)
    shown = [{"button": button, "place": PLACES.get(button.place, button.place), "does": does(draft.definitions, button),
              "when": criteria_editor.summary(draft.definitions, home, button.show_if), "roles": _roles(draft.definitions, button),
              "on": on(draft.definitions, button)}
             for button in draft.definitions.buttons_of(module)]
    return studio.answer("builder/buttons.html", "work", draft=draft, module=home, tab="buttons", buttons=shown)


@buttons.get("/<module>/buttons/new")
@builder
def begin(module: str) -> flask.Response:
    return _form(module, None, {"place": "record", "actions": [{}]}, {})


@buttons.get("/<module>/buttons/<name>")
@builder
def edit(module: str, name: str) -> flask.Response:
    definitions = drafts.current(current_actor()).definitions
    button = _button(definitions, module, name)
    return _form(module, button, button.to_json(), _words(definitions, button))


@buttons.post("/<module>/buttons")
@builder
def add(module: str) -> flask.Response:
    return _save(module, None)


@buttons.post("/<module>/buttons/<name>")
@builder
def save(module: str, name: str) -> flask.Response:
    return _save(module, _button(drafts.current(current_actor()).definitions, module, name))


@buttons.post("/<module>/buttons/<name>/copy")
@builder
def copy(module: str, name: str) -> flask.Response:
    made: list[str] = []

    def put(definitions: Definitions) -> Definitions:
        button = _button(definitions, module, name)
        taken = {each.name for each in definitions.buttons_of(module)}
        copied = replace(button, id=new_id("btn"), name=name_of(f"{button.name[:30]} copy", taken, what="button"),
                         label=_("%(label)s (copy)", label=button.label)[:120])
        made.append(copied.name)
        return definitions.with_document(copied)

    drafts.change(current_actor(), _("Copy the button '%(button)s'.", button=name), put)
    return htmx.go(f"/builder/m/{module}/buttons/{made[-1]}")


@buttons.post("/<module>/buttons/<name>/remove")
@builder
def remove(module: str, name: str) -> flask.Response:
    def cut(definitions: Definitions) -> Definitions:
        button = _button(definitions, module, name)
        definitions = cutting.without_button(definitions, button).without(button.path)
        return wording.forgotten(definitions, f"buttons.{button.key}.")

    drafts.change(current_actor(), _("Remove the button '%(button)s'.", button=name), cut)
    return htmx.go(f"/builder/m/{module}/buttons", {"toast": {"text": _("Removed from the draft."), "undo": "/builder/undo"}})


def on(definitions: Definitions, button: Button) -> str:
    """On which layouts it stands, in words; "" where it stands on all of them."""
    known = definitions.layouts_of(button.module)
    names = [choices.of_document(definitions, each) for each in known if each.buttons is None or button.name in each.buttons]
    if button.place != "record" or len(names) == len(known):
        return ""
    return _("on layout %(layouts)s only", layouts=", ".join(names)) if names else _("on no layout")


def does(definitions: Definitions, button: Button) -> list[str]:
    """Its chain in words, an action after the other."""
    said = []
    for step in button.actions:
        if not catalogue().has("actions", step["action"]):
            said.append(step["action"])
            continue
        label = _(str(catalogue().get("actions", step["action"]).label))
        settings = step.get("settings", {})
        module = definitions.modules.get(button.module)
        target = definitions.modules.get(settings.get("module", ""))
        field = module.by_name.get(settings.get("field", "")) if module else None
        what = (choices.of_module(definitions, target, "label") if target
                else _set_to(definitions, module, field, settings) if module and field else settings.get("address", ""))
        said.append(f"{label}: {what}" if what else label)
    return said


def _set_to(definitions: Definitions, module: Module, field: Field, settings: Mapping[str, Any]) -> str:
    """ "Stage: Lost"; what is computed and what is said in other ways only by the field's name."""
    value, said = settings.get("value"), choices.of_field(definitions, module, field)
    shown = dict(choices.of_picklist(definitions, module, field)).get(str(value), value)
    if isinstance(shown, bool):
        shown = _("yes") if shown else _("no")
    return f"{said}: {shown}" if isinstance(shown, (str, int, float)) and shown != "" else said


def _roles(definitions: Definitions, button: Button) -> list[str]:
    return [choices.of_document(definitions, role) for role in definitions.roles.values() if role.id in button.roles]


def _button(definitions: Definitions, module: str, name: str) -> Button:
    found = next((button for button in definitions.buttons_of(module) if button.name == name), None)
    if found is None:
        raise NotFound(_("There is no button '%(name)s' in this draft.", name=name))
    return found


def _save(module: str, button: Button | None) -> flask.Response:
    actor = current_actor()
    draft = drafts.current(actor)
    home = studio.module_of(draft, module)
    before = button.to_json() if button else {}
    content = schema_form.read(shape.schemas()["button"], request.form, before=before, draft=draft, module=home)
    words = {(language, what): request.form.get(f"{what}:{language}", "").strip()[:500]
             for language in OTHERS for what in ("label", "confirm")}
    if schema_form.pressed(request.form):
        return _form(module, button, content, words)
    if not content.get("actions"):
        return _form(module, button, content, words, {"actions": [_("Add what the button does.")]})
    wrong = criteria_editor.problems(draft.definitions, home, content.get("show_if"))
    if wrong:
        return _form(module, button, content, words, {"show_if": wrong})
    name = button.name if button else name_of(content.get("label", ""), {
        each.name for each in draft.definitions.buttons_of(module)}, what="button")
    content |= {"id": button.id if button else new_id("btn"), "name": name, "module": module}

    def put(known: Definitions) -> Definitions:
        known = known.with_document(drafts.document(f"buttons/{module}.{name}", content))
        if content.get("place", "record") != "record" and button:
            known = cutting.without_button(known, button)
        elif not button and (layout := request.form.get("layout")):
            known = layout_buttons.made(known, module, layout, name)
        for (language, what), text in words.items():
            known = wording.worded(known, language, f"buttons.{module}.{name}.{what}", text)
        return known

    label = content.get("label", "")
    sentence = _("Change the button '%(button)s'.", button=label) if button else _("Add the button '%(button)s'.", button=label)
    try:
        if errors := _unsound(put(draft.definitions), f"buttons/{module}.{name}"):
            return _form(module, button, content, words, errors)
        drafts.change(actor, sentence, put)
    except Invalid as problem:
        return _form(module, button, content, words, problem.errors)
    back = f"/builder/m/{module}/layouts/{drawn_from}?page=record" if (drawn_from := _layout(draft.definitions, module)) else ""
    return htmx.go(back or f"/builder/m/{module}/buttons", {"toast": {"text": _("Saved in the draft."), "undo": "/builder/undo"}})


def _layout(definitions: Definitions, module: str) -> str:
    """The layout whose canvas somebody came from, "" for none."""
    asked = request.values.get("layout", "")
    return asked if any(each.name == asked for each in definitions.layouts_of(module)) else ""


def _unsound(definitions: Definitions, path: str) -> dict[str, list[str]]:
    """What the check says of this button alone."""
    return drafts.by_place(problem for problem in service.problems_of(definitions) if problem.path.partition("#")[0] == path)


def _words(definitions: Definitions, button: Button) -> dict[tuple[str, str], str]:
    return {(language, what): wording.in_language(definitions, language, f"buttons.{button.key}.{what}")
            for language in OTHERS for what in ("label", "confirm")}


def _form(module: str, button: Button | None, content: dict[str, Any], words: dict[tuple[str, str], str],
          errors: dict[str, list[str]] | None = None) -> flask.Response:
    draft = drafts.current(current_actor())
    home: Module = studio.module_of(draft, module)
    schema, wrong = shape.schemas()["button"], errors or {}
    inputs = schema_form.inputs(schema, content, draft=draft, module=home, errors=wrong, only=ASKED)
    return studio.answer("builder/button.html", "work", draft=draft, module=home, tab="buttons", status=422 if errors else 200,
                         button=button, inputs=inputs, left=schema_form.left(inputs, wrong), words=words, languages=OTHERS,
                         layout=_layout(draft.definitions, module), uses=uses.listed(
                             uses.of_button(draft.definitions, button)) if button else [])
