"""Imports for programs, under /api/v1/imports: send a file, correct what was guessed, check, start, follow, undo."""
from collections.abc import Mapping
from typing import Any

import flask
from flask import request

from runtime.db.transaction import unhurried
from runtime.errors import BadQuery, Invalid
from runtime.exchange import description, export_api, service, store, told
from runtime.exchange.keeping import LARGEST
from runtime.exchange.store import Run
from runtime.locale.text import _
from runtime.records import idempotency
from runtime.tables.published import Published
from runtime.values import Actor
from runtime.web import json
from runtime.web.actor import current_actor
from runtime.web.policies import api as for_clients
from runtime.web.policies import takes

api = flask.Blueprint("exchange_api", __name__, url_prefix="/api/v1/imports")
exports_api = export_api.exports_api
MOST = 200


def described(now: Published, actor: Actor) -> tuple[dict[str, Any], dict[str, Any]]:
    """The room's part of openapi.json: (schemas, paths)."""
    schemas, paths = description.of(now, actor)
    return schemas, paths | export_api.described(now, actor)


@api.post("")
@for_clients
@takes(LARGEST)
def upload() -> flask.Response:
    """A file as multipart/form-data under "file"; module: guessed where it is not said; name: instead of the file's own."""
    request.max_content_length = flask.current_app.config["IMPORT_LIMIT"]
    _known(request.form, "module", "name")
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid({"file": [_("Choose a CSV or XLSX file.")]})
    actor, name = current_actor(), request.form.get("name", "").strip() or file.filename
    found = service.upload(actor, request.form.get("module", ""), file.stream, name)
    return _placed(_json(told.whole(actor, found), 201), found)


@api.get("")
@for_clients
def listing() -> flask.Response:
    """One's own, newest first; administrators see everybody's. before: the number a page before ended with."""
    _known(request.args, "limit", "before")
    actor, limit = current_actor(), _limit()
    before = _number("before") if "before" in request.args else None
    found = store.latest(None if actor.everything else actor.user_id, limit + 1, before)
    return _json({"imports": [told.short(one) for one in found[:limit]],
                  "next": found[limit - 1].id if len(found) > limit else None})


@api.get("/<int:import_id>")
@for_clients
def show(import_id: int) -> flask.Response:
    actor = current_actor()
    return _json(told.whole(actor, service.find(actor, import_id)))


@api.patch("/<int:import_id>")
@for_clients
def change(import_id: int) -> flask.Response:
    actor = current_actor()
    return _json(told.whole(actor, told.change(actor, import_id, _body())))


@api.delete("/<int:import_id>")
@for_clients
def discard(import_id: int) -> flask.Response:
    service.discard(current_actor(), import_id)
    return flask.Response(status=204)


@api.post("/<int:import_id>/check")
@for_clients
def check(import_id: int) -> flask.Response:
    """What a start would do, tried with the first rows and taken back."""
    actor = current_actor()
    service.require_new(service.find(actor, import_id))
    return _json(told.checked(service.check(actor, import_id)))


@api.post("/<int:import_id>/start")
@for_clients
def start(import_id: int) -> flask.Response:
    """A worker takes it from here. The same Idempotency-Key again is answered as the first time."""
    actor = current_actor()
    with unhurried():
        answer, replayed = idempotency.once(actor, request.headers.get("Idempotency-Key"), {"start": import_id},
                                            lambda: told.short(service.start(actor, import_id)))
    response = _json(answer, 202)
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = answer["links"]["self"]
    return response


@api.post("/<int:import_id>/undo")
@for_clients
def undo(import_id: int) -> flask.Response:
    found = service.request_undo(current_actor(), import_id)
    return _placed(_json(told.short(found), 202), found)


@api.get("/<int:import_id>/problems")
@for_clients
def problems(import_id: int) -> flask.Response:
    """What was refused or warned of, in order of row. after: the "next" of the page before."""
    _known(request.args, "limit", "after")
    found, limit = service.find(current_actor(), import_id), _limit()
    rows = store.told_after(found.id, _after(), limit)
    return _json({"problems": [{"row": one.row_no, "kind": one.kind, "column": one.heading, "value": one.value,
                                "reason": one.reason} for one in rows],
                  "next": f"{rows[-1].row_no}:{rows[-1].heading}" if len(rows) >= limit else None})


@api.get("/<int:import_id>/problems.csv")
@for_clients
def problem_file(import_id: int) -> flask.Response:
    return problems_csv(import_id)


def problems_csv(import_id: int) -> flask.Response:
    """The error file: row, kind, column, value, reason."""
    lines = service.problems_file(current_actor(), import_id)
    first = next(lines)
    body = flask.stream_with_context(piece for piece in ("\ufeff" + first, *lines))
    response = flask.Response(body, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="import-{import_id}-problems.csv"'
    return response


# From a request to values, and back

def _body() -> Mapping[str, Any]:
    given = json.loads(request.get_data(cache=False) or b"{}")
    if not isinstance(given, Mapping):
        raise BadQuery(_("Send one JSON object."))
    return given


def _json(value: Any, status: int = 200) -> flask.Response:
    return flask.Response(json.dumps(value), status, mimetype="application/json")


def _placed(response: flask.Response, found: Run) -> flask.Response:
    response.headers["Location"] = flask.url_for("exchange_api.show", import_id=found.id)
    return response


def _known(asked: Mapping[str, str], *names: str) -> None:
    for name in asked:
        if name not in names:
            raise BadQuery(_("There is no parameter '%(name)s' here. Known: %(known)s.", name=name[:60], known=", ".join(names)))


def _number(name: str, default: str = "") -> int:
    text = request.args.get(name, default)
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadQuery(_("'%(name)s' is a whole number.", name=name))
    return int(text)


def _limit() -> int:
    return min(max(_number("limit", "50"), 1), MOST)


def _after() -> tuple[int, str]:
    row, _colon, heading = request.args.get("after", "0:").partition(":")
    if not row.isascii() or not row.isdigit() or len(row) > 18:
        raise BadQuery(_("'%(name)s' is the 'next' of the page before.", name="after"))
    return int(row), heading
