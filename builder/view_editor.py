"""One view: its columns, conditions, order and kind beside the real list it makes. Each change is a step of the draft."""
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import flask
from flask import request

from builder import choices, criteria_editor, framing, schema_form, studio, views, wording
from builder import draft as drafts
from builder.draft import Draft
from metadata import shape
from metadata.definitions import Definitions
from metadata.model.module import Module
from metadata.model.view import View
from runtime.errors import Invalid, RuntimeProblem
from runtime.locale.text import NAMES, SOURCE, _
from runtime.publish import service
from runtime.records import query
from runtime.tables import preview
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

view_editor = flask.Blueprint("view_editor", __name__, url_prefix="/builder/m")

MAIN = ("label", "kind")
MORE = ("criteria", "sort", "sums", "deadlines", "settings", "default")
COLUMNS = "columns"
OTHERS = {language: label for language, label in NAMES.items() if language != SOURCE}
COUNTED = 10_000
"""Records that match are counted as far as this."""


@view_editor.get("/<module>/views/<name>")
@builder
def show(module: str, name: str) -> flask.Response:
    draft = drafts.current(current_actor())
    view = views.view_of(draft.definitions, module, name)
    return _page(draft, view, view.to_json())


@view_editor.post("/<module>/views/<name>")
@builder
def save(module: str, name: str) -> flask.Response:
    """What the form holds, as one step; a button that only asks for more (another row) draws it again."""
    actor = current_actor()
    draft = drafts.current(actor)
    view = views.view_of(draft.definitions, module, name)
    home = studio.module_of(draft, module)
    form, schema = request.form, shape.schemas()["view"]
    content = schema_form.read(schema, form, before=view.to_json(), draft=draft, module=home)
    drawn = dict(content)
    if criteria_editor.pressed(form, "criteria") or "criteria:part" in form:
        drawn["criteria"] = criteria_editor.read(form, "criteria", draft.definitions, home, loose=True)
        content["criteria"] = criteria_editor.read(form, "criteria", draft.definitions, home)
    asks = schema_form.pressed(form)
    try:
        put = _edit(view, content, {code: form.get(f"label:{code}") for code in OTHERS})
        if wrong := drafts.by_place(each for each in service.problems_of(put(draft.definitions))
                                    if each.path.partition("#")[0] == view.path):
            raise Invalid(wrong)
        draft = drafts.change(actor, _sentence(view, content, schema), put)
    except Invalid as problem:
        return _page(draft, view, drawn, {} if asks else problem.errors, status=200 if asks else 422)
    if request.htmx:                # drawn from what was sent: conditions not filled in yet stand in no definition
        return _page(draft, views.view_of(draft.definitions, module, name), drawn)
    return htmx.go(f"/builder/m/{module}/views/{name}", events=None if asks else {"toast": {"text": _("Kept in the draft.")}})


def _edit(view: View, content: Mapping[str, Any], words: Mapping[str, str | None]) -> drafts.Edit:
    made = drafts.document(view.path, {**content, "id": view.id, "name": view.name, "module": view.module})

    def put(known: Definitions) -> Definitions:
        known = known.with_document(made)
        if isinstance(made, View) and made.default:
            known = views.alone_first(known, view.module, view.name)
        for code, text in words.items():
            if text is not None:
                known = wording.worded(known, code, f"views.{view.key}.label", text.strip()[:120])
        return known

    return put


def _sentence(view: View, content: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    before = view.to_json()
    what = [_(each["title"]) for name, each in schema["properties"].items() if before.get(name) != content.get(name)]
    return _("Change view '%(view)s': %(what)s.", view=content.get("label") or view.label,
             what=", ".join(what).lower() or _("wording"))


def _page(draft: Draft, view: View, content: dict[str, Any], errors: Mapping[str, Any] = {}, status: int = 200) -> flask.Response:
    actor, home = current_actor(), studio.module_of(draft, view.module)

    drawn = schema_form.inputs(shape.schemas()["view"], content, draft=draft, module=home, errors=errors,
                               only=(*MAIN, COLUMNS, *MORE))
    main, columns, more = drawn[:len(MAIN)], drawn[len(MAIN)], drawn[len(MAIN) + 1:]
    seen_as, device = request.values.get("as", ""), request.values.get("device", "")
    asked = {"view": view.name} | ({"as": seen_as} if seen_as else {})
    return studio.answer(
        "builder/view.html", "work", draft=draft, module=home, tab="views", status=status, view=view, main=main, columns=columns,
        more=more, left=schema_form.left(drawn, errors), errors=errors,
        languages=OTHERS if views.may_translate() else {},
        words={code: wording.in_language(draft.definitions, code, f"views.{view.key}.label") for code in OTHERS},
        shown=choices.label(draft.definitions, f"views.{view.key}.label", view.label), counted=_counted(draft, home, view, seen_as),
        src=f"/builder/frame/m/{view.module}?{urlencode(asked)}", roles=framing.roles_to_see_as(actor, draft.definitions),
        seen_as=seen_as, device="phone" if device == "phone" else "desktop", mark=draft.at)


def _counted(draft: Draft, home: Module, view: View, role: str) -> tuple[int, bool] | None:
    """(how many records the view in the draft has, whether there are more); None where that cannot be asked yet."""
    with preview.shown(draft.definitions):
        try:
            actor = framing.seen_as(current_actor(), draft.definitions, role)
            return query.count(actor, query.Query(home.name, criteria=view.criteria), cap=COUNTED)
        except RuntimeProblem:
            return None
