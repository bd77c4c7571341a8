"""What the builder's API reads from a request, and the JSON it answers with."""
from collections.abc import Iterable, Mapping
from typing import Any

import flask
from flask import request

from builder import change_words
from builder import draft as drafts
from metadata.definitions import Definitions
from metadata.errors import NotSound, Problem
from runtime.errors import BadQuery, Invalid, NotFound, Refused
from runtime.locale.text import _
from runtime.publish import impact
from runtime.security import policy
from runtime.values import Actor
from runtime.web import json
from runtime.web.actor import current_actor

LARGEST = 10 * 1024 * 1024


def only_builders() -> None:
    """Before each request of a Blueprint."""
    if not policy.may_build(current_actor()):
        raise Refused(_("This key belongs to nobody who may use the builder."))


def named(name: str) -> str:
    return "" if name == "-" else name[:60]


def body() -> Mapping[str, Any]:
    given = json.loads(request.get_data(cache=False) or b"{}")
    if not isinstance(given, Mapping):
        raise BadQuery(_("Send one JSON object."))
    return given


def listed(body: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts of the body; empty where it is not there."""
    given = body.get(name, [])
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise BadQuery(_("'%(name)s' is a list of texts.", name=name))
    return given


def documents(body: Mapping[str, Any]) -> Mapping[str, Any]:
    given = body.get("documents")
    if not isinstance(given, Mapping) or not all(each is None or isinstance(each, Mapping) for each in given.values()):
        raise BadQuery(_("Send 'documents': an object with one document per path, such as views/deals.open."))
    return given


def read(documents: Mapping[str, Any]) -> dict[str, Any]:
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



def meant(actor: Actor, body: Mapping[str, Any]) -> tuple[Definitions, int | None, drafts.Draft | None]:
    """(definitions, the version they were begun on, the draft they come from)."""
    if "documents" in body:
        base, definitions = body.get("base"), Definitions(dict(sorted(read(documents(body)).items())))
        policy.require_build(actor, drafts.touched(drafts.current(actor, "").live, definitions))    # a forecast shows values
        return definitions, base if isinstance(base, int) else None, None
    held = drafts.current(actor, named(str(body.get("draft", "-"))))
    if held.name and not held.begun:
        raise NotFound(_("There is no branch '%(name)s'.", name=held.name))
    return held.definitions, held.base, held


def told(held: drafts.Draft) -> dict[str, Any]:
    return {"name": held.name or "-", "base": held.base, "live": held.number, "behind": held.behind,
            "changes": change_words.told(held.changes, held.definitions, held.origin), "steps": list(held.done),
            "documents": {path: each.to_json() for path, each in held.definitions.documents.items()}}




def problem(status: int, code: str, detail: str, **more: Any) -> flask.Response:
    """A problem document with more to say than the sentence."""
    said = {"type": "about:blank", "title": code, "status": status, "detail": detail, "code": code, **more}
    return flask.Response(json.dumps(said), status, mimetype="application/problem+json")


def answer(value: Any, status: int = 200) -> flask.Response:
    return flask.Response(json.dumps(value), status, mimetype="application/json")


def hazard(each: impact.Hazard) -> dict[str, Any]:
    return {"key": each.key, "title": each.title, "text": each.text}


def problems(found: Iterable[Problem]) -> list[dict[str, str]]:
    return [{"path": each.path, "message": each.message} for each in found]
