"""Branches: drafts with a name, to try something beside the work; looked at on live data, taken over, published, dropped."""
import re
from dataclasses import replace
from typing import Any

import flask
from flask import g, request

from builder import draft as drafts
from builder import merge_page, studio
from metadata import drafts as kept
from metadata.definitions import Definitions
from metadata.merge import merge
from metadata.model.role import Role
from runtime.db.transaction import reading, transaction
from runtime.errors import Conflict, Invalid, NotFound, Refused
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, lazy
from runtime.security import policy
from runtime.security import store as people
from runtime.tables import preview, published
from runtime.values import Actor
from runtime.web import htmx, policies
from runtime.web.actor import current_actor, local_path, somebody
from runtime.web.policies import builder

branches = flask.Blueprint("branches", __name__, url_prefix="/builder")

studio.entry(lazy("Branches"), "/builder/branches", "git-branch", group=studio.SHIP, position=30, noun=studio.OWN)

NAME = re.compile(r"[^\W_][\w .-]{0,59}")
LOOKING = "preview"
"""In the session while somebody looks at a draft: [owner id, its name, role or ""]."""


@branches.get("/branches")
@builder
def listing() -> flask.Response:
    return _page({})


@branches.post("/branches")
@builder
def make() -> flask.Response:
    """From what one works on now; it is worked on from here."""
    actor, name = current_actor(), request.form.get("name", "").strip()
    draft = drafts.current(actor)
    if not NAME.fullmatch(name):
        return _page({"name": [_("A branch has a name of letters, digits, spaces, dots or hyphens.")]}, status=422)
    if drafts.current(actor, name).begun:
        return _page({"name": [_("You have a branch of this name already.")]}, status=422)
    with transaction() as tx:
        kept.keep(tx.connection, actor.user_id, draft.origin, draft.definitions, base=draft.base, name=name,
                  sentence=_("Begin branch '%(name)s'.", name=name), at=drafts.clock.now())
        kept.sit_down(tx.connection, actor.user_id, name)
    return htmx.go("/builder/branches", events={"toast": {"text": _("You work on branch '%(name)s' now.", name=name)}})


@branches.post("/branches/switch")
@builder
def switch() -> flask.Response:
    """To one of one's own branches, or back to one's own draft."""
    actor, name = current_actor(), request.form.get("name", "")
    if name:
        drafts.of_branch(actor.user_id, name)
    with transaction() as tx:
        kept.sit_down(tx.connection, actor.user_id, name)
    return htmx.go("/builder/branches", events={"toast": {"text": _("You work on branch '%(name)s' now.", name=name) if name else
                                                         _("You work on your own draft now.")}})


@branches.post("/branches/take")
@builder
def take() -> flask.Response:
    """A branch's changes into what one works on, property by property. Raises Conflict where both changed one thing and
    nobody has chosen yet: the page asks."""
    actor, other = current_actor(), _meant(request.form)
    mine = drafts.current(actor)
    if (other.base, mine.base) != (mine.base, mine.number):
        raise Conflict(_("Both have to stand on the live version first: open each and bring it together."))
    choices = merge_page.chosen(request.form)
    merged = merge(other.origin, mine.definitions, other.definitions, catalogue=catalogue(), choices=choices)
    if any(conflict.key not in choices for conflict in merged.conflicts):
        return studio.answer("builder/branch_take.html", "work", draft=mine, other=other, owner=request.form.get("owner", ""),
                             conflicts=[merge_page.told(each, mine.definitions, other.definitions) for each in merged.conflicts],
                             choices=choices)

    def edit(definitions: Definitions) -> Definitions:
        return merge(other.origin, definitions, other.definitions, catalogue=catalogue(), choices=choices).definitions

    drafts.change(actor, _("Take over branch '%(name)s'.", name=other.name), edit, mine.name)
    return htmx.go("/builder/review", events={"toast": {"text": _("The branch is in your draft now."), "undo": "/builder/undo"}})


@branches.post("/branches/drop")
@builder
def drop() -> flask.Response:
    """One's own; an administrator drops anybody's."""
    actor = current_actor()
    owner, name = _owner(request.form), request.form.get("name", "")
    if not name or (owner != actor.user_id and not actor.admin):
        raise NotFound(_("There is no branch '%(name)s'.", name=name))
    with transaction() as tx:
        kept.drop(tx.connection, owner, name)
    return htmx.go("/builder/branches", events={"toast": {"text": _("The branch is gone. Nothing that is live has changed.")}})


