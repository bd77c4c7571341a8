"""What the builder does, for programs: /api/v1/metadata/… with the API key of somebody who may build.

Drafts, check, plan, publish, versions, schemas. The draft "-" is one's own without a name; any other name is a branch.
"""
import re
from collections.abc import Iterable, Mapping
from typing import Any

import flask
from flask import request

from builder import change_words, versions
from builder import draft as drafts
from builder.review import job_of
from metadata import check as checks
from metadata import shape, store
from metadata.changes import between
from metadata.definitions import Definitions
from metadata.errors import NotSound, Problem
from metadata.merge import MISSING
from metadata.model.nouns import noun_of, nouns
from runtime.db.transaction import reading
from runtime.errors import BadQuery, Conflict, Invalid, NotFound, Refused
from runtime.locale.text import _
from runtime.publish import impact, jobs, service
from runtime.publish.service import Plan
from runtime.security import policy
from runtime.values import Actor
from runtime.web import json
from runtime.web.actor import current_actor
from runtime.web.policies import api as for_clients
from runtime.web.policies import takes

api = flask.Blueprint("metadata_api", __name__, url_prefix="/api/v1/metadata")

LARGEST = 10 * 1024 * 1024


@api.before_request
def only_builders() -> None:
    if not policy.may_build(current_actor()):
        raise Refused(_("This key belongs to nobody who may use the builder."))


# Drafts

@api.get("/drafts/<name>")
@for_clients
def draft(name: str) -> flask.Response:
    return _json(_told(drafts.current(current_actor(), _name(name))))


@api.put("/drafts/<name>")
@for_clients
@takes(LARGEST)
def put(name: str) -> flask.Response:
    """{"documents": {path: document}}: the whole of it."""
    documents = _documents(_body())
    if any(each is None for each in documents.values()):
        raise BadQuery(_("A whole draft has no documents that are null."))
    return _changed(name, lambda _before: Definitions(dict(sorted(_read(documents).items()))))


@api.patch("/drafts/<name>")
@for_clients
@takes(LARGEST)
def patch(name: str) -> flask.Response:
    """{"documents": {path: document, or null to remove it}}: only these change."""
    documents = _documents(_body())

    def edit(before: Definitions) -> Definitions:
        kept = {path: each for path, each in before.documents.items() if path not in documents}
        return Definitions(dict(sorted((kept | _read({p: d for p, d in documents.items() if d is not None})).items())))

    return _changed(name, edit)


@api.delete("/drafts/<name>")
@for_clients
def drop(name: str) -> flask.Response:
    drafts.drop(current_actor(), _name(name))
    return flask.Response(status=204)


@api.post("/drafts/<name>/rebase")
@for_clients
def rebase(name: str) -> flask.Response:
    """{"choices": {key: "ours" or "theirs"}}; 409 with the conflicts that are not chosen yet."""
    actor, choices = current_actor(), _body().get("choices", {})
    held = drafts.current(actor, _name(name))
    left = [each for each in drafts.brought_together(held).conflicts if each.key not in choices]
    if left:
        return _problem(409, "conflict", _("Choose for each of these which one shall stand."), conflicts=[
            {"key": each.key, "path": each.path, "place": each.place, "base": _plain(each.base), "ours": _plain(each.ours),
             "theirs": _plain(each.theirs)} for each in left])
    drafts.rebase(actor, choices, _name(name))
    return _json(_told(drafts.current(actor, _name(name))))


# Check, plan, publish: a draft by its name, or documents sent along

@api.post("/check")
@for_clients
@takes(LARGEST)
def check() -> flask.Response:
    definitions, _base, _held = _meant(current_actor(), _body())
    return _json({"problems": _problems(service.problems_of(definitions)), "warnings": _problems(checks.warnings(definitions))})


@api.post("/plan")
@for_clients
@takes(LARGEST)
def plan() -> flask.Response:
    definitions, _base, _held = _meant(current_actor(), _body())
    return _json(_planned(service.plan(definitions)))


