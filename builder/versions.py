"""Versions: who published what, when and why; what lies between any two; back to any of them; one of them undone alone."""
from typing import Any

import flask
from flask import request

from builder import change_words, studio
from builder import draft as drafts
from metadata import store
from metadata.changes import between
from metadata.definitions import Definitions
from metadata.errors import NoSuchVersion
from metadata.merge import merge
from runtime.db.transaction import reading
from runtime.errors import Conflict, NotFound
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, lazy, ngettext
from runtime.publish import impact, service
from runtime.security import store as people
from runtime.values import Actor
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

versions = flask.Blueprint("versions", __name__, url_prefix="/builder/versions")

studio.entry(lazy("Versions"), "/builder/versions", "history", group=studio.SHIP, position=20, noun=studio.OWN)

SHOWN = 200


@versions.get("")
@builder
def listing() -> flask.Response:
    draft = drafts.current(current_actor())
    with reading() as connection:
        history = store.history(connection, SHOWN)
    return studio.answer("builder/versions.html", "work", draft=draft, versions=history, who=_names(history))


@versions.get("/<int:number>")
@builder
def show(number: int) -> flask.Response:
    """What this version changed."""
    return _difference(max(number - 1, 0), number)


@versions.get("/compare")
@builder
def compare() -> flask.Response:
    """Any two, given as from and to."""
    try:
        return _difference(int(request.args.get("from", "")), int(request.args.get("to", "")))
    except ValueError:
        raise NotFound(_("Choose two versions to compare.")) from None


@versions.post("/<int:number>/back")
@builder
def back(number: int) -> flask.Response:
    """As a step of the draft, to look at first; or at once, where nothing needs a tick."""
    actor = current_actor()
    definitions = at(number)
    if request.form.get("at_once"):
        plan = service.look(actor, definitions)
        found = impact.of(plan)
        if found.long or plan.checking:
            raise Conflict(_("Going back changes the type of many values, which a worker does. Take it as a draft and publish "
                             "that."))
        if found.hazards:
            raise Conflict(_("Going back removes something that has values. Take it as a draft and confirm it in the review."))
        made = service.rollback(actor, number, note=request.form.get("note", "").strip()[:500])
        return htmx.go("/builder/versions", events={"toast": {"text": _("Version %(number)s is live.", number=made)}})
    _fresh(drafts.current(actor))
    drafts.change(actor, _("Back to version %(number)s.", number=number), lambda _now: definitions)
    return htmx.go("/builder/review", events={"toast": {"text": _("Version %(number)s is in your draft.", number=number),
                                                       "undo": "/builder/undo"}})


@versions.post("/<int:number>/undo")
@builder
def undo(number: int) -> flask.Response:
    """This version's change alone, everything since then kept: where both touched one thing, what is there now stays."""
    before = drafts.current(current_actor()).definitions
    made, left = undone(current_actor(), number)
    if made.definitions == before and left:
        raise Conflict(_("All that version %(number)s changed was changed again since then. Nothing of it is left to undo.",
                         number=number))
    text = (_("What version %(number)s changed is undone in your draft.", number=number) if not left else ngettext(
        "Undone in your draft, but for %(n)s thing that was changed again since then.",
        "Undone in your draft, but for %(n)s things that were changed again since then.", left, n=left))
    return htmx.go("/builder/review", events={"toast": {"text": text, "undo": "/builder/undo"}})


def undone(actor: Actor, number: int, name: str | None = None) -> tuple[drafts.Draft, int]:
    """(the draft without what this version changed, how much of that was changed again since and stays)."""
    merged = []

    def edit(definitions: Definitions) -> Definitions:
        merged.append(merge(at(number), definitions, at(number - 1), catalogue=catalogue()))
        return merged[0].definitions

    made = drafts.change(actor, _("Undo what version %(number)s changed.", number=number), edit, name)
    return made, len(merged[0].conflicts)


def at(number: int) -> Definitions:
    """Raises NotFound."""
    try:
        with reading() as connection:
            return store.at(connection, number)
    except NoSuchVersion as problem:
        raise NotFound(str(problem)) from None


def _fresh(draft: drafts.Draft) -> None:
    if draft.behind:
        raise Conflict(_("Your draft was begun on an older version. Bring both together first, or give it up."))


def _difference(one: int, other: int) -> flask.Response:
    draft = drafts.current(current_actor())
    before, after = at(one), at(other)
    changes = change_words.grouped(between(before, after), after, before)
    with reading() as connection:
        history = store.history(connection, SHOWN)
    version = next((each for each in history if each.number == other), None) if one == other - 1 else None
    return studio.answer("builder/version.html", "work", draft=draft, one=one, other=other, changes=changes, version=version,
                         versions=history, who=_names(history))


def _names(history: list[Any]) -> dict[int, str]:
    """{user id: name}; who is no longer there has none."""
    found = {}
    for id in {each.actor_id for each in history if each.actor_id is not None}:
        person = people.person(id)
        if person is not None:
            found[id] = person.name
    return found
