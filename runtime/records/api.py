"""The records as JSON, under /api/v1: list, read, write, aggregate, search, metadata, OpenAPI."""
from collections.abc import Mapping, Sequence
from typing import Any

import flask
from flask import request

from runtime.errors import BadQuery, RuntimeProblem, Stale
from runtime.kinds.field_type import FieldType
from runtime.locale.text import _
from runtime.records import aggregate as reports
from runtime.records import buttons, convert, duplicates, idempotency, links, openapi, query, search, service
from runtime.security import policy
from runtime.tables import published
from runtime.values import Actor, Record
from runtime.web import json
from runtime.web.actor import current_actor
from runtime.web.policies import api as for_clients

api = flask.Blueprint("records_api", __name__, url_prefix="/api/v1")


class PreconditionRequired(RuntimeProblem):
    status = 428
    code = "precondition_required"


@api.get("/records/<module>")
@for_clients
def listing(module: str) -> flask.Response:
    actor, asked = current_actor(), request.args
    _known(asked, "filter", "sort", "fields", "limit", "after", "before", "count", "q", "deleted")
    now = published.current()
    definition = now.module(module)
    deleted = asked.get("deleted") in ("1", "true")
    policy.require(actor, "delete" if deleted else "read", definition)
    paths = _paths(actor, definition, asked.get("fields"))
    question = query.Query(module, paths, _criteria(asked.get("filter")), _sort(asked.get("sort")),
                           _number(asked.get("limit"), "limit", 50), asked.get("after"), asked.get("before"),
                           asked.get("q", ""), deleted=deleted)
    page = query.find(actor, question)
    count, capped = _counted(actor, question, page, asked.get("count", "capped"))
    return _json({"records": _plain(definition, page.rows), "count": count, "capped": capped, "next": page.next,
                  "previous": page.previous})


def _counted(actor: Actor, question: query.Query, page: query.Page, how: str) -> tuple[int | None, bool]:
    """How many match: up to the cap, to the end, or not asked; a first page that is the last needs no counting."""
    if how not in ("capped", "exact", "none"):
        raise BadQuery(_("'count' is capped, exact or none."))
    if how == "none":
        return None, False
    if page.next is None and question.after is None and question.before is None:
        return len(page.rows), False
    return query.count(actor, question, None if how == "exact" else query.CAP)


@api.post("/records/<module>")
@for_clients
def create(module: str) -> flask.Response:
    actor, given = current_actor(), _body()

    def do() -> Mapping[str, Any]:
        with duplicates.allowed(request.args.get("allow_duplicates") in ("1", "true")):
            return _one(actor, module, service.create(actor, module, given))

    answer, replayed = idempotency.once(actor, request.headers.get("Idempotency-Key"), {"module": module, "given": given}, do)
    response = _json(answer, 201)
    response.headers["Location"] = flask.url_for("records_api.show", module=module, record_id=answer["id"])
    response.headers["ETag"] = f'"{answer["version"]}"'
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@api.post("/records/<module>/<int:record_id>/convert")
@for_clients
def convert_record(module: str, record_id: int) -> flask.Response:
    """{"version", "use": {module: id of an existing record}, "without": [optional modules]}: what the record became."""
    given = _body()
    use, without, version = given.get("use", {}), given.get("without", []), given.get("version")
    if not isinstance(use, Mapping) or not all(isinstance(number, int) for number in use.values()) \
            or not isinstance(without, list) or not (version is None or isinstance(version, int)):
        raise BadQuery(_("Send {\"version\": number, \"use\": {module: id}, \"without\": [modules]}."))
    made = convert.convert(current_actor(), module, record_id, seen_version=version, chosen=use, without=without)
    return _json({"made": [{"module": name, "id": number} for name, number in made]}, 201)


@api.post("/records/<module>/<int:record_id>/press/<button>")
@for_clients
def press(module: str, record_id: int, button: str) -> flask.Response:
    """A button of the record, with all it does. The same Idempotency-Key again does nothing more."""
    done = buttons.press(current_actor(), module, record_id, button, key=request.headers.get("Idempotency-Key"))
    return _json({"said": done.said, "address": done.address})


@api.get("/records/<module>/<int:record_id>")
@for_clients
def show(module: str, record_id: int) -> flask.Response:
    actor = current_actor()
    _known(request.args, "fields")
    definition = published.current().module(module)
    policy.require(actor, "read", definition)
    record = query.one(actor, module, record_id, _paths(actor, definition, request.args.get("fields")))
    return _tagged(_one(actor, module, record))


@api.patch("/records/<module>/<int:record_id>")
@for_clients
def change(module: str, record_id: int) -> flask.Response:
    actor = current_actor()
    given = _body()
    with duplicates.allowed(request.args.get("allow_duplicates") in ("1", "true")):
        record = _unless_changed(lambda: service.update(actor, module, record_id, given, seen_version=_seen_version(required=True)))
    return _tagged(_one(actor, module, links.as_seen(actor, record, chosen=given)))


@api.delete("/records/<module>/<int:record_id>")
@for_clients
def delete(module: str, record_id: int) -> flask.Response:
    _unless_changed(lambda: service.delete(current_actor(), module, record_id, seen_version=_seen_version(required=False)))
    return flask.Response(status=204)


