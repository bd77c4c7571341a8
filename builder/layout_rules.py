"""Layout rules of a module: when a condition holds, what is shown, hidden, required and locked; each told in plain words."""
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import flask
from flask import request

from builder import choices, criteria_editor, criteria_parts, studio, wording
from builder import draft as drafts
from builder.ids import name_of, new_id
from metadata.definitions import Definitions
from metadata.layout_rules import DOES
from metadata.model.layout_rule import LayoutRule
from metadata.model.module import Module
from runtime.errors import Invalid, NotFound
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, lazy
from runtime.records import what_if
from runtime.records.what_ifs.layout_rules import question
from runtime.tables import labels, preview
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

layout_rules = flask.Blueprint("layout_rules", __name__, url_prefix="/builder/m")

studio.tab("layout_rules", lazy("Layout rules"), position=25, noun="layout_rules")

ACTS = {"show": lazy("Show"), "hide": lazy("Hide"), "require": lazy("Require"), "read_only": lazy("Lock")}
SECTION = "section:"
"""Before the name of a section, where a field's name could stand as well."""
EMPTY = ("show", "")

Act = tuple[str, str]


@layout_rules.get("/<module>/layout_rules")
@builder
def listing(module: str) -> flask.Response:
    draft = drafts.current(current_actor())
    home = studio.module_of(draft, module)
    shown = [{"rule": rule, "when": criteria_editor.summary(draft.definitions, home, rule.when),
              "does": said(draft.definitions, home, acts_of(rule)), "layout": _layout_label(draft.definitions, rule),
              "wrong": criteria_editor.problems(draft.definitions, home, rule.when)} for rule in of(draft.definitions, module)]
    return studio.answer("builder/layout_rules.html", "work", draft=draft, module=home, tab="layout_rules", rules=shown)


@layout_rules.get("/<module>/layout_rules/new")
@builder
def begin(module: str) -> flask.Response:
    when = {"all": [dict(criteria_parts.BLANK)]}
    return _form(module, None, {"label": "", "layout": "", "active": True, "when": when, "acts": [EMPTY]})


@layout_rules.get("/<module>/layout_rules/<name>")
@builder
def edit(module: str, name: str) -> flask.Response:
    rule = _rule(drafts.current(current_actor()).definitions, module, name)
    return _form(module, rule, {"label": rule.label, "layout": rule.layout, "active": rule.active, "when": rule.when,
                                "acts": acts_of(rule)})


@layout_rules.post("/<module>/layout_rules")
@builder
def add(module: str) -> flask.Response:
    return _save(module, None)


@layout_rules.post("/<module>/layout_rules/<name>")
@builder
def save(module: str, name: str) -> flask.Response:
    return _save(module, _rule(drafts.current(current_actor()).definitions, module, name))


@layout_rules.post("/<module>/layout_rules/<name>/switch")
@builder
def switch(module: str, name: str) -> flask.Response:
    rule = _rule(drafts.current(current_actor()).definitions, module, name)
    sentence = _("Switch off the layout rule '%(rule)s'.", rule=rule.label) if rule.active else _(
        "Switch on the layout rule '%(rule)s'.", rule=rule.label)
    drafts.change(current_actor(), sentence, lambda definitions: definitions.with_document(
        replace(_rule(definitions, module, name), active=not rule.active)))
    return listing(module) if htmx.wants_block() else htmx.go(f"/builder/m/{module}/layout_rules")


@layout_rules.post("/<module>/layout_rules/<name>/remove")
@builder
def remove(module: str, name: str) -> flask.Response:
    def cut(definitions: Definitions) -> Definitions:
        rule = _rule(definitions, module, name)
        return wording.forgotten(definitions.without(rule.path), f"layout_rules.{rule.key}.")

    rule = _rule(drafts.current(current_actor()).definitions, module, name)
    drafts.change(current_actor(), _("Remove the layout rule '%(rule)s'.", rule=rule.label), cut)
    return htmx.go(f"/builder/m/{module}/layout_rules", {"toast": {"text": _("Removed from the draft."), "undo": "/builder/undo"}})