# Looking at a draft on live data

@branches.get("/preview/<path:place>")
@builder
def look_at(place: str) -> flask.Response:
    """The address to send round: /builder/preview/<branch>[~owner id]/m/<module>…"""
    name, _slash, rest = place.partition("/")
    name, _tilde, owner = name.partition("~")
    number = int(owner) if owner.isascii() and owner.isdigit() else current_actor().user_id
    drafts.of_branch(number, name)
    flask.session[LOOKING] = [number, name, ""]
    return flask.redirect(local_path("/" + rest), 303)


@branches.post("/preview")
@builder
def begin() -> flask.Response:
    """Look at what one works on, as somebody of a role where one is given."""
    actor = current_actor()
    draft, role = drafts.current(actor), request.form.get("role", "")
    if role and role not in draft.definitions.roles:
        raise Invalid({"role": [_("There is no role '%(name)s' in this draft.", name=role)]})
    if role and not may_see_as(actor, role):
        raise Refused(_("Only an administrator can look at records as somebody of another role."))
    if not draft.begun and not role:
        raise Conflict(_("There is nothing in the draft to look at yet."))
    flask.session[LOOKING] = [actor.user_id, draft.name, role]
    return htmx.go(local_path(request.form.get("place") or "/"))


@branches.post("/preview/end")
@builder
def end() -> flask.Response:
    flask.session.pop(LOOKING, None)
    return htmx.go("/builder")


@branches.before_app_request
def pin() -> None:
    """Pages outside the builder show the draft somebody looks at; nothing can be written meanwhile."""
    looking, who = flask.session.get(LOOKING) if flask.session else None, somebody()
    view = flask.current_app.view_functions.get(request.endpoint) if request.endpoint else None
    if not looking or who is None or request.path.startswith(("/builder", "/api/", "/logout", "/me")) \
            or policies.of(view) not in (policies.SIGNED_IN, policies.ADMIN):
        return
    owner, name, role = looking
    if not policy.may_build(who):
        return
    if role and not may_see_as(who, role):           # it was theirs when they began
        flask.session.pop(LOOKING, None)
        return
    try:
        draft = drafts.of_branch(owner, name) if name or owner != who.user_id else drafts.current(who, "")
    except NotFound:
        flask.session.pop(LOOKING, None)
        return
    if request.method not in ("GET", "HEAD"):
        raise Conflict(_("You are looking at a draft, so nothing can be saved. End the preview first."))
    seen = with_roles_of(who, draft)
    published.pin(preview.Preview(published.current(), seen, seen))
    if role:
        g.actor = replace(who, everything=False, roles=(role,))
    g.looking = {"name": name, "role": draft.definitions.roles[role].label if role in draft.definitions.roles else ""}


def may_see_as(actor: Actor, role: str) -> bool:
    return actor.admin or role in actor.roles


def with_roles_of(who: Actor, draft: drafts.Draft) -> Definitions:
    """A draft may grant what is not granted: who may not edit roles looks at it with those that are live."""
    if policy.buildable(who) is None:
        return draft.definitions
    others = {path: each for path, each in draft.definitions.documents.items() if not isinstance(each, Role)}
    return Definitions(others | {role.path: role for role in draft.live.of(Role)})


@branches.app_context_processor
def told() -> dict[str, Any]:
    return {"looking": g.get("looking")}


def _page(errors: dict[str, list[str]], status: int = 200) -> flask.Response:
    actor = current_actor()
    with reading() as connection:
        known = kept.branches(connection)
        here = kept.desk(connection, actor.user_id)
    listed = [{"branch": each, "mine": each.owner_id == actor.user_id, "here": each.owner_id == actor.user_id and each.name == here,
               "owner": getattr(people.person(each.owner_id), "name", ""),
               "address": f"/builder/preview/{each.name}" + ("" if each.owner_id == actor.user_id else f"~{each.owner_id}") + "/"}
              for each in known]
    draft = drafts.current(actor)
    return studio.answer("builder/branches.html", "work", draft=draft, branches=listed, here=here, errors=errors, status=status,
                         given=request.form.get("name", ""), roles=list(draft.definitions.roles.values()))


def _owner(form: Any) -> int:
    given = form.get("owner", "")
    return int(given) if given.isascii() and given.isdigit() else current_actor().user_id



def _meant(form: Any) -> drafts.Draft:
    return drafts.of_branch(_owner(form), form.get("name", ""))