@api.post("/records/<module>/<int:record_id>/restore")
@for_clients
def restore(module: str, record_id: int) -> flask.Response:
    actor = current_actor()
    return _tagged(_one(actor, module, links.as_seen(actor, service.restore(actor, module, record_id))))


@api.get("/records/<module>/<int:record_id>/history")
@for_clients
def history(module: str, record_id: int) -> flask.Response:
    _known(request.args, "before", "limit")
    before = request.args.get("before")
    entries = service.history_of(current_actor(), module, record_id,
                                 limit=min(_number(request.args.get("limit"), "limit", 50), 200),
                                 before=_number(before, "before", 0) if before else None)
    return _json({"history": [{"id": entry.id, "version": entry.version, "verb": entry.verb, "at": entry.at,
                               "by": entry.actor_id, "by_name": entry.actor_name, "channel": entry.channel,
                               "changed": {path: list(pair) for path, pair in entry.changed.items()}} for entry in entries]})


@api.get("/aggregate/<module>")
@for_clients
def aggregate(module: str) -> flask.Response:
    _known(request.args, "group", "measures", "filter")
    answer = reports.aggregate(current_actor(), module, group=_names(request.args.get("group")),
                               measures=_names(request.args.get("measures")) or ("count",),
                               criteria=_criteria(request.args.get("filter")))
    return _json({"rows": answer.rows, "capped": answer.capped})


@api.get("/search")
@for_clients
def find() -> flask.Response:
    _known(request.args, "q", "limit", "module")
    groups = search.search(current_actor(), request.args.get("q", ""), modules=_names(request.args.get("module")) or None,
                           limit=min(_number(request.args.get("limit"), "limit", 5), 50))
    return _json({"results": [{"module": hit.module.name, "id": hit.id, "title": hit.title, "meta": hit.meta}
                              for group in groups for hit in group.hits]})


@api.get("/metadata")
@for_clients
def metadata() -> flask.Response:
    return _json(openapi.metadata(current_actor()))


@api.get("/openapi.json")
@for_clients
def description() -> flask.Response:
    return _json(openapi.document(current_actor()))


# From a request to values, and back

def _body() -> Mapping[str, Any]:
    given = json.loads(request.get_data(cache=False) or b"{}")
    if not isinstance(given, Mapping):
        raise BadQuery(_("Send one JSON object with the record's values."))
    return given


def _json(value: Any, status: int = 200) -> flask.Response:
    return flask.Response(json.dumps(value), status, mimetype="application/json")


def _tagged(answer: Mapping[str, Any]) -> flask.Response:
    response = _json(answer)
    response.headers["ETag"] = f'"{answer["version"]}"'
    return response


def _one(actor: Actor, module: str, record: Record) -> dict[str, Any]:
    return _plain(published.current().module(module), [record])[0]


def _plain(module: Any, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Records as JSON objects; only types that need it touch their values."""
    now = published.current()
    special: dict[str, Any] = {}
    for path in records[0].values if records else ():
        name, _, part = path.partition(".")
        field = module.field(name)
        if field is not None and type(now.type(field)).to_json is not FieldType.to_json:
            special[path] = (now.type(field), field, part)
    rows = []
    for record in records:
        row = {"id": record.id, "version": record.version, **record.values}
        for path, (kind, field, part) in special.items():
            if row[path] is not None:
                row[path] = kind.to_json(field, part, row[path])
        rows.append(row)
    return rows


def _paths(actor: Actor, module: Any, asked: str | None) -> tuple[str, ...]:
    """`fields=name,account.name`; nothing or * means everything the actor may read."""
    names = _names(asked)
    if not names or names == ("*",):
        return service.readable_paths(actor, module)
    return tuple(path for name in names for path in (service.readable_paths(actor, module) if name == "*" else (name,)))


def _names(asked: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (asked or "").split(",") if name.strip())


def _sort(asked: str | None) -> tuple[tuple[str, bool], ...]:
    return tuple((name.lstrip("-+"), name.startswith("-")) for name in _names(asked))


def _criteria(asked: str | None) -> Any:
    if not asked:
        return None
    criteria = json.loads(asked)
    if not criteria and not isinstance(criteria, list):
        raise BadQuery(_("'filter' is a condition or a list of conditions."))
    return {"all": criteria} if isinstance(criteria, list) else criteria


def _number(asked: str | None, name: str, default: int) -> int:
    if asked is None:
        return default
    if not asked.isascii() or not asked.isdigit() or len(asked) > 18:
        raise BadQuery(_("'%(name)s' is a whole number.", name=name))
    return int(asked)


def _known(asked: Mapping[str, str], *names: str) -> None:
    for name in asked:
        if name not in names:
            raise BadQuery(_("There is no parameter '%(name)s' here. Known: %(known)s.", name=name[:60], known=", ".join(names)))


def _seen_version(*, required: bool) -> int | None:
    tag = request.headers.get("If-Match", "").strip()
    if not tag and not required:
        return None
    number = tag.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit():
        raise PreconditionRequired('Say which version you saw: send If-Match with the ETag of your last read, such as "3".')
    return int(number)


def _unless_changed(do: Any) -> Any:
    """Someone was faster: to a client that is a failed precondition."""
    try:
        return do()
    except Stale as problem:
        problem.status = 412
        raise