@api.post("/publish")
@for_clients
@takes(LARGEST)
def publish() -> flask.Response:
    """{"draft": name, "note", "confirm": [keys of hazards], "override": why red tests may be passed over}. 409 with what others
    published, 422 with what is not ticked or red."""
    actor, body = current_actor(), _body()
    definitions, base, held = _meant(actor, body)
    if held is not None and held.behind:
        return _came_second(held.base, held.number)
    made = service.plan(definitions)
    found = impact.of(made)
    if not made.problems and (left := found.unticked(body.get("confirm", []))):
        return _unconfirmed(left)
    if held is not None and found.long and not made.problems:
        begun = jobs.begin(actor, definitions, base=held.base, name=held.name, note=str(body.get("note", ""))[:500],
                           override=str(body.get("override", "")))
        return _json({"publishing": begun}, 202)
    try:
        number = service.publish(actor, definitions, base=base, note=str(body.get("note", ""))[:500],
                                 override=str(body.get("override", "")))
    except Conflict as problem:
        if getattr(problem, "difference", None) is None:
            raise
        return _problem(409, "conflict", problem.message, number=problem.number, changes=problem.difference)
    if held is not None:
        drafts.drop(actor, held.name)
    return _json({"number": number, "changes": made.sentences}, 201)


@api.get("/publishing/<int:number>")
@for_clients
def publishing(number: int) -> flask.Response:
    """How far a publishing is that a worker carries out (202)."""
    job = job_of(current_actor(), number)
    return _json({"state": job.state, "field": job.field, "done": job.done, "last": job.last, "number": job.number,
                  "problem": job.problem})


@api.post("/rollback")
@for_clients
def rollback() -> flask.Response:
    """{"version": n, "note", "confirm"}."""
    body = _body()
    version = body.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise BadQuery(_("'%(name)s' is a whole number.", name="version"))
    if left := impact.of(service.plan(versions.at(version))).unticked(body.get("confirm", [])):
        return _unconfirmed(left)
    return _json({"number": service.rollback(current_actor(), version, note=str(body.get("note", ""))[:500])}, 201)


# Versions and schemas

@api.get("/versions")
@for_clients
def history() -> flask.Response:
    with reading() as connection:
        known = store.history(connection)
    return _json({"versions": [{"number": each.number, "at": each.at, "by": each.actor_id, "note": each.note,
                                "changes": list(each.changes)} for each in known]})


@api.get("/versions/<span>")
@for_clients
def version(span: str) -> flask.Response:
    """One version with its documents, or what lies between two: /versions/3..5."""
    asked = re.fullmatch(r"(\d{1,9})(?:\.\.(\d{1,9}))?", span, re.ASCII)
    if asked is None:
        raise NotFound(_("Choose two versions to compare."))
    one, other = int(asked[1]), asked[2]
    if other is None:
        return _json({"number": one, "documents": _content(versions.at(one))})
    before, after = versions.at(one), versions.at(int(other))
    return _json({"from": one, "to": int(other), "changes": [str(each) for each in between(before, after)],
                  "documents": {path: after.documents[path].to_json() if path in after.documents else None
                                for path in sorted(before.documents.keys() | after.documents.keys())
                                if before.documents.get(path) != after.documents.get(path)}})


@api.get("/schemas")
@for_clients
def schemas() -> flask.Response:
    return _json({"schemas": sorted(nouns())})


@api.get("/schemas/<noun>")
@for_clients
def schema(noun: str) -> flask.Response:
    """The JSON Schema of a noun, by its folder: views, roles."""
    found = noun_of(noun, {})
    if found is None:
        raise NotFound(_("There is no schema '%(name)s'. Known: %(known)s.", name=noun[:60], known=", ".join(sorted(nouns()))))
    return _json(shape.schema(found))


# From a request, and back

def _name(name: str) -> str:
    return "" if name == "-" else name[:60]


def _body() -> Mapping[str, Any]:
    given = json.loads(request.get_data(cache=False) or b"{}")
    if not isinstance(given, Mapping):
        raise BadQuery(_("Send one JSON object."))
    return given


