"""Validation rules of a module: each in plain words, switched on and off, written, copied, removed; and whom it would touch."""
from dataclasses import replace
from typing import Any

import flask
from flask import request
from werkzeug.datastructures import MultiDict

from builder import criteria_editor, criteria_parts, studio, wording
from builder import draft as drafts
from builder.ids import name_of, new_id
from metadata.definitions import Definitions
from metadata.model.module import Module
from metadata.model.validation_rule import ValidationRule
from runtime.errors import Invalid, NotFound
from runtime.locale.text import NAMES, SOURCE, _, lazy
from runtime.records import what_if
from runtime.records.what_ifs.validation_rules import question
from runtime.tables import labels, preview
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

rules = flask.Blueprint("rules", __name__, url_prefix="/builder/m")

OTHERS = {language: label for language, label in NAMES.items() if language != SOURCE}

studio.tab("rules", lazy("Validation rules"), position=40, noun="validation_rules")


@rules.get("/<module>/rules")
@builder
def listing(module: str) -> flask.Response:
    draft = drafts.current(current_actor())
    home = studio.module_of(draft, module)
    shown = [{"rule": rule, "summary": criteria_editor.summary(draft.definitions, home, rule.refuse_if),
              "field": _field_label(home, rule.field), "wrong": criteria_editor.problems(draft.definitions, home, rule.refuse_if)}
             for rule in draft.definitions.rules_of(module)]
    return studio.answer("builder/rules.html", "work", draft=draft, module=home, tab="rules", rules=shown)


@rules.get("/<module>/rules/new")
@builder
def begin(module: str) -> flask.Response:
    return _form(module, None, _values(None, drafts.current(current_actor()).definitions))


@rules.get("/<module>/rules/<name>")
@builder
def edit(module: str, name: str) -> flask.Response:
    definitions = drafts.current(current_actor()).definitions
    rule = _rule(definitions, module, name)
    return _form(module, rule, _values(rule, definitions))


@rules.post("/<module>/rules")
@builder
def add(module: str) -> flask.Response:
    return _save(module, None)


@rules.post("/<module>/rules/<name>")
@builder
def save(module: str, name: str) -> flask.Response:
    return _save(module, _rule(drafts.current(current_actor()).definitions, module, name))


@rules.post("/<module>/rules/<name>/switch")
@builder
def switch(module: str, name: str) -> flask.Response:
    rule = _rule(drafts.current(current_actor()).definitions, module, name)
    sentence = _("Switch off the rule '%(rule)s'.", rule=rule.name) if rule.active else _("Switch on the rule '%(rule)s'.",
                                                                                          rule=rule.name)
    drafts.change(current_actor(), sentence, lambda definitions: definitions.with_document(
        replace(_rule(definitions, module, name), active=not rule.active)))
    return _listed(module)


@rules.post("/<module>/rules/<name>/copy")
@builder
def copy(module: str, name: str) -> flask.Response:
    made: list[str] = []

    def put(definitions: Definitions) -> Definitions:
        rule = _rule(definitions, module, name)
        taken = {each.name for each in definitions.rules_of(module)}
        copied = replace(rule, id=new_id("rule"), name=name_of(f"{rule.name[:30]} copy", taken, what="rule"), active=False)
        made.append(copied.name)
        return definitions.with_document(copied)

    drafts.change(current_actor(), _("Copy the rule '%(rule)s'.", rule=name), put)
    return htmx.go(f"/builder/m/{module}/rules/{made[-1]}")


@rules.post("/<module>/rules/<name>/remove")
@builder
def remove(module: str, name: str) -> flask.Response:
    def cut(definitions: Definitions) -> Definitions:
        rule = _rule(definitions, module, name)
        return wording.forgotten(definitions.without(rule.path), f"validation_rules.{rule.key}.")

    drafts.change(current_actor(), _("Remove the rule '%(rule)s'.", rule=name), cut)
    return _listed(module, events={"toast": {"text": _("Removed from the draft."), "undo": "/builder/undo"}})


@rules.post("/<module>/rules/what-if")
@builder
def touched(module: str) -> flask.Response:
    """Which records the rule in the form would refuse, before it is even kept."""
    definitions = drafts.current(current_actor()).definitions
    home = studio.module_of(drafts.current(current_actor()), module)
    tree = criteria_editor.read(request.form, "refuse_if", definitions, home)
    wrong = criteria_editor.problems(definitions, home, tree)
    if tree is None or wrong:
        problem = wrong[0] if wrong else _("Build a condition first.")
        return htmx.part("builder/finding.html", "found", finding=None, problem=problem)
    rule = ValidationRule(id="rule_tried", name="tried", module=module, refuse_if=tree, message=request.form.get("message", ""))
    with preview.shown(definitions) as now:
        found = what_if.answer(question(rule), now, current_actor())
    return htmx.part("builder/finding.html", "found", finding=found, problem="")


