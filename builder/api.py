"""What the builder does, for programs: /api/v1/metadata/… with the API key of somebody who may build.

Drafts, check, plan, versions, schemas. The draft "-" is one's own without a name; any other name is a branch.
"""
import re
from typing import Any

import flask

from builder import change_words, value_checks, versions, wire
from builder import draft as drafts
from metadata import check as checks
from metadata import shape, store
from metadata.changes import between
from metadata.definitions import Definitions
from metadata.merge import MISSING
from metadata.model.nouns import noun_of, nouns
from runtime.db.transaction import reading
from runtime.errors import BadQuery, NotFound
from runtime.locale.text import _
from runtime.publish import impact, service
from runtime.publish.service import Plan
from runtime.tables import published
from runtime.web.actor import current_actor
from runtime.web.policies import api as for_clients
from runtime.web.policies import takes

api = flask.Blueprint("metadata_api", __name__, url_prefix="/api/v1/metadata")

api.before_request(wire.only_builders)


# Drafts

@api.get("/drafts/<name>")
@for_clients
def draft(name: str) -> flask.Response:
    return wire.answer(wire.told(drafts.current(current_actor(), wire.named(name))))


@api.put("/drafts/<name>")
@for_clients
@takes(wire.LARGEST)
def put(name: str) -> flask.Response:
    """{"documents": {path: document}}: the whole of it."""
    documents = wire.documents(wire.body())
    if any(each is None for each in documents.values()):
        raise BadQuery(_("A whole draft has no documents that are null."))
    return _changed(name, lambda _before: Definitions(dict(sorted(wire.read(documents).items()))))


@api.patch("/drafts/<name>")
@for_clients
@takes(wire.LARGEST)
def patch(name: str) -> flask.Response:
    """{"documents": {path: document, or null to remove it}}: only these change."""
    documents = wire.documents(wire.body())

    def edit(before: Definitions) -> Definitions:
        kept = {path: each for path, each in before.documents.items() if path not in documents}
        return Definitions(dict(sorted((kept | wire.read({p: d for p, d in documents.items() if d is not None})).items())))

    return _changed(name, edit)


@api.delete("/drafts/<name>")
@for_clients
def drop(name: str) -> flask.Response:
    drafts.drop(current_actor(), wire.named(name))
    return flask.Response(status=204)


@api.post("/drafts/<name>/rebase")
@for_clients
def rebase(name: str) -> flask.Response:
    """{"choices": {key: "ours" or "theirs"}}; 409 with the conflicts that are not chosen yet."""
    actor, choices = current_actor(), wire.body().get("choices", {})
    held = drafts.current(actor, wire.named(name))
    left = [each for each in drafts.brought_together(held).conflicts if each.key not in choices]
    if left:
        return wire.problem(409, "conflict", _("Choose for each of these which one shall stand."), conflicts=[
            {"key": each.key, "path": each.path, "place": each.place, "base": _plain(each.base), "ours": _plain(each.ours),
             "theirs": _plain(each.theirs)} for each in left])
    drafts.rebase(actor, choices, wire.named(name))
    return wire.answer(wire.told(drafts.current(actor, wire.named(name))))


# Check, plan: a draft by its name, or documents sent along

@api.post("/check")
@for_clients
@takes(wire.LARGEST)
def check() -> flask.Response:
    definitions, _base, _held = wire.meant(current_actor(), wire.body())
    return wire.answer({"problems": wire.problems(service.problems_of(definitions)),
                        "warnings": wire.problems(checks.warnings(definitions))})


@api.post("/plan")
@for_clients
@takes(wire.LARGEST)
def plan() -> flask.Response:
    """Waits some seconds where many values are to be checked; then "checking" says how far that is, and one asks again."""
    actor = current_actor()
    definitions, _base, _held = wire.meant(actor, wire.body())
    live = published.current().definitions
    return wire.answer(_planned(value_checks.looked(actor, definitions, patience=value_checks.PATIENCE), live))


# Versions and schemas

@api.get("/versions")
@for_clients
def history() -> flask.Response:
    with reading() as connection:
        known = store.history(connection)
    return wire.answer({"versions": [{"number": each.number, "at": each.at, "by": each.actor_id, "note": each.note,
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
        return wire.answer({"number": one, "documents": _content(versions.at(one))})
    before, after = versions.at(one), versions.at(int(other))
    return wire.answer({"from": one, "to": int(other), "changes": change_words.told(between(before, after), after, before),
                  "documents": {path: after.documents[path].to_json() if path in after.documents else None
                                for path in sorted(before.documents.keys() | after.documents.keys())
                                if before.documents.get(path) != after.documents.get(path)}})


@api.get("/schemas")
@for_clients
def schemas() -> flask.Response:
    return wire.answer({"schemas": sorted(nouns())})


@api.get("/schemas/<noun>")
@for_clients
def schema(noun: str) -> flask.Response:
    """The JSON Schema of a noun, by its folder: views, roles."""
    found = noun_of(noun, {})
    if found is None:
        raise NotFound(_("There is no schema '%(name)s'. Known: %(known)s.", name=noun[:60], known=", ".join(sorted(nouns()))))
    return wire.answer(shape.schema(found))


def _changed(name: str, edit: drafts.Edit) -> flask.Response:
    return wire.answer(wire.told(drafts.change(current_actor(), _("Changed through the API."), edit, wire.named(name))))


def _planned(made: Plan, live: Definitions) -> dict[str, Any]:
    found = impact.of(made)
    return {"base": made.base, "checking": value_checks.under_way(made),
            "problems": wire.problems(made.problems), "warnings": wire.problems(made.warnings),
            "changes": change_words.planned(found, made.definitions, live),
            "hazards": [wire.hazard(each) for each in found.hazards], "seconds": round(found.seconds, 1),
            "steps": [{"key": each.key, "sentence": change_words.sentence(each.change, made.definitions, live),
                       "work": each.work, "rows": each.rows,
                       **({"converts": each.forecast.fits, "fails": each.forecast.fails,
                           "samples": [{"id": id, "value": value} for id, value in each.forecast.samples],
                           "moves": [{"from": old, "to": new, "records": count}
                                     for (old, new), count in (each.forecast.moves or {}).items()]}
                          if each.forecast is not None else {})} for each in found.steps]}


def _content(definitions: Definitions) -> dict[str, Any]:
    return {path: each.to_json() for path, each in definitions.documents.items()}


def _plain(value: Any) -> Any:
    return value.to_json() if hasattr(value, "to_json") else None if value is MISSING else value