@layout_rules.post("/<module>/layout_rules/what-if")
@builder
def lacking(module: str) -> flask.Response:
    """Which records lack what the rule in the form would require, before it is even kept."""
    draft = drafts.current(current_actor())
    home = studio.module_of(draft, module)
    given = _given(draft.definitions, home)
    wrong = criteria_editor.problems(draft.definitions, home, given["when"])
    needed = tuple(target for what, target in given["acts"] if what == "require" and target in home.by_name)
    if wrong or not given["when"] or not needed:
        problem = wrong[0] if wrong else _("Build a condition first.") if not given["when"] else _(
            "The rule requires nothing, so no record can lack it.")
        return htmx.part("builder/finding.html", "found", finding=None, problem=problem)
    rule = LayoutRule(id="lrule_tried", name="tried", module=module, label=given["label"], when=given["when"], require=needed)
    with preview.shown(draft.definitions) as now:
        found = what_if.answer(question(draft.definitions, rule), now, current_actor())
    return htmx.part("builder/finding.html", "found", finding=found, problem="")


def of(definitions: Definitions, module: str) -> tuple[LayoutRule, ...]:
    return definitions.of(LayoutRule, module)


def acts_of(rule: LayoutRule) -> list[Act]:
    """What it does, one by one: ("require", "amount"), ("show", "section:payment")."""
    return [*((what, name) for what in ACTS for name in getattr(rule, what)),
            *((what.removesuffix("_sections"), SECTION + name) for what in DOES if what not in ACTS
              for name in getattr(rule, what))]


def said(definitions: Definitions, module: Module, acts: Sequence[Act]) -> list[str]:
    """In plain words: "shows Reason and the section Payment", "requires Reason"."""
    called = dict(_targets(definitions, module)[0]) | {
        name: _("the section “%(section)s”", section=label) for name, label in _targets(definitions, module)[1]}
    sentences = {"show": lambda what: _("shows %(what)s", what=what), "hide": lambda what: _("hides %(what)s", what=what),
                 "require": lambda what: _("requires %(what)s", what=what),
                 "read_only": lambda what: _("locks %(what)s", what=what)}
    told = []
    for act in ACTS:
        names = [called.get(target, target) for what, target in acts if what == act and target]
        if names:
            told.append(sentences[act](", ".join(names)))
    return told


