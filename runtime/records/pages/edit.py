"""The form: new, edit, save. Errors stand beside their fields; after a conflict the person chooses per field."""
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import flask
from flask import request

from runtime.errors import Duplicates, Invalid, NotFound, Stale
from runtime.files.types import LARGEST
from runtime.locale.text import _
from runtime.records import duplicates, idempotency, list_state, query, sentences, service, shown
from runtime.records.pages import lookups
from runtime.records.pages import record as record_page
from runtime.records.pages.base import Visit, pages, visit
from runtime.records.pipeline import pipeline
from runtime.security import policy
from runtime.values import Record
from runtime.web.htmx import answer, go, wants_block
from runtime.web.policies import signed_in, takes

KEEP = "keep:"
UPLOADS = 2 * LARGEST
"""What a form with files may weigh; each file has its own limit."""


@pages.get("/m/<module>/new")
@signed_in
def new(module: str) -> flask.Response:
    at = visit(module, "create")
    values = _defaults(at)
    if copied := request.args.get("copy", type=int):
        values |= {path: value for path, value in query.one(at.actor, module, copied, _paths(at), labels=True).values.items()
                   if (field := at.module.field(path.partition(":")[0].partition(".")[0])) and not field.unique
                   and at.field(field.name).widget not in ("file", "image")}
    for path, text in request.args.items():
        if path in pipeline(module).form.entries:
            values |= _loaded(at, path, text)
    return answer("records/edit.html", "record", **_form(at, None, values, {}))


@pages.post("/m/<module>")
@signed_in
@takes(UPLOADS)
def create(module: str) -> flask.Response:
    at = visit(module, "create")
    given, unknown = lookups.by_name(at, given_by_form(at))
    try:
        if unknown:
            raise Invalid(unknown)
        answered, _again = idempotency.once(at.actor, request.form.get("_key"), {"module": module, "form": given},
                                            lambda: {"id": _created(at, given)})
    except idempotency.KeyUsed:         # the same form again, after going back: what is in it now is another record
        again = {"": [_("This form has been saved before. Save again to create a second %(label)s.", label=at.m.label.lower())]}
        return answer("records/edit.html", "record", status=Invalid.status,
                      **_form(at, None, _typed(at, given), again) | {"key": idempotency.new_key()})
    except Duplicates as problem:
        return answer("records/edit.html", "record", status=problem.status, **_form(at, None, _typed(at, given), {}),
                      duplicates=problem)
    except Invalid as problem:
        return answer("records/edit.html", "record", status=problem.status, **_form(at, None, _typed(at, given), problem.errors))
    href = f"/m/{module}/new" if request.form.get("_then") == "new" else f"/m/{module}/{answered['id']}"
    events = {"toast": {"text": _("%(label)s created.", label=at.m.label)}}
    return go(href, events) if href.endswith("/new") else _saved(at, answered["id"], events)


@pages.get("/m/<module>/<int:record_id>/edit")
@signed_in
def edit(module: str, record_id: int) -> flask.Response:
    at = visit(module, "edit")
    record = query.one(at.actor, module, record_id, _paths(at), labels=True)
    values = dict(record.values)
    for path, text in request.args.items():
        if path in pipeline(module).form.entries:
            values |= _loaded(at, path, text)
    return answer("records/edit.html", "record", **_form(at, record, values, {}, record.version))