def _documents(body: Mapping[str, Any]) -> Mapping[str, Any]:
    given = body.get("documents")
    if not isinstance(given, Mapping) or not all(each is None or isinstance(each, Mapping) for each in given.values()):
        raise BadQuery(_("Send 'documents': an object with one document per path, such as views/deals.open."))
    return given


def _read(documents: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Invalid: {path#place: sentences}."""
    found, wrong = {}, {}
    for path, content in documents.items():
        try:
            document = drafts.read_document(path, content)
        except NotSound as problem:
            for each in problem.problems:
                wrong.setdefault(each.path, []).append(each.message)
            continue
        if document.path != path:
            wrong[path] = [_("This document belongs at '%(path)s'.", path=document.path)]
        found[path] = document
    if wrong:
        raise Invalid(wrong)
    return found


def _changed(name: str, edit: drafts.Edit) -> flask.Response:
    return _json(_told(drafts.change(current_actor(), _("Changed through the API."), edit, _name(name))))


def _meant(actor: Actor, body: Mapping[str, Any]) -> tuple[Definitions, int | None, drafts.Draft | None]:
    """(definitions, the version they were begun on, the draft they come from)."""
    if "documents" in body:
        base, definitions = body.get("base"), Definitions(dict(sorted(_read(_documents(body)).items())))
        policy.require_build(actor, drafts.touched(drafts.current(actor, "").live, definitions))    # a forecast shows values
        return definitions, base if isinstance(base, int) else None, None
    held = drafts.current(actor, _name(str(body.get("draft", "-"))))
    if held.name and not held.begun:
        raise NotFound(_("There is no branch '%(name)s'.", name=held.name))
    return held.definitions, held.base, held


def _told(held: drafts.Draft) -> dict[str, Any]:
    return {"name": held.name or "-", "base": held.base, "live": held.number, "behind": held.behind,
            "changes": [str(each) for each in held.changes], "steps": list(held.done),
            "documents": {path: each.to_json() for path, each in held.definitions.documents.items()}}


def _planned(made: Plan) -> dict[str, Any]:
    found = impact.of(made)
    return {"base": made.base, "problems": _problems(made.problems), "warnings": _problems(made.warnings),
            "changes": made.sentences, "hazards": [_hazard(each) for each in found.hazards], "seconds": round(found.seconds, 1),
            "steps": [{"key": each.key, "sentence": change_words.sentence(each.change, made.definitions), "work": each.work,
                       "rows": each.rows,
                       **({"converts": each.forecast.fits, "fails": each.forecast.fails,
                           "samples": [{"id": id, "value": value} for id, value in each.forecast.samples],
                           "moves": [{"from": old, "to": new, "records": count}
                                     for (old, new), count in (each.forecast.moves or {}).items()]}
                          if each.forecast is not None else {})} for each in found.steps]}


def _hazard(each: impact.Hazard) -> dict[str, Any]:
    return {"key": each.key, "title": each.title, "text": each.text}


def _problems(found: Iterable[Problem]) -> list[dict[str, str]]:
    return [{"path": each.path, "message": each.message} for each in found]


def _content(definitions: Definitions) -> dict[str, Any]:
    return {path: each.to_json() for path, each in definitions.documents.items()}


def _plain(value: Any) -> Any:
    return value.to_json() if hasattr(value, "to_json") else None if value is MISSING else value


def _came_second(base: int, number: int) -> flask.Response:
    changes = [str(each) for each in between(versions.at(base), versions.at(number))]
    return _problem(409, "conflict", _("Somebody published meanwhile. Bring both together first."), number=number, changes=changes)


def _unconfirmed(left: list[impact.Hazard]) -> flask.Response:
    return _problem(422, "unconfirmed", _("Tick first: %(title)s.", title=left[0].title), hazards=[_hazard(each) for each in left])


def _problem(status: int, code: str, detail: str, **more: Any) -> flask.Response:
    """A problem document with more to say than the sentence."""
    said = {"type": "about:blank", "title": code, "status": status, "detail": detail, "code": code, **more}
    return flask.Response(json.dumps(said), status, mimetype="application/problem+json")


def _json(value: Any, status: int = 200) -> flask.Response:
    return flask.Response(json.dumps(value), status, mimetype="application/json")
