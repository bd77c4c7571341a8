"""answer(): a page, or only the block of it that a part of the page asked for.

A block carries the name of the element it fills, so `hx-target="#record"` asks for block `record`. A plain link, a
reload, a boosted link and the browser's back button get the whole page.
"""
import json
from collections.abc import Mapping
from typing import Any

import flask
from flask import request
from htmx_flask import Htmx
from jinja2_fragments.flask import render_block

from runtime.web import said

htmx = Htmx()


def wants_block() -> bool:
    """Whether this request wants a part of the page and not the whole."""
    asked = request.htmx
    return bool(asked) and not asked.boosted and not asked.history_restore_request


def answer(template: str, block: str, *, status: int = 200, events: Mapping[str, Any] | None = None,
           **context: Any) -> flask.Response:
    """events: {name: detail} told to the page by HX-Trigger ("toast", "record-saved")."""
    context["status"] = status
    body = render_block(template, block, **context) if wants_block() else flask.render_template(template, **context)
    response = flask.Response(body, status, mimetype="text/html")
    response.headers["Vary"] = "HX-Request"
    if not request.htmx or wants_block():
        return tell(response, events)
    events = {**(events or {}), **({"toast": carried} if (carried := said.said()) else {})}
    return tell(response, events, "HX-Trigger-After-Swap")       # what is told sooner would go with the page it is told on


def part(template: str, block: str, *, status: int = 200, events: Mapping[str, Any] | None = None,
         **context: Any) -> flask.Response:
    """The block alone, whoever asks: for addresses that are never a page of their own (a count, a panel)."""
    context["status"] = status
    return tell(flask.Response(render_block(template, block, **context), status, mimetype="text/html"), events)


def tell(response: flask.Response, events: Mapping[str, Any] | None, header: str = "HX-Trigger") -> flask.Response:
    """Let the page hear of something; escaped to ASCII, so no value can break a header."""
    if events:
        response.headers[header] = json.dumps(dict(events), ensure_ascii=True)
    return response


def nothing(events: Mapping[str, Any] | None = None) -> flask.Response:
    """Done, and nothing to show for it."""
    return tell(flask.Response(status=204), events)


def go(place: str, events: Mapping[str, Any] | None = None) -> flask.Response:
    """Done; the browser goes to another page of ours: by redirect, or by HX-Redirect inside a page. A toast is said there."""
    if not wants_block():
        response = flask.redirect(place, 303)
        return said.carry(response, toast) if (toast := (events or {}).get("toast")) else response
    response = flask.Response(status=204)
    response.headers["HX-Redirect"] = place
    return tell(response, events)
