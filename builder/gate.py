"""The gate: somebody who designs only some nouns opens only their pages. What no page has announced is shut to them.

Who may build everything is not asked. What a page changes is asked of every document it touches besides (draft.change).
"""
import flask
from flask import request

from builder import studio
from builder.studio import ANYTHING, OWN
from metadata.model.nouns import nouns
from runtime.errors import Refused
from runtime.locale.text import _
from runtime.security import policy
from runtime.web.actor import somebody

gate = flask.Blueprint("gate", __name__, url_prefix="/builder")

OPEN = ("", "undo", "redo", "merge", "criteria", "frame", "preview")
"""Without an entry in the side bar; they show or handle one's own draft."""
TRIED = "try"
"""Under a module: what one has made of it, to look at."""
PROOFS = "/builder/scenarios/affected"
"""Which tests the draft makes red: a part of the review."""


def noun_of(path: str) -> str:
    """The folder of what the pages at this address edit, OWN or ANYTHING."""
    head, *rest = path.removeprefix("/builder").strip("/").split("/")
    if head in OPEN or path == PROOFS:
        return OWN
    if head in nouns():
        return head
    if head == "d" and rest:
        return rest[0]
    if head == "m" and rest[1:] == [TRIED]:
        return OWN
    if head == "m":
        known = {each.name: each.noun for each in studio.tabs()}
        return known.get(rest[1] if len(rest) > 1 else "", known[""])
    return next((each.noun for each in studio.entries() if each.href == f"/builder/{head}"), ANYTHING)


@gate.before_app_request
def admit() -> flask.typing.ResponseReturnValue | None:
    who = somebody()
    if who is None or not request.path.startswith("/builder") or not policy.may_build(who) or policy.buildable(who) is None:
        return None
    noun = noun_of(request.path)
    if studio.designs(who, noun):
        return None
    given = request.view_args or {}
    first = next((each.name for each in studio.tabs() if studio.designs(who, each.noun)), "")
    if request.method == "GET" and request.endpoint == "fields.show" and first:
        return flask.redirect(f"/builder/m/{given['module']}/{first}", 303)
    allowed = sorted(policy.buildable(who) or ())
    raise Refused(_("Your roles let you change %(allowed)s. This page is for those who may change more.",
                    allowed=", ".join(_(each.replace("_", " ").capitalize()) for each in allowed)))
