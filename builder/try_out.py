"""Try out: a module as the draft makes it, seen by somebody of a role: the form for a new record, one that is there, the list."""
from typing import Any
from urllib.parse import urlencode

import flask
from flask import request

from builder import draft as drafts
from builder import framing, studio
from builder.branches import with_roles_of
from builder.draft import Draft
from metadata.model.module import Module
from metadata.model.role import Role
from runtime.errors import RuntimeProblem
from runtime.locale.text import NAMES, lazy
from runtime.records import search
from runtime.tables import preview
from runtime.web.actor import current_actor
from runtime.web.policies import builder

try_out = flask.Blueprint("try_out", __name__, url_prefix="/builder/m")

PAGES = {"form": lazy("A new record"), "record": lazy("The newest record"), "list": lazy("List")}
NARROW = {"own": 0, "all": 1}
"""Whose work is the narrowest is worth trying first: an administrator sees everything anyway."""


@try_out.get("/<module>/try")
@builder
def show(module: str) -> flask.Response:
    """as: a role, "" for oneself; page: of PAGES; lang, device: as the frame has them."""
    actor, draft = current_actor(), drafts.current(current_actor())
    home = studio.module_of(draft, module)
    usual, roles = role_to_try(draft, home), framing.roles_to_see_as(actor, draft.definitions)
    role = request.args.get("as", usual.name if usual else "")
    newest = _newest(draft, home, role)
    offered = {name: label for name, label in PAGES.items() if name != "record" or newest}
    page = request.args.get("page", "") if request.args.get("page") in offered else "form"
    language = request.args.get("lang", "") if request.args.get("lang") in NAMES else ""
    place = f"/m/{home.name}" + {"form": "/new", "record": f"/{newest}", "list": ""}[page]
    asked = {name: value for name, value in (("as", role), ("lang", language)) if value}
    return studio.answer(
        "builder/try.html", "work", draft=draft, module=home, tab="try", place=place, roles=roles, role=role, page=page,
        pages=offered, src=f"/builder/frame{place}" + (f"?{urlencode(asked)}" if asked else ""), languages=NAMES,
        lang=language or actor.language, device="phone" if request.args.get("device") == "phone" else "desktop")


@try_out.app_template_global("role_to_try")
def role_to_try(draft: Draft, module: Module) -> Role | None:
    """Who is likely to fill in its form: a role that may make such records, of several the one that reaches least far."""
    def rights(role: Role) -> Any:
        return role.modules.get(module.id) or role.modules.get("*") or {}

    known = [role for role in framing.roles_to_see_as(current_actor(), draft.definitions) if rights(role).get("create")]
    return min(known, key=lambda role: (role.builder, NARROW.get(rights(role).get("edit", ""), 2)), default=None)


def _newest(draft: Draft, module: Module, role: str) -> int | None:
    """The id of the newest record that somebody of that role sees. Raises NotFound and Refused as the frame does."""
    who = framing.seen_as(current_actor(), draft.definitions, role)
    with preview.shown(draft.definitions, roles=with_roles_of(current_actor(), draft)):
        try:
            return next((hit.id for hit in search.options(who, module.name, "", limit=1)), None)
        except RuntimeProblem:
            return None          # a module that is not published yet, or not to be read
