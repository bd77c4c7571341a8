"""Review and publish: what the draft would do, in sentences; then doing it."""
import flask
from flask import request

from builder import draft as drafts
from builder import studio
from runtime.errors import Conflict, Invalid
from runtime.locale.text import _, lazy
from runtime.publish import service
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

review = flask.Blueprint("review", __name__, url_prefix="/builder/review")

studio.entry(lazy("Review & publish"), "/builder/review", "git-pull-request", group=studio.SHIP, position=10)


@review.get("")
@builder
def show() -> flask.Response:
    return _page({})


@review.post("")
@builder
def publish() -> flask.Response:
    actor = current_actor()
    draft = drafts.current(actor)
    try:
        number = service.publish(actor, draft.definitions, base=draft.base, note=request.form.get("note", "").strip()[:500])
    except (Invalid, Conflict) as problem:
        return _page({"": [problem.message]}, status=problem.status)
    drafts.drop(actor)
    return htmx.go("/builder", events={"toast": {"text": _("Version %(number)s is live.", number=number)}})


@review.post("/drop")
@builder
def drop() -> flask.Response:
    drafts.drop(current_actor())
    return htmx.go("/builder", events={"toast": {"text": _("The draft is gone. Nothing that is live has changed.")}})


def _page(errors: dict[str, list[str]], status: int = 200) -> flask.Response:
    draft = drafts.current(current_actor())
    plan = service.plan(draft.definitions) if draft.changes else None
    return studio.answer("builder/review.html", "work", draft=draft, plan=plan, errors=errors, status=status)
