"""Policies: every route says who may call it. A route that says nothing stops the start-up (safety D28).

    @pages.get("/m/<module>")
    @signed_in
    def show_list(module): ...
"""
from collections.abc import Callable
from typing import TypeVar

import flask

View = TypeVar("View", bound=Callable)

ASSET, PUBLIC, SIGNED_IN, BUILDER, ADMIN, API = "asset", "public", "signed_in", "builder", "admin", "api"
KNOWN = (ASSET, PUBLIC, SIGNED_IN, BUILDER, ADMIN, API)


def asset(view: View) -> View:
    """Anybody; nobody is looked up, nothing is remembered (style sheets, health)."""
    return _mark(view, ASSET)


def public(view: View) -> View:
    """Anybody, whether signed in or not (the login page)."""
    return _mark(view, PUBLIC)


def signed_in(view: View) -> View:
    """People with a session; what they may see inside is asked of security.policy."""
    return _mark(view, SIGNED_IN)


def builder(view: View) -> View:
    """People who may edit metadata: administrators and roles with `builder`."""
    return _mark(view, BUILDER)


def admin(view: View) -> View:
    """Administrators."""
    return _mark(view, ADMIN)


def api(view: View) -> View:
    """Programs with an API key; cookies are not looked at."""
    return _mark(view, API)


def takes(size: int) -> Callable[[View], View]:
    """The route takes request bodies of up to so many bytes (an upload); others take 2 MB."""
    def mark(view: View) -> View:
        view.largest_body = size
        return view
    return mark


def of(view: Callable | None) -> str | None:
    return getattr(view, "access", None)


def check(app: flask.Flask) -> None:
    """Raises RuntimeError naming every route without a declared access."""
    silent = sorted({f"{rule.endpoint} ({rule.rule})" for rule in app.url_map.iter_rules()
                     if of(app.view_functions.get(rule.endpoint)) not in KNOWN})
    if silent:
        raise RuntimeError("These routes do not say who may call them (runtime/web/policies.py): " + ", ".join(silent))


def _mark(view: View, access: str) -> View:
    view.access = access
    return view