@pages.put("/m/<module>/<int:record_id>")
@signed_in
@takes(UPLOADS)
def save(module: str, record_id: int) -> flask.Response:
    at = visit(module, "edit")
    given = given_by_form(at)
    version = request.form.get("version", type=int)
    if version is None:
        raise Invalid({"": [_("This form is out of date. Load the page again.")]})
    for name, choice in request.form.items():
        if name.startswith(KEEP) and choice == "theirs":
            given.pop(name.removeprefix(KEEP), None)
    given, unknown = lookups.by_name(at, given)
    try:
        if unknown:
            raise Invalid(unknown)
        with duplicates.allowed("_duplicates" in request.form):
            service.update(at.actor, module, record_id, given, seen_version=version)
    except Duplicates as problem:
        record = query.one(at.actor, module, record_id, _paths(at), labels=True)
        values = dict(record.values) | _typed(at, given)
        return answer("records/edit.html", "record", status=problem.status, **_form(at, record, values, {}, version),
                      duplicates=problem)
    except Invalid as problem:
        record = query.one(at.actor, module, record_id, _paths(at), labels=True)
        values = dict(record.values) | _typed(at, given)
        return answer("records/edit.html", "record", status=problem.status, **_form(at, record, values, problem.errors, version))
    except Stale as problem:
        return _choose(at, record_id, given, problem)
    return _saved(at, record_id, {"record-saved": {"id": record_id}, "toast": {"text": _("%(label)s saved.", label=at.m.label)}})


def _created(at: Visit, given: Mapping[str, Any]) -> int:
    with duplicates.allowed("_duplicates" in request.form):
        return service.create(at.actor, at.module.name, given).id


def _saved(at: Visit, record_id: int, events: Mapping[str, Any]) -> flask.Response:
    """The record's page in the form's place, under its own address."""
    href = f"/m/{at.module.name}/{record_id}"
    if not wants_block():
        return go(href, events)
    try:
        record = record_page.read(at, record_id)
    except NotFound:
        return go(f"/m/{at.module.name}", events)       # given to somebody else: no longer for this actor to see
    response = answer("records/show.html", "record", events=events, **record_page.context(at, record))
    response.headers["HX-Push-Url"] = href
    return response


def _choose(at: Visit, record_id: int, given: dict[str, Any], problem: Stale) -> flask.Response:
    """Two people changed this: what only they changed is joined, what both changed is asked."""
    form = pipeline(at.module.name).form
    record = query.one(at.actor, at.module.name, record_id, _paths(at), labels=True)
    try:
        mine = form.load({path: value for path, value in form.flat(given).items() if path in form.entries})
    except Invalid:
        mine = {}
    for path, value in list(mine.items()):
        if at.field(path).target:
            mine[f"{path}:label"] = sentences.names_behind(at, at.field(path), value).get(value)
    values = dict(record.values) | _typed(at, given)
    rows = []
    for path, base in problem.base.items():
        theirs = problem.current.get(path)
        if path not in given or mine.get(path) == theirs:
            continue
        joined = mine.get(path) == base
        field = at.field(path)
        if joined:
            values |= {key: value for key, value in record.values.items()
                       if key == path or key.startswith((f"{path}.", f"{path}:"))}
        rows.append({"field": field, "path": path, "joined": joined, "mine": field.kind.pick(field.field, mine),
                     "theirs": field.pick(record.values), "mine_context": {"reader": at.reader, "values": mine},
                     "theirs_context": shown.cell(field, record.values, {"reader": at.reader, "values": record.values})})
    conflict = {"who": problem.who, "when": at.reader.datetime(problem.when) if problem.when else "", "rows": rows,
                "version": problem.version}
    return answer("records/edit.html", "record", status=problem.status,
                  **_form(at, record, values, {}, problem.version, conflict))


def given_by_form(at: Visit) -> dict[str, Any]:
    """What the browser sent for fields of this module: lists where the field holds several values, else the last one."""
    form, typed, files = pipeline(at.module.name).form, request.form, request.files
    given: dict[str, Any] = {}
    for path, sent in typed.lists():
        if path in form.several:
            given[path] = [value for value in sent if value != ""]
        elif path in form.entries:
            given[path] = sent[-1]
    for path, upload in files.items():
        if path in form.entries and upload.filename:
            given[path] = upload
    return given


def _paths(at: Visit) -> tuple[str, ...]:
    return service.readable_paths(at.actor, at.module)