def _targets(definitions: Definitions, module: Module) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(name, label) of the fields, and of the sections of all layouts."""
    fields = sorted(((field.name, labels.of_field(module, field)) for field in module.fields), key=lambda each: each[1].casefold())
    sections = {SECTION + section["name"]: choices.label(definitions, f"layouts.{layout.key}.sections.{section['name']}",
                                                         section["label"])
                for layout in definitions.layouts_of(module.name) for section in layout.sections}
    return fields, list(sections.items())


def _layout_label(definitions: Definitions, rule: LayoutRule) -> str:
    found = next((layout for layout in definitions.layouts_of(rule.module) if layout.id == rule.layout), None)
    return choices.of_document(definitions, found) if found else ""


def _rule(definitions: Definitions, module: str, name: str) -> LayoutRule:
    found = next((rule for rule in of(definitions, module) if rule.name == name), None)
    if found is None:
        raise NotFound(_("There is no rule '%(name)s' in this draft.", name=name))
    return found


def _save(module: str, rule: LayoutRule | None) -> flask.Response:
    actor = current_actor()
    draft = drafts.current(actor)
    definitions, home = draft.definitions, studio.module_of(draft, module)
    given = _given(definitions, home, loose=criteria_editor.pressed(request.form))
    if criteria_editor.pressed(request.form):
        return _form(module, rule, given | {"acts": _acted(given["acts"])})
    acts = list(dict.fromkeys(act for act in given["acts"] if act[1]))
    if errors := _problems(definitions, home, given, acts):
        return _form(module, rule, given, errors)
    does: dict[str, list[str]] = {}
    for what, target in acts:
        does.setdefault(f"{what}_sections" if target.startswith(SECTION) else what, []).append(target.removeprefix(SECTION))
    name = rule.name if rule else name_of(given["label"], {each.name for each in of(definitions, module)}, what="rule")
    content = {"id": rule.id if rule else new_id("lrule"), "name": name, "module": module, "label": given["label"],
               "when": given["when"], "layout": given["layout"], "active": given["active"], **does}
    sentence = _("Change the layout rule '%(rule)s'.", rule=given["label"]) if rule else _(
        "Add the layout rule '%(rule)s'.", rule=given["label"])
    try:
        drafts.change(actor, sentence, lambda known: known.with_document(
            drafts.document(f"layout_rules/{module}.{name}", content)))
    except Invalid as problem:
        return _form(module, rule, given, problem.errors)
    return htmx.go(f"/builder/m/{module}/layout_rules", {"toast": {"text": _("Saved in the draft."), "undo": "/builder/undo"}})


def _problems(definitions: Definitions, module: Module, given: dict[str, Any], acts: Sequence[Act]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not given["label"]:
        errors["label"] = [_("Say what the rule is called.")]
    if not given["when"]:
        errors["when"] = [_("Say when the rule is in force: add a condition.")]
    elif wrong := criteria_editor.problems(definitions, module, given["when"]):
        errors["when"] = wrong
    if not acts:
        errors["acts"] = [_("Say what the rule does: choose a field or a section.")]
    for what, target in acts:
        field = module.by_name.get(target)
        if target.startswith(SECTION) and what in ("require", "read_only"):
            errors.setdefault("acts", []).append(_("A section can be shown or hidden. Require or lock its fields one by one."))
        elif field and field.required and what in ("show", "hide"):
            errors.setdefault("acts", []).append(_("%(field)s is required on every record, so it cannot be hidden.",
                                                   field=labels.of_field(module, field)))
        elif field and what in ("require", "read_only") and not catalogue().get("field_types", field.type).writable:
            errors.setdefault("acts", []).append(_("Nobody fills in %(field)s, so it can neither be required nor locked.",
                                                   field=labels.of_field(module, field)))
    return errors


def _given(definitions: Definitions, module: Module, *, loose: bool = False) -> dict[str, Any]:
    form = request.form
    acts = [(what, target) for what, target in zip(form.getlist("what"), form.getlist("target"), strict=False) if what in ACTS]
    return {"label": form.get("label", "").strip()[:120], "layout": form.get("layout", ""), "active": form.get("active") == "1",
            "when": criteria_editor.read(form, "when", definitions, module, loose=loose), "acts": acts or [EMPTY]}


def _acted(acts: list[Act]) -> list[Act]:
    """After "Add" or "Remove" was pressed."""
    do, _colon, at = request.form.get("acts:do", "").partition(":")
    if do == "remove" and at.isdecimal():
        return [act for number, act in enumerate(acts) if number != int(at)] or [EMPTY]
    return [*acts, EMPTY] if do == "add" else acts


def _form(module: str, rule: LayoutRule | None, values: dict[str, Any],
          errors: dict[str, list[str]] | None = None) -> flask.Response:
    draft = drafts.current(current_actor())
    home = studio.module_of(draft, module)
    fields, sections = _targets(draft.definitions, home)
    editor = criteria_editor.editor(draft.definitions, home, values["when"], name="when", errors=(errors or {}).get("when", ()))
    layouts = [(layout.id, choices.of_document(draft.definitions, layout)) for layout in draft.definitions.layouts_of(module)]
    return studio.answer("builder/layout_rule.html", "work", draft=draft, module=home, tab="layout_rules",
                         status=422 if errors else 200, rule=rule, values=values, errors=errors or {}, editor=editor,
                         fields=fields, sections=sections, layouts=layouts, acts=ACTS)
