"""People: who may log in, with which roles. Accounts are FAB's (runtime/security/users.py); these are our pages for them."""
from typing import Any

import flask
from flask import request

from metadata.model.role import Role
from runtime.errors import Conflict, Invalid, RuntimeProblem
from runtime.locale.text import _
from runtime.security import links, passwords, store, users
from runtime.tables import published
from runtime.web.actor import current_actor
from runtime.web.htmx import answer, go
from runtime.web.policies import admin

people = flask.Blueprint("people", __name__, url_prefix="/builder/people")


@people.get("")
@admin
def listing() -> flask.Response:
    text = request.args.get("q", "")[:80]
    return answer("builder/people.html", "people", people=store.people(text=text), q=text,
                  roles={name: label for name, label, _described in _roles()})


@people.get("/new")
@admin
def new() -> flask.Response:
    return _form(None, {"roles": []}, {})


@people.post("")
@admin
def create() -> flask.Response:
    given = _given()
    try:
        user_id = users.create(given["name"], roles=given["roles"], email=given["email"] or None,
                               full_name=given["full_name"] or None, password=given["password"] or None,
                               active=not request.form.get("inactive"))
    except (Invalid, Conflict) as problem:
        return _form(None, given, _errors(problem), status=problem.status)
    return go(f"/builder/people/{user_id}", events={"toast": {"text": _("User added.")}})


@people.get("/<int:user_id>")
@admin
def show(user_id: int) -> flask.Response:
    return _form(users.get(user_id), {}, {})


@people.post("/<int:user_id>")
@admin
def save(user_id: int) -> flask.Response:
    """Name, address and roles; a new password where one is given."""
    person, given = users.get(user_id), _given()
    try:
        if given["password"]:
            passwords.check(given["password"], person.username, person.email, person.name)
        users.rename(user_id, full_name=given["full_name"], email=given["email"])
        users.set_roles(user_id, given["roles"])
        if given["password"]:
            users.set_password(user_id, given["password"],
                               keep_session=flask.session.identity.id if user_id == current_actor().user_id else None)
    except (Invalid, Conflict) as problem:
        return _form(person, given, _errors(problem), status=problem.status)
    return _form(users.get(user_id), {}, {}, events={"toast": {"text": _("User saved.")}})


@people.post("/<int:user_id>/disable")
@admin
def disable(user_id: int) -> flask.Response:
    """At once: sessions end, API keys stop. Records stay theirs."""
    if user_id == current_actor().user_id:
        raise Conflict(_("You cannot disable yourself."))
    users.disable(user_id)
    return _form(users.get(user_id), {}, {}, events={"toast": {"text": _("User disabled.")}})


@people.post("/<int:user_id>/enable")
@admin
def enable(user_id: int) -> flask.Response:
    users.enable(user_id)
    return _form(users.get(user_id), {}, {}, events={"toast": {"text": _("User enabled.")}})


@people.post("/<int:user_id>/link")
@admin
def link(user_id: int) -> flask.Response:
    """The link is shown on this answer and never again; whoever opens it first sets the password."""
    made = links.make(flask.current_app.secret_key, user_id)
    home = flask.current_app.config["PUBLIC_URL"] or request.host_url.rstrip("/")       # never a host that was only asked for
    return _form(users.get(user_id), {}, {}, link=f"{home}/password/{made}", status=201)


def _roles() -> list[tuple[str, str, str]]:
    """(name, label, what it is for) of every role that can be given, in the reader's words."""
    now, language = published.current(), current_actor().language
    described = {role.name: role for role in now.definitions.of(Role)}
    return [(name, now.label(f"roles.{name}.label", language, label),
             now.label(f"roles.{name}.description", language, described[name].description or "") if name in described
             else _("May do everything, and looks after the users.")) for name, label in users.assignable_roles().items()]


def _given() -> dict[str, Any]:
    form = request.form
    return {name: form.get(name, "").strip() for name in ("name", "full_name", "email")} | {
        "password": form.get("password", ""), "roles": form.getlist("roles")}


def _errors(problem: RuntimeProblem) -> dict[str, list[str]]:
    return problem.errors if isinstance(problem, Invalid) else {"": [problem.message]}


def _form(person: Any, values: dict[str, Any], errors: dict[str, list[str]], *, status: int = 200,
          events: dict[str, Any] | None = None, link: str = "") -> flask.Response:
    known = {} if person is None else {"name": person.username, "full_name": person.name, "email": person.email or "",
                                       "roles": list(person.roles)}
    return answer("builder/person.html", "person", status=status, events=events, person=person,
                  values=known | {name: value for name, value in values.items() if name != "password"},
                  errors=errors, roles=_roles(), link=link, shortest=passwords.SHORTEST)
