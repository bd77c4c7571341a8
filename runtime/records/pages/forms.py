"""The form as edit.html draws it: its layout, what rules say of it now, what was typed; asked again while somebody types."""
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import flask
from flask import request

from metadata.model.layout import Layout
from runtime.errors import Invalid
from runtime.files.types import LARGEST
from runtime.locale.text import _
from runtime.records import idempotency, layout_rules, layouts, list_state, query, sentences, service, shown
from runtime.records.pages import record as record_page
from runtime.records.pages import tabs
from runtime.records.pages.base import Visit, pages, visit
from runtime.records.pipeline import pipeline
from runtime.security import policy
from runtime.tables import labels
from runtime.values import Record
from runtime.web import json
from runtime.web.htmx import answer
from runtime.web.policies import signed_in, takes

UPLOADS = 2 * LARGEST
"""What a form with files may weigh; each file has its own limit."""


def given(at: Visit) -> dict[str, Any]:
    """What the browser sent for fields of this module: lists where the field holds several values, else the last one."""
    form, typed, files = pipeline(at.module.name).form, request.form, request.files
    found: dict[str, Any] = {}
    for path, sent in typed.lists():
        if path in form.several:
            found[path] = [value for value in sent if value != ""]
        elif path in form.entries:
            found[path] = sent[-1]
    for path, upload in files.items():
        if path in form.entries and upload.filename:
            found[path] = upload
    return found


def paths(at: Visit) -> tuple[str, ...]:
    return service.readable_paths(at.actor, at.module)


def lacking(at: Visit, given: Mapping[str, Any]) -> dict[str, list[str]]:
    """What was left empty and is required, so that it is said together with what is wrong."""
    return {field.name: [_("%(label)s is required.", label=labels.of_field(at.module, field))] for field in at.module.fields
            if field.required and field.name in given and given[field.name] in ("", [], None)}


