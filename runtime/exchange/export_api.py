"""Exports for programs: ask for a file, see how far it is, fetch it, remove it."""
from collections.abc import Mapping
from typing import Any

import flask
from flask import request

from runtime.errors import BadQuery, NotFound
from runtime.exchange import export_pages, export_store, exports
from runtime.exchange.export_store import DONE, Export
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.records import idempotency, openapi
from runtime.records.pages.base import visit
from runtime.security import policy
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor
from runtime.web import json
from runtime.web.actor import current_actor
from runtime.web.policies import api as for_clients

exports_api = flask.Blueprint("export_api", __name__, url_prefix="/api/v1/exports")

KNOWN = ("module", "format", "view", "filter", "sort", "fields", "q")


@exports_api.post("")
@for_clients
def ask_for_export() -> flask.Response:
    """{"module", "format": "csv", and as of a list "view", "filter", "sort", "fields", "q"}; without a view every record."""
    given = json.loads(request.get_data(cache=False) or b"{}")
    if not isinstance(given, Mapping):
        raise BadQuery(_("Send one JSON object."))
    for name in given:
        if name not in KNOWN:
            raise BadQuery(_("There is no parameter '%(name)s' here. Known: %(known)s.", name=str(name)[:60],
                             known=", ".join(KNOWN)))
    ask = _ask(given)
    at = visit(ask.module, "export")
    asked = exports.question(at.now, at.actor, ask)

    def do() -> Mapping[str, Any]:
        return _told(exports.begin(at.actor, ask, asked, export_pages.said(at, asked)))

    told, replayed = idempotency.once(at.actor, request.headers.get("Idempotency-Key"), {"export": given}, do)
    response = _json(told, 202)
    response.headers["Location"] = flask.url_for("export_api.show_export", export_id=told["id"])
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _ask(given: Mapping[str, Any]) -> exports.Ask:
    texts = {name: given[name] for name in ("module", "format", "view", "sort", "q") if given.get(name) is not None}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise BadQuery(_("'%(name)s' is text.", name=name))
    fields = given.get("fields")
    if fields is not None and not (isinstance(fields, list) and fields and all(isinstance(each, str) for each in fields)):
        raise BadQuery(_("'%(name)s' is a list of field names.", name="fields"))
    if not texts.get("module"):
        raise BadQuery(_("Say which module: \"module\"."))
    state = {name: texts[name] for name in ("view", "sort", "q") if texts.get(name)}
    if given.get("filter") is not None or "view" not in state:
        condition = given.get("filter") or []
        state["filter"] = json.dumps(condition if isinstance(condition, list) else [condition]).decode()
    if fields:
        state["columns"] = ",".join(fields)
    return exports.Ask(texts["module"], texts.get("format", "csv"), state)


@exports_api.get("")
@for_clients
def list_exports() -> flask.Response:
    """One's own, newest first."""
    return _json({"exports": [_told(one) for one in export_store.latest(current_actor().user_id)]})


@exports_api.get("/<int:export_id>")
@for_clients
def show_export(export_id: int) -> flask.Response:
    return _json(_told(exports.find(current_actor(), export_id)))


@exports_api.get("/<int:export_id>/file")
@for_clients
def fetch_export(export_id: int) -> flask.Response:
    """The file itself; 409 while it is not there yet, or not any more."""
    found, path, called = exports.file_of(current_actor(), export_id)
    return flask.send_file(path, mimetype=exports.format_of(found.format).content_type, as_attachment=True, download_name=called)


@exports_api.delete("/<int:export_id>")
@for_clients
def remove_export(export_id: int) -> flask.Response:
    exports.remove(current_actor(), export_id)
    return flask.Response(status=204)


def _told(one: Export) -> dict[str, Any]:
    try:
        module = exports.module_of(published.current(), one).name
    except NotFound:
        module = None
    return {"id": one.id, "module": module, "format": one.format, "state": one.state, "rows": one.rows, "total": one.total,
            "size": one.size, "problem": one.problem or None, "asked_at": one.begun_at, "finished_at": one.finished_at,
            "file": flask.url_for("export_api.fetch_export", export_id=one.id) if one.state == DONE else None}


def _json(value: Any, status: int = 200) -> flask.Response:
    return flask.Response(json.dumps(value), status, mimetype="application/json")


def described(now: Published, actor: Actor) -> dict[str, Any]:
    """For openapi.json; only where there is something this key may export."""
    modules = [one.name for one in now.definitions.modules.values() if policy.may(actor, "export", one)]
    if not modules:
        return {}
    text, number = {"type": "string"}, {"type": "integer"}
    moment = {"type": ["string", "null"], "format": "date-time"}
    told = {"type": "object", "properties": {
        "id": number, "module": {"type": ["string", "null"]}, "format": text,
        "state": text | {"enum": ["waiting", "running", "done", "failed", "expired", "sent"]}, "rows": number, "total": number,
        "size": number, "problem": {"type": ["string", "null"]}, "asked_at": moment, "finished_at": moment,
        "file": {"type": ["string", "null"]}}}
    asked = {"type": "object", "required": ["module"], "additionalProperties": False, "properties": {
        "module": text | {"enum": sorted(modules)}, "view": text, "sort": text, "q": text,
        "format": text | {"enum": sorted(each.name for each in catalogue().all("export_formats")), "default": "csv"},
        "fields": {"type": "array", "items": text}, "filter": {"description": "A criterion, as of a list."}}}

    def operation(name: str, status: str, said: str, schema: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        content = {"content": {"application/json": {"schema": schema}}} if schema else {}
        return {"operationId": name, "parameters": [],
                "responses": {status: {"description": said, **content}} | openapi.REFUSALS} | more

    key = {"name": "Idempotency-Key", "in": "header", "required": False, "schema": text}
    body = {"required": True, "content": {"application/json": {"schema": asked}}}
    base = "/api/v1/exports"
    return {
        base: {"get": operation("listExports", "200", "One's own, newest first.", {
                   "type": "object", "properties": {"exports": {"type": "array", "items": told}}}),
               "post": operation("askForExport", "202", "A worker writes it.", told, requestBody=body, parameters=[key])},
        f"{base}/{{id}}": {"parameters": [openapi.ID], "get": operation("showExport", "200", "How far it is.", told),
                           "delete": operation("removeExport", "204", "Removed.")},
        f"{base}/{{id}}/file": {"parameters": [openapi.ID], "get": operation("fetchExport", "200", "The file.")}}
