"""What the studio's buttons do with drafts and versions, for programs; and what can be picked from lists.

The rest of /api/v1/metadata is in api.py (drafts, check, plan, versions, schemas), publishing_api.py, package_api.py,
scenarios.py and what_if_page.py.
"""
from collections.abc import Mapping
from typing import Any

import flask
from flask import request

from builder import draft as drafts
from builder import versions
from metadata import drafts as kept
from metadata.definitions import Definitions
from metadata.merge import OURS, THEIRS, merge
from runtime.db.transaction import reading
from runtime.errors import BadQuery, Conflict, NotFound, Refused
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.security import policy
from runtime.web import json
from runtime.web.actor import current_actor
from runtime.web.policies import api as for_clients

api = flask.Blueprint("draft_api", __name__, url_prefix="/api/v1/metadata")


@api.before_request
def only_builders() -> None:
    if not policy.may_build(current_actor()):
        raise Refused(_("This key belongs to nobody who may use the builder."))


@api.get("/drafts")
@for_clients
def listing() -> flask.Response:
    """One's own draft ("-") and everybody's branches."""
    actor = current_actor()
    mine = drafts.current(actor, "")
    with reading() as connection:
        known, here = kept.branches(connection), kept.desk(connection, actor.user_id)
    return _json({"works_on": here or "-", "drafts": [
        {"name": "-", "owner": actor.user_id, "base": mine.base, "at": mine.at, "changes": len(mine.changes)},
        *({"name": each.name, "owner": each.owner_id, "base": each.base, "at": each.at} for each in known)]})


@api.post("/drafts/<name>/undo")
@for_clients
def undo(name: str) -> flask.Response:
    return _stepped(drafts.undo(current_actor(), named(name)), name)


@api.post("/drafts/<name>/redo")
@for_clients
def redo(name: str) -> flask.Response:
    return _stepped(drafts.redo(current_actor(), named(name)), name)


@api.post("/drafts/<name>/take")
@for_clients
def take(name: str) -> flask.Response:
    """{"from": a branch, "owner": whose (one's own without it), "choices": {key: "ours" or "theirs"}}: its changes into this
    draft; 409 with the conflicts that are not chosen yet."""
    actor, body = current_actor(), _body()
    owner, choices = body.get("owner", actor.user_id), body.get("choices", {})
    if not isinstance(owner, int) or isinstance(owner, bool) or not isinstance(choices, Mapping):
        raise BadQuery(_("Send 'from', and where need be 'owner' (a number) and 'choices' (an object)."))
    other, mine = drafts.of_branch(owner, str(body.get("from", ""))[:60]), drafts.current(actor, named(name))
    if (other.base, mine.base) != (mine.base, mine.number):
        raise Conflict(_("Both have to stand on the live version first: open each and bring it together."))
    chosen = {str(key): side for key, side in choices.items() if side in (OURS, THEIRS)}

    def merged(definitions: Definitions) -> Any:
        return merge(other.origin, definitions, other.definitions, catalogue=catalogue(), choices=chosen)

    if left := [each for each in merged(mine.definitions).conflicts if each.key not in chosen]:
        said = {"type": "about:blank", "title": "conflict", "status": 409, "code": "conflict",
                "detail": _("Choose for each of these which one shall stand."),
                "conflicts": [{"key": each.key, "path": each.path, "place": each.place} for each in left]}
        return flask.Response(json.dumps(said), 409, mimetype="application/problem+json")
    made = drafts.change(actor, _("Take over branch '%(name)s'.", name=other.name),
                         lambda known: merged(known).definitions, mine.name)
    return _json(_told(made))


@api.post("/versions/<int:number>/undo")
@for_clients
def undo_version(number: int) -> flask.Response:
    """What this version changed, undone in a draft ({"draft": "-"}); left: how much was changed again since and stays."""
    if number < 1:
        raise NotFound(_("There is no version %(number)s.", number=number))
    made, left = versions.undone(current_actor(), number, named(str(_body().get("draft", "-"))))
    return _json(_told(made) | {"left": left})


@api.get("/kinds")
@for_clients
def families() -> flask.Response:
    return _json({"families": [family for family in catalogue().families() if _offered(family)]})


@api.get("/kinds/<family>")
@for_clients
def kinds(family: str) -> flask.Response:
    """Every kind of a family that is picked in the builder (field types, actions, view kinds), with its settings' schema."""
    found = _offered(family) if family in catalogue().families() else []
    if not found:
        known = ", ".join(each for each in catalogue().families() if _offered(each))
        raise NotFound(_("There is no family '%(name)s'. Known: %(known)s.", name=family[:60], known=known))
    return _json({"kinds": [{"name": each.name, "label": str(each.label or each.name), "settings_schema": each.settings_schema}
                            for each in found]})


def named(name: str) -> str:
    return "" if name == "-" else name[:60]


def _offered(family: str) -> list[Any]:
    return [each for each in catalogue().all(family) if getattr(each, "settings_schema", None) is not None]


def _stepped(step: str | None, name: str) -> flask.Response:
    return _json(_told(drafts.current(current_actor(), named(name))) | {"step": step})


def _told(held: drafts.Draft) -> dict[str, Any]:
    return {"name": held.name or "-", "base": held.base, "live": held.number, "behind": held.behind,
            "changes": [str(each) for each in held.changes], "steps": list(held.done), "undone": list(held.undone)}


def _body() -> Mapping[str, Any]:
    given = json.loads(request.get_data(cache=False) or b"{}")
    if not isinstance(given, Mapping):
        raise BadQuery(_("Send one JSON object."))
    return given


def _json(value: Any) -> flask.Response:
    return flask.Response(json.dumps(value), mimetype="application/json")
