"""The form: new, edit, save. Errors stand beside their fields; after a conflict the person chooses per field."""
from collections.abc import Mapping
from typing import Any

import flask
from flask import request

from runtime.errors import Duplicates, Invalid, NotFound, Refused, Stale
from runtime.locale.text import _
from runtime.records import duplicates, idempotency, query, sentences, service, shown
from runtime.records.pages import forms, lookups, tabs
from runtime.records.pages import record as record_page
from runtime.records.pages.base import Visit, pages, visit
from runtime.records.pipeline import pipeline
from runtime.tables import labels
from runtime.web.htmx import answer, go, wants_block
from runtime.web.policies import signed_in, takes

KEEP = "keep:"

@pages.get("/m/<module>/new")
@signed_in
def new(module: str) -> flask.Response:
    at = visit(module, "create")
    values = forms.defaults(at)
    if copied := request.args.get("copy", type=int):
        values |= {path: value for path, value in query.one(at.actor, module, copied, forms.paths(at), labels=True).values.items()
                   if (field := at.module.field(path.partition(":")[0].partition(".")[0])) and not field.unique
                   and at.field(field.name).widget not in ("file", "image")}
    for path, text in request.args.items():
        if path in pipeline(module).form.entries:
            values |= _loaded(at, path, text)
    return answer("records/edit.html", "record", **forms.drawn(at, None, values, {}))


@pages.post("/m/<module>")
@signed_in
@takes(forms.UPLOADS)
def create(module: str) -> flask.Response:
    at = visit(module, "create")
    given, unknown = lookups.by_name(at, forms.given(at))
    try:
        if unknown:
            raise Invalid(unknown)
        answered, _again = idempotency.once(at.actor, request.form.get("_key"), {"module": module, "form": given},
                                            lambda: {"id": _created(at, given)})
    except idempotency.KeyUsed:         # the same form again, after going back: what is in it now is another record
        again = {"": [_("This form has been saved before. Save again to create a second %(label)s.", label=at.m.label.lower())]}
        return answer("records/edit.html", "record", status=Invalid.status,
                      **forms.drawn(at, None, forms.typed(at, given), again) | {"key": idempotency.new_key()})
    except Duplicates as problem:
        return answer("records/edit.html", "record", status=problem.status, **forms.drawn(at, None, forms.typed(at, given), {}),
                      duplicates=problem)
    except Invalid as problem:
        return answer("records/edit.html", "record", status=problem.status,
                      **forms.drawn(at, None, forms.typed(at, given), forms.lacking(at, given) | problem.errors))
    href = f"/m/{module}/new" if request.form.get("_then") == "new" else f"/m/{module}/{answered['id']}"
    events = {"toast": {"text": _("%(label)s created.", label=at.m.label)}}
    return go(href, events) if href.endswith("/new") else _saved(at, answered["id"], events)


@pages.get("/m/<module>/<int:record_id>/edit")
@signed_in
def edit(module: str, record_id: int) -> flask.Response:
    at = visit(module, "edit")
    record = query.one(at.actor, module, record_id, tuple(dict.fromkeys((*forms.paths(at), "owner"))), labels=True)
    if not at.may(owner=record.values.get("owner"))["edit"]:
        raise Refused(_("You may look at this %(label)s, but not change it.", label=labels.of_module(at.module)))
    values = dict(record.values)
    for path, text in request.args.items():
        if path in pipeline(module).form.entries:
            values |= _loaded(at, path, text)
    return answer("records/edit.html", "record", **forms.drawn(at, record, values, {}, record.version))


@pages.put("/m/<module>/<int:record_id>")
@signed_in
@takes(forms.UPLOADS)
def save(module: str, record_id: int) -> flask.Response:
    at = visit(module, "edit")
    given = forms.given(at)
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
        record = query.one(at.actor, module, record_id, forms.paths(at), labels=True)
        values = dict(record.values) | forms.typed(at, given)
        return answer("records/edit.html", "record", status=problem.status, **forms.drawn(at, record, values, {}, version),
                      duplicates=problem)
    except Invalid as problem:
        record = query.one(at.actor, module, record_id, forms.paths(at), labels=True)
        values = dict(record.values) | forms.typed(at, given)
        return answer("records/edit.html", "record", status=problem.status,
                      **forms.drawn(at, record, values, forms.lacking(at, given) | problem.errors, version))
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
        return go(tabs.back(href), events)
    try:
        record = record_page.read(at, record_id)
    except NotFound:
        return go(f"/m/{at.module.name}", events)       # given to somebody else: no longer for this actor to see
    response = answer("records/show.html", "record", events=events, **record_page.context(at, record))
    response.headers["HX-Push-Url"] = tabs.back(href)
    return response


def _choose(at: Visit, record_id: int, given: dict[str, Any], problem: Stale) -> flask.Response:
    """Two people changed this: what only they changed is joined, what both changed is asked."""
    form = pipeline(at.module.name).form
    record = query.one(at.actor, at.module.name, record_id, forms.paths(at), labels=True)
    try:
        mine = form.load({path: value for path, value in form.flat(given).items() if path in form.entries})
    except Invalid:
        mine = {}
    for path, value in list(mine.items()):
        if at.field(path).target:
            mine[f"{path}:label"] = sentences.names_behind(at, at.field(path), value).get(value)
    values = dict(record.values) | forms.typed(at, given)
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
                  **forms.drawn(at, record, values, {}, problem.version, conflict))


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
