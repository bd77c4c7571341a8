"""The import screens: file, columns, duplicates, check, run. Each step is a page of its own; plain forms lead on."""
from typing import Any

import flask
from flask import request

from runtime.errors import Invalid, NotFound, RuntimeProblem
from runtime.exchange import choices as offered
from runtime.exchange import look as looks
from runtime.exchange import run as runs
from runtime.exchange import service, store
from runtime.exchange.api import problems_csv
from runtime.exchange.export_pages import export_pages
from runtime.exchange.mapping import Mapping_
from runtime.exchange.store import Run
from runtime.locale import reader as locales
from runtime.locale.text import _
from runtime.records import duplicates, shown
from runtime.security import policy, users
from runtime.tables import published
from runtime.values import Actor
from runtime.web.actor import current_actor
from runtime.web.htmx import answer, go, wants_block
from runtime.web.policies import signed_in, takes

__all__ = ["export_pages", "pages"]

pages = flask.Blueprint("exchange", __name__)

LARGEST = 2 * 1024 * 1024 * 1024
"""A door as wide as the room's own limit; how much one installation takes is IMPORT_LIMIT_MB."""
LISTED = 50
"""How many rows that are like a record the check shows by each rule."""
STEPS = ("file", "columns", "duplicates", "check", "run")


@pages.get("/import")
@signed_in
def show_imports() -> flask.Response:
    return _file(request.args.get("module", ""))


@pages.post("/import")
@signed_in
@takes(LARGEST)
def upload_import() -> flask.Response:
    request.max_content_length = flask.current_app.config["IMPORT_LIMIT"]
    module, file = request.form.get("module", ""), request.files.get("file")
    try:
        if not module:
            raise Invalid({"module": [_("Choose what the rows are.")]})
        if file is None or not file.filename:
            raise Invalid({"file": [_("Choose a CSV or XLSX file.")]})
        made = service.upload(current_actor(), module, file.stream, file.filename)
    except Invalid as problem:
        return _file(module, status=problem.status, errors=problem.errors)
    return go(f"/import/{made.id}/columns")


def _file(module: str, *, status: int = 200, errors: Any = None) -> flask.Response:
    actor, now = current_actor(), published.current()
    modules = [shown.module(now, actor, one) for one in now.definitions.modules.values() if policy.may(actor, "import", one)]
    if module and module not in [one.name for one in modules]:
        policy.require(actor, "import", now.module(module))
    earlier = [_row(now, actor, one) for one in store.latest(None if actor.everything else actor.user_id)]
    if not modules and not earlier:
        raise NotFound(_("You may not import into any module."))
    return answer("exchange/import_file.html", "file", status=status, errors=errors or {},
                  modules=sorted(modules, key=lambda one: one.plural), module=module, earlier=earlier,
                  most=flask.current_app.config["IMPORT_LIMIT"] // 2**20, steps=_steps(None, "file"),
                  number=locales.current().number)


def _row(now: published.Published, actor: Actor, one: Run) -> dict[str, Any]:
    try:
        label = shown.module(now, actor, runs.module_of(now, one)).plural
    except NotFound:
        label = _("(retired module)")
    who = users.find(one.actor_id) if one.actor_id is not None else None
    step = "/columns" if one.state == "new" else ""
    return {"id": one.id, "href": f"/import/{one.id}{step}", "file": one.file_name, "module": label, "run": one,
            "by": who.name if who else "", "when": locales.current().datetime(one.begun_at), "state": one.state}


# Step by step

@pages.get("/import/<int:import_id>")
@signed_in
def show_import(import_id: int) -> flask.Response:
    found = service.find(current_actor(), import_id)
    if found.state == "new":
        return go(f"/import/{import_id}/columns")
    return _run(found)


@pages.get("/import/<int:import_id>/columns")
@signed_in
def show_import_columns(import_id: int) -> flask.Response:
    return _columns(service.find(current_actor(), import_id))


@pages.post("/import/<int:import_id>/columns")
@signed_in
def save_import_columns(import_id: int) -> flask.Response:
    """Selects called column_0, column_1 …; htmx sends them at each change and gets the columns with their checks."""
    actor = current_actor()
    found = service.find(actor, import_id)
    sheet = request.form.get("sheet", found.sheet)
    if sheet != found.sheet:
        return _columns(service.choose_sheet(actor, import_id, sheet))
    choices = {heading: request.form[f"column_{number}"] for number, heading in enumerate(found.headers)
               if f"column_{number}" in request.form}
    try:
        mapping = offered.chosen(Mapping_.from_json(found.mapping["fields"]), found.headers, choices)
        found = service.change(actor, import_id, mapping)
    except Invalid as problem:
        return _columns(found, status=problem.status, errors=problem.errors)
    return _columns(found) if wants_block() else go(f"/import/{import_id}/duplicates")


def _columns(found: Run, *, status: int = 200, errors: Any = None) -> flask.Response:
    if found.state != "new":
        return go(f"/import/{found.id}")
    actor, now = current_actor(), published.current()
    seen = looks.look(actor, found, locales.current(), request.args.get("row", 1, type=int))
    fields = offered.targets(now, actor, runs.module_of(now, found))
    return answer("exchange/import_columns.html", "columns", status=status, errors=errors or {}, look=seen,
                  targets=fields, **_context(found, "columns"))


@pages.get("/import/<int:import_id>/values/<int:number>")
@signed_in
def show_import_values(import_id: int, number: int) -> flask.Response:
    actor = current_actor()
    found = service.find(actor, import_id)
    column = looks.counted(actor, found, _column(actor, found, number))
    options, guesses = looks.suggestions(actor, found, column)
    return answer("exchange/import_values.html", "values", column=column, options=options, guesses=guesses,
                  cells=list(column.unread.items()), **_context(found, "columns"))


