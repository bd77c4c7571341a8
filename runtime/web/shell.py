"""The shell: what stands around every page. It follows from the person, their menu and the place, so it is drawn once for these."""
import functools

import flask
from flask import request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from runtime.locale import text
from runtime.tables import published
from runtime.tables.kept import Kept

MOST = 300
TOKEN = "{{token}}"
"""Stands in what is kept where each answer has its own CSRF token."""

pages = flask.Blueprint("shell", __name__)


@pages.app_template_global("shell")
@pass_context
def drawn(context: Context, template: str) -> Markup:
    """The template's HTML. It may show `actor`, `menu`, the place, the language and CSRF tokens, and nothing else of a request."""
    kept = published.current().once("shell", functools.partial(Kept, MOST))
    key = (template, context["actor"], context["menu"].current, request.path == "/", text.language())
    found = kept.get(key)
    if found is None:
        found = context.environment.get_template(template).render({**context.get_all(), "csrf_token": lambda: TOKEN})
        kept.keep(key, found)
    return Markup(found.replace(TOKEN, context["csrf_token"]()) if TOKEN in found else found)