def _listed(module: str, events: Any = None) -> flask.Response:
    return listing(module) if htmx.wants_block() and events is None else htmx.go(f"/builder/m/{module}/rules", events)


def _rule(definitions: Definitions, module: str, name: str) -> ValidationRule:
    found = next((rule for rule in definitions.rules_of(module) if rule.name == name), None)
    if found is None:
        raise NotFound(_("There is no rule '%(name)s' in this draft.", name=name))
    return found


def _field_label(module: Module, name: str) -> str:
    field = module.field(name) if name else None
    return labels.of_field(module, field) if field else ""


def _save(module: str, rule: ValidationRule | None) -> flask.Response:
    actor = current_actor()
    draft = drafts.current(actor)
    definitions, home = draft.definitions, studio.module_of(draft, module)
    if criteria_editor.pressed(request.form):
        return _form(module, rule, _given(definitions, home, loose=True))
    given = _given(definitions, home)
    errors: dict[str, list[str]] = {}
    if not given["refuse_if"]:
        errors["refuse_if"] = [_("Say when the save is to be refused: add a condition.")]
    elif wrong := criteria_editor.problems(definitions, home, given["refuse_if"]):
        errors["refuse_if"] = wrong
    if not given["message"]:
        errors["message"] = [_("Write the sentence people read. Say what to do instead.")]
    if not given["on"]:
        errors["on"] = [_("Choose when the rule is checked.")]
    if errors:
        return _form(module, rule, given, errors)
    name = rule.name if rule else name_of(given["name"] or given["message"][:36],
                                          {each.name for each in definitions.rules_of(module)}, what="rule")

    def put(known: Definitions) -> Definitions:
        content = {"id": rule.id if rule else new_id("rule"), "name": name, "module": module, "refuse_if": given["refuse_if"],
                   "message": given["message"], "field": given["field"], "on": given["on"], "active": given["active"]}
        known = known.with_document(drafts.document(f"validation_rules/{module}.{name}", content))
        for language, text in given["messages"].items():
            known = wording.worded(known, language, f"validation_rules.{module}.{name}.message", text)
        return known

    sentence = _("Change the rule '%(rule)s'.", rule=name) if rule else _("Add the rule '%(rule)s'.", rule=name)
    try:
        drafts.change(actor, sentence, put)
    except Invalid as problem:
        return _form(module, rule, given, problem.errors)
    return htmx.go(f"/builder/m/{module}/rules", {"toast": {"text": _("Saved in the draft."), "undo": "/builder/undo"}})


def _given(definitions: Definitions, module: Module, *, loose: bool = False) -> dict[str, Any]:
    form: MultiDict[str, str] = request.form
    return {"name": form.get("name", "").strip()[:40], "message": form.get("message", "").strip()[:500],
            "field": form.get("field", ""), "on": [each for each in ("create", "update") if each in form.getlist("on")],
            "active": form.get("active") == "1",
            "messages": {language: form.get(f"message:{language}", "").strip()[:500] for language in OTHERS},
            "refuse_if": criteria_editor.read(form, "refuse_if", definitions, module, loose=loose)}


def _values(rule: ValidationRule | None, definitions: Definitions) -> dict[str, Any]:
    if rule is None:
        return {"name": "", "message": "", "field": "", "on": ["create", "update"], "active": True,
                "messages": dict.fromkeys(OTHERS, ""), "refuse_if": {"all": [dict(criteria_parts.BLANK)]}}
    return {"name": rule.name, "message": rule.message, "field": rule.field, "on": list(rule.on), "active": rule.active,
            "messages": {language: wording.in_language(definitions, language, f"validation_rules.{rule.key}.message")
                         for language in OTHERS}, "refuse_if": rule.refuse_if}


def _form(module: str, rule: ValidationRule | None, values: dict[str, Any],
          errors: dict[str, list[str]] | None = None) -> flask.Response:
    draft = drafts.current(current_actor())
    home = studio.module_of(draft, module)
    fields = sorted(((field.name, labels.of_field(home, field)) for field in home.fields), key=lambda each: each[1].casefold())
    editor = criteria_editor.editor(draft.definitions, home, values["refuse_if"], name="refuse_if",
                                    errors=(errors or {}).get("refuse_if", ()))
    return studio.answer("builder/rule.html", "work", draft=draft, module=home, tab="rules", status=422 if errors else 200,
                         rule=rule, values=values, errors=errors or {}, editor=editor, fields=fields,
                         languages=OTHERS)