def _typed(at: Visit, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, for drawing the form again; a reference that was chosen keeps its name."""
    values = dict(given)
    for path, value in given.items():
        field = at.field(path)
        number = list_state.record_id(value) if field.target else None
        if number is not None:
            values[path] = number
            values[f"{path}:label"] = sentences.names_behind(at, field, number).get(number)
    return values


def _loaded(at: Visit, path: str, text: str) -> dict[str, Any]:
    """A value from the address ("?account=7"), as the form would load it; nothing where it does not fit."""
    try:
        clean = pipeline(at.module.name).form.load({path: text})
    except Invalid:
        return {}
    field = at.field(path)
    if field.target:
        clean[f"{path}:label"] = sentences.names_behind(at, field, clean[path]).get(clean[path])
    return clean


def _defaults(at: Visit) -> dict[str, Any]:
    values = {path: value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value       # nobody types seconds
              for path, value in service.defaults(at.actor, at.module.name).items()}
    return values | {"owner": at.actor.user_id, "owner:label": at.actor.name}


def _form(at: Visit, record: Record | None, values: dict[str, Any], errors: Mapping[str, list[str]],
          version: int | None = None, conflict: Any = None) -> dict[str, Any]:
    """Everything edit.html needs. `shown` holds each field's value as widgets take it."""
    editable = policy.editable(at.actor, at.module)
    clean = _clean(at, values)
    layout = at.layout(clean)
    sections = []
    drawn: dict[str, Any] = {}
    by_field: dict[str, list[str]] = {}
    for path, sentences_ in errors.items():
        name = path if at.module.field(path) else path.partition(".")[0]
        by_field.setdefault(name if at.module.field(name) else "", []).extend(sentences_)
    for section in layout.sections:
        condition = section.get("show_if")
        if not list_state.may_ask(at.now, at.actor, at.module, condition):
            continue
        fields = []
        for name in section["fields"]:
            field = at.field(name) if name in editable and at.module.field(name) else None
            if field is not None and not field.read_only:
                fields.append(field)
                drawn[name] = field.pick(values)
        if fields:
            sections.append({"name": section["name"], "label": record_page.section_label(at, layout, section),
                             "columns": section.get("columns", 2), "fields": fields, "show_if": condition,
                             "hidden": bool(condition) and not record_page.holds(at, layout, section, clean),
                             "collapsed": bool(section.get("collapsed")) and not condition and not any(f.required for f in fields),
                             "because": _("Shown because %(reason)s", reason=sentences.in_words(at, condition))
                             if condition else ""})
    placed = {field.name for section in sections for field in section["fields"]}
    missing = [field for field in at.module.fields if field.required and field.name in editable and field.name not in placed]
    if missing:
        fields = [at.field(field.name) for field in missing]
        drawn |= {field.name: field.pick(values) for field in fields}
        sections.append({"name": "required", "label": _("Also needed"), "columns": 2, "fields": fields, "show_if": None,
                         "hidden": False, "because": ""})
        placed |= {field.name for field in fields}
    unplaced = {name: found for name, found in by_field.items() if name and name not in placed}
    top = by_field.get("", []) + [f"{at.field(name).label}: {sentence}" for name, found in unplaced.items() for sentence in found]
    href = f"/m/{at.module.name}/{record.id}" if record else f"/m/{at.module.name}"
    return {
        "m": at.m, "version": version, "sections": sections, "values": values, "shown": drawn,
        "errors": {name: found for name, found in by_field.items() if name in placed} | ({"": top} if top else {}),
        "error_summary": "", "cancel_href": href, "action": href, "method": "put" if record else "post",
        "record": {"id": record.id, "title": shown.title(at.module, record), "href": href} if record else None,
        "conflict": conflict, "key": None if record else request.form.get("_key") or idempotency.new_key(),
        "multipart": any(field.widget in ("file", "image") for section in sections for field in section["fields"]),
        "context": {"reader": at.reader, "values": values, "errors": errors, "module": at.module.name},
    }


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
