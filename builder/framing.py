"""Framing: a page of the app as the draft makes it, inside a frame of the builder; to look at, not to use.

/builder/frame/m/deals?view=open&as=rep answers what /m/deals?view=open would, with the definitions of the draft over the
live records, for somebody of that role. Nothing in it takes the focus, is clicked or written. The parts of the page that
come later (totals, related lists) ask with the header X-Look, and are answered from the draft too. layout=deals.wide shows
that layout, whoever and whatever it is for; lang=vi says it all in that language.
"""
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import flask
from flask import g, request
from werkzeug.exceptions import HTTPException

from builder import draft as drafts
from builder.branches import may_see_as, with_roles_of
from metadata.definitions import Definitions
from metadata.model.layout import Layout
from metadata.model.role import Role
from runtime.errors import Conflict, NotFound, Refused
from runtime.locale import reader, text
from runtime.locale.text import _
from runtime.security import policy
from runtime.tables import preview, published
from runtime.values import Actor
from runtime.web import headers, policies
from runtime.web.actor import current_actor, somebody
from runtime.web.policies import builder

framing = flask.Blueprint("framing", __name__, url_prefix="/builder/frame")

POLICY = headers.PAGE.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
LOOK = "X-Look"
"""On what a framed page asks for: how it is looked at, as the frame's address has it ("as=rep&layout=deals.wide&lang=vi")."""
_BODY = re.compile(r"<body([^>]*?) hx-headers='{")


@framing.get("/<path:place>")
@builder
def frame(place: str) -> flask.Response:
    """as: the name of a role; without it, what one sees oneself. layout: the key of one."""
    view, given = _page(f"/{place}")
    look = {name: value for name in ("as", "layout", "lang") if (value := request.args.get(name, ""))}
    _look(current_actor(), look)
    response = flask.make_response(flask.current_app.ensure_sync(view)(**given))
    if response.mimetype == "text/html" and not response.is_streamed:
        response.set_data(_BODY.sub(lambda found: f"<body inert{found[1]} hx-headers='{{\"{LOOK}\": \"{urlencode(look)}\", ",
                                    response.get_data(as_text=True), count=1))
    return response


@framing.before_app_request
def part() -> None:
    """What a framed page asks for after it was drawn."""
    look, who = request.headers.get(LOOK), somebody()
    view = flask.current_app.view_functions.get(request.endpoint) if request.endpoint else None
    if look is None or who is None or policies.of(view) != policies.SIGNED_IN or not policy.may_build(who):
        return
    if request.method not in ("GET", "HEAD"):
        raise Conflict(_("You are looking at a draft, so nothing can be saved. End the preview first."))
    _look(who, dict(parse_qsl(look)))


@framing.after_request
def framed(response: flask.Response) -> flask.Response:
    """Also where it went wrong: what went wrong is read inside the frame."""
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Content-Security-Policy"] = POLICY.format(nonce=headers.nonce())
    return response


def seen_as(actor: Actor, definitions: Definitions, role: str) -> Actor:
    """The actor as somebody of that role alone. Raises NotFound, and Refused for a role that is not the actor's own."""
    if not role:
        return actor
    if role not in definitions.roles:
        raise NotFound(_("There is no role '%(name)s' in this draft.", name=role))
    if not may_see_as(actor, role):
        raise Refused(_("Only an administrator can look at records as somebody of another role."))
    return replace(actor, everything=False, roles=(role,))


def roles_to_see_as(actor: Actor, definitions: Definitions) -> list[Role]:
    """The roles a page may offer to look as."""
    return [role for role in definitions.roles.values() if may_see_as(actor, role.name)]


def with_layout_alone(definitions: Definitions, key: str) -> Definitions:
    """With that layout ("deals.wide") as its module's only one, for every record and everybody. Raises NotFound."""
    wanted = definitions.documents.get(f"{Layout.folder}/{key}")
    if not isinstance(wanted, Layout):
        raise NotFound(_("There is no layout '%(name)s' in this draft.", name=key))
    for layout in definitions.layouts_of(wanted.module):
        definitions = definitions.without(layout.path)
    return definitions.with_document(replace(wanted, condition=None, roles=(), default=True))


def _look(actor: Actor, look: Mapping[str, str]) -> None:
    """This request goes on with the draft, as somebody of that role, with that layout, in that language."""
    draft = drafts.current(actor)
    actor, definitions = seen_as(actor, draft.definitions, look.get("as", "")), with_roles_of(actor, draft)
    if layout := look.get("layout"):
        definitions = with_layout_alone(definitions, layout)
    if (language := look.get("lang")) in text.NAMES:
        actor = replace(actor, language=language)
        reader.use(reader.reader(actor.language, actor.time_zone))
    g.actor = actor
    published.pin(preview.Preview(published.current(), definitions, definitions))


def _page(place: str) -> tuple[flask.typing.RouteCallable, dict[str, object]]:
    """The view of an address of the app that is only read, and its arguments."""
    app = flask.current_app
    try:
        endpoint, given = app.url_map.bind("").match(place, method="GET")
    except HTTPException:
        raise NotFound(_("There is no such page.")) from None
    view = app.view_functions[endpoint]
    if policies.of(view) != policies.SIGNED_IN or place.startswith("/builder"):
        raise NotFound(_("There is no such page."))
    return view, given