def typed(at: Visit, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, for drawing the form again; a reference that was chosen keeps its name."""
    values = dict(given)
    for path, value in given.items():
        field = at.field(path)
        number = list_state.record_id(value) if field.target else None
        if number is not None:
            values[path] = number
            values[f"{path}:label"] = sentences.names_behind(at, field, number).get(number)
    return values


def defaults(at: Visit) -> dict[str, Any]:
    values = {path: value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value       # nobody types seconds
              for path, value in service.defaults(at.actor, at.module.name).items()}
    return values | {"owner": at.actor.user_id, "owner:label": at.actor.name}


@pages.post("/m/<module>/form")
@signed_in
@takes(UPLOADS)
def asked_again(module: str) -> flask.Response:
    """The form as it is for what is typed now; nothing is saved. Of the same layout only what rules say of it is answered."""
    record_id = request.form.get("_record", type=int)
    at = visit(module, "edit" if record_id else "create")
    record = query.one(at.actor, module, record_id, paths(at), labels=True) if record_id else None
    values = (dict(record.values) if record else defaults(at)) | typed(at, given(at))
    form = drawn(at, record, values, {}, request.form.get("version", type=int))
    if form["layout"] != request.form.get("_layout"):
        return answer("records/edit.html", "record", **form, typed=True)
    fields = {field.name: {"hidden": field.hidden, "locked": field.locked, "required": field.required}
              for section in form["sections"] for field in section["fields"] if field.ruled}
    sections = {each["name"]: each["off"] for each in form["sections"] if each["ruled"]}
    return flask.Response(json.dumps({"fields": fields, "sections": sections}), mimetype="application/json")


def drawn(at: Visit, record: Record | None, values: dict[str, Any], errors: Mapping[str, list[str]],
          version: int | None = None, conflict: Any = None) -> dict[str, Any]:
    """Everything edit.html needs. `shown` holds each field's value as widgets take it."""
    editable = policy.editable(at.actor, at.module)
    clean = _clean(at, values)
    layout = at.layout(clean)
    ruled = _Ruled(at, record, layout, clean)
    by_field: dict[str, list[str]] = {}
    for path, sentences_ in errors.items():
        name = path if at.module.field(path) else path.partition(".")[0]
        by_field.setdefault(name if at.module.field(name) else "", []).extend(sentences_)
    sections = []
    for section in layout.sections:
        condition = section.get("show_if")
        if not list_state.may_ask(at.now, at.actor, at.module, condition):
            continue
        fields = [ruled.field(at.field(name), name in by_field) for name in section["fields"]
                  if name in editable and at.module.field(name)]
        fields = [field for field in fields if not field.read_only]
        if fields:
            wrong = any(field.name in by_field for field in fields)
            sections.append({"name": section["name"], "label": record_page.section_label(at, layout, section),
                             "columns": section.get("columns", 2), "fields": fields, "show_if": condition,
                             "hidden": bool(condition) and not wrong and not record_page.holds(at, layout, section, clean),
                             "ruled": section["name"] in ruled.sections,
                             "off": section["name"] in ruled.now.sections and not wrong,
                             "collapsed": bool(section.get("collapsed")) and not condition and not any(f.required for f in fields),
                             "because": _("Shown because %(reason)s", reason=sentences.in_words(at, condition))
                             if condition else ""})
    placed = {field.name for section in sections for field in section["fields"]}
    needed = layout_rules.named(at.now, at.module, layout, "require")
    missing = [field for field in at.module.fields if (field.required or field.name in needed)
               and field.name in editable and field.name not in placed]
    if missing:
        fields = [ruled.field(at.field(field.name), field.name in by_field, alone=True) for field in missing]
        sections.append({"name": "required", "label": _("Also needed"), "columns": 2, "fields": fields, "show_if": None,
                         "hidden": False, "ruled": False, "off": False, "because": ""})
        placed |= {field.name for field in fields}
    unplaced = {name: found for name, found in by_field.items() if name and name not in placed}
    top = by_field.get("", []) + [f"{at.field(name).label}: {sentence}" for name, found in unplaced.items() for sentence in found]
    href = f"/m/{at.module.name}/{record.id}" if record else f"/m/{at.module.name}"
    return {
        "m": at.m, "version": version, "sections": sections, "parts": _parts(at, layout, sections, by_field),
        "tab": tabs.came_from(href) if layout.tabs and record else "", "values": values,
        "shown": {field.name: field.pick(values) for section in sections for field in section["fields"]},
        "errors": {name: found for name, found in by_field.items() if name in placed} | ({"": top} if top else {}),
        "error_summary": "", "cancel_href": href, "action": href, "method": "put" if record else "post",
        "record": {"id": record.id, "title": shown.title(at.module, record), "href": href} if record else None,
        "conflict": conflict, "key": None if record else request.form.get("_key") or idempotency.new_key(),
        "multipart": any(field.widget in ("file", "image") for section in sections for field in section["fields"]),
        "context": {"reader": at.reader, "values": values, "errors": errors, "module": at.module.name},
        "layout": layout.name,
        "asks": sorted(layout_rules.watched(at.now, at.module) | layouts.watched(at.now, at.actor, at.module)),
        "carried": [(path, sent, values.get(f"{path}:label") or "") for path, sent in _carried(at, placed, editable)],
    }


def _parts(at: Visit, layout: Layout, sections: Sequence[Mapping[str, Any]],
           wrong: Collection[str]) -> list[dict[str, Any]]:
    """The sections under the headings of the tabs, all on one page; one part without a heading where there are no tabs.

    wrong: fields with an error, counted at the tab they stand on.
    """
    by_name = {section["name"]: layout.tab_of(section) for section in layout.sections}
    heads = [{"name": tab["name"], "label": tabs.label(at, layout, tab)} for tab in layout.tabs] or [{"name": "", "label": ""}]
    made = []
    for head in heads:
        mine = [each for each in sections if by_name.get(each["name"], heads[0]["name"]) == head["name"]]
        if mine:
            made.append(head | {"sections": mine, "wrong": sum(field.name in wrong for each in mine for field in each["fields"])})
    return made or [heads[0] | {"sections": [], "wrong": 0}]


class _Ruled:
    """What layout rules say of the fields of one form now."""

    def __init__(self, at: Visit, record: Record | None, layout: Layout, values: Mapping[str, Any]):
        self.now = at.rules(layout, values)
        self.names = layout_rules.named(at.now, at.module, layout, "show", "hide", "require", "read_only")
        self.sections = layout_rules.named(at.now, at.module, layout, "show_sections", "hide_sections")
        before = at.rules(at.layout(record.values), record.values) if record and self.now.locked else None
        self.locked = {name for name in self.now.locked if before is None or name in before.locked}

    def field(self, field: shown.ShownField, wrong: bool, alone: bool = False) -> shown.ShownField:
        """wrong: an error stands at it, so it has to be seen and mended. alone: it is on the form only while it is required."""
        if field.name not in self.names:
            return field
        required = field.required or field.name in self.now.required
        hidden = field.name in self.now.hidden or (alone and not required)
        return replace(field, ruled=True, required=required, hidden=hidden and not wrong,
                       locked=field.name in self.locked and not wrong)


def _carried(at: Visit, placed: Collection[str], editable: Collection[str]) -> list[tuple[str, str]]:
    """What was typed into fields that the layout chosen by it does not have: kept in the form, saved with it."""
    form, kept = pipeline(at.module.name).form, []
    for path, sent in request.form.lists() if request.method != "GET" else ():
        entry = form.entries.get(path)
        if entry is not None and entry[0].name not in placed and entry[0].name in editable:
            kept += [(path, each) for each in (sent if path in form.several else sent[-1:])]
    return kept


def _clean(at: Visit, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as typed as a condition takes them; what cannot be read counts as empty."""
    form = pipeline(at.module.name).form
    clean = dict(values)
    for path, value in values.items():
        if path in form.entries and (isinstance(value, str) or (path in form.several and isinstance(value, list))):
            try:
                clean |= form.load({path: value})
            except Invalid:
                clean[path] = None
    return clean