@pages.post("/import/<int:import_id>/values/<int:number>")
@signed_in
def save_import_values(import_id: int, number: int) -> flask.Response:
    """Pairs cell_0 and means_0, cell_1 and means_1 …"""
    actor = current_actor()
    found = service.find(actor, import_id)
    column = _column(actor, found, number)
    values = {request.form[name]: request.form.get(name.replace("cell_", "means_", 1), "")
              for name in request.form if name.startswith("cell_")}
    service.change(actor, import_id, offered.translated(Mapping_.from_json(found.mapping["fields"]), column.heading, values))
    return go(f"/import/{import_id}/columns")


def _column(actor: Actor, found: Run, number: int) -> looks.Column:
    columns = looks.look(actor, found, locales.current()).columns
    if found.state != "new" or number >= len(columns) or not columns[number].choice:
        raise NotFound(_("There is no such column."))
    return columns[number]


@pages.get("/import/<int:import_id>/duplicates")
@signed_in
def show_import_duplicates(import_id: int) -> flask.Response:
    return _duplicates(service.find(current_actor(), import_id))


@pages.post("/import/<int:import_id>/duplicates")
@signed_in
def save_import_duplicates(import_id: int) -> flask.Response:
    actor = current_actor()
    found = service.find(actor, import_id)
    mapping = Mapping_.from_json(found.mapping["fields"])
    found = service.change(actor, import_id, offered.handled(
        mapping, request.form.get("match", ""), request.form.get("on_match", "update"),
        request.form.get("on_duplicate", mapping.on_duplicate)))
    return _duplicates(found) if wants_block() else go(f"/import/{import_id}/check")


def _duplicates(found: Run) -> flask.Response:
    if found.state != "new":
        return go(f"/import/{found.id}")
    actor, now = current_actor(), published.current()
    seen = looks.look(actor, found, locales.current())
    mapping = Mapping_.from_json(found.mapping["fields"])
    keys = looks.keys(now, actor, runs.module_of(now, found), mapping)
    return answer("exchange/import_duplicates.html", "duplicates", keys=keys, look=seen,
                  mapping=mapping, rules=_rules(found), **_context(found, "duplicates"))


def _rules(found: Run) -> list[dict[str, Any]]:
    """The duplicate rules of its module."""
    now = published.current()
    module = runs.module_of(now, found)
    return [{"fields": duplicates.said(module, rule), "blocks": rule.action == "block"}
            for rule in duplicates.rules(now, module.name)]


def _alike(found: Run, checked: service.Check) -> list[dict[str, Any]]:
    """By rule: how many rows, and the first of them with what they are like."""
    home = runs.module_of(published.current(), found).name
    return [{"fields": fields, "times": len(rows), "rows": [
        row | {"href": f"/m/{home}/{row['record_id']}" if row["record_id"] else None} for row in rows[:LISTED]]}
        for fields, rows in checked.duplicates.items()]


@pages.get("/import/<int:import_id>/check")
@signed_in
def check_import(import_id: int) -> flask.Response:
    actor = current_actor()
    found = service.find(actor, import_id)
    if found.state != "new":
        return go(f"/import/{found.id}")
    checked = service.check(actor, import_id)
    return answer("exchange/import_check.html", "check", check=checked, alike=_alike(found, checked), rules=_rules(found),
                  **_context(found, "check"))


@pages.post("/import/<int:import_id>/start")
@signed_in
def start_import(import_id: int) -> flask.Response:
    service.start(current_actor(), import_id)
    return go(f"/import/{import_id}")


@pages.post("/import/<int:import_id>/discard")
@signed_in
def discard_import(import_id: int) -> flask.Response:
    service.discard(current_actor(), import_id)
    return go("/import", events={"toast": {"text": _("Import discarded. Nothing was taken in.")}})


@pages.get("/import/<int:import_id>/undo")
@signed_in
def ask_undo_import(import_id: int) -> flask.Response:
    found = service.find(current_actor(), import_id)
    if found.state not in ("done", "failed"):
        return go(f"/import/{import_id}")
    return answer("exchange/import_undo.html", "undo", **_context(found, "run"))


@pages.post("/import/<int:import_id>/undo")
@signed_in
def undo_import(import_id: int) -> flask.Response:
    service.request_undo(current_actor(), import_id)
    return go(f"/import/{import_id}")


@pages.get("/import/<int:import_id>/problems.csv")
@signed_in
def import_problems(import_id: int) -> flask.Response:
    return problems_csv(import_id)


def _run(found: Run) -> flask.Response:
    under_way = found.state in ("staged", "running", "undoing")
    done = max(found.done_to - 1, 0) if found.state != "done" else found.rows
    return answer("exchange/import_run.html", "run", under_way=under_way, done=done,
                  reasons=[] if under_way else store.reasons(found.id), **_context(found, "run"))


def _context(found: Run, step: str) -> dict[str, Any]:
    actor, now = current_actor(), published.current()
    try:
        m = shown.module(now, actor, runs.module_of(now, found))
    except RuntimeProblem:
        m = None
    return {"run": found, "m": m, "steps": _steps(found, step), "number": locales.current().number}


def _steps(found: Run | None, step: str) -> list[dict[str, Any]]:
    labels = {"file": _("File"), "columns": _("Match columns"), "duplicates": _("Duplicates"), "check": _("Check"),
              "run": _("Import")}
    at = STEPS.index(step)
    return [{"label": labels[name], "done": number < at, "current": number == at,
             "href": f"/import/{found.id}/{name}" if found and found.state == "new" and 0 < number < at else None}
            for number, name in enumerate(STEPS)]
