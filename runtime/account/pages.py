"""Signing in and out, and /me: what a person decides about their own account."""
import secrets
import threading
from functools import cache
from zoneinfo import available_timezones

import flask
from flask import request, session

from runtime.account import agents
from runtime.errors import Invalid, NotFound
from runtime.locale import text
from runtime.locale.text import _
from runtime.security import links, passwords, store, users
from runtime.web import limits, themes
from runtime.web.actor import current_actor, local_path, somebody
from runtime.web.htmx import answer, go, nothing
from runtime.web.policies import public, signed_in

pages = flask.Blueprint("account", __name__)

@cache
def _zones() -> tuple[str, ...]:
    """Every time zone by name; read from disk once."""
    return tuple(sorted(available_timezones()))


DENSITIES = ("comfortable", "cosy", "compact")


# In and out

@pages.get("/login")
@public
def show_login() -> flask.Response:
    wanted = local_path(request.args.get("next"))
    if somebody() is not None:
        return go(wanted)
    if (language := request.args.get("language")) in text.NAMES:
        session["language"] = language
    threading.Thread(target=users.warm, daemon=True).start()    # FAB loads while the person types
    return _login(wanted, notice=_("The session has ended. Sign in to go on where it stopped.") if "ended" in request.args else "")


@pages.post("/login")
@public
@limits.login_address
@limits.login
def login() -> flask.Response:
    wanted = local_path(request.form.get("next"))
    name = request.form.get("username", "")
    user_id = users.authenticate(name, request.form.get("password", ""))
    if user_id is None:
        return _login(wanted, username=name[:128], error=_("Name and password do not match."), status=422)
    if session.token is not None:
        store.end_session(session.token)
    language = session.get("language")
    values = {"csrf_token": secrets.token_hex(20)}
    session.begin(store.start_session(user_id, values, agent=request.user_agent.string, address=request.remote_addr or ""),
                  values)
    if language in text.NAMES:
        store.save_profile(user_id, {"language": language})
    return go(wanted)


def _login(wanted: str, *, username: str = "", error: str = "", notice: str = "", status: int = 200) -> flask.Response:
    return answer("login.html", "login", status=status, username=username, error=error, notice=notice,
                  next="" if wanted == "/" else wanted, tries_left=None)


@pages.post("/logout")
@public
def logout() -> flask.Response:
    if session.token is not None:
        store.end_session(session.token)
    session.end()
    return go("/login")


@pages.get("/password/<link>")
@public
def show_set_password(link: str) -> flask.Response:
    return _set_password(link, links.person_of(flask.current_app.secret_key, link))


@pages.post("/password/<link>")
@public
@limits.password
def set_password(link: str) -> flask.Response:
    """Once: the link is for the password the account had."""
    person = links.person_of(flask.current_app.secret_key, link)
    try:
        users.set_password(person.id, request.form.get("password", ""), revoke_keys="revoke_keys" in request.form)
    except Invalid as problem:
        return _set_password(link, person, status=problem.status, errors=problem.errors)
    return _login("/", username=person.username, notice=_("Your password is set. Sign in with it."))


def _set_password(link: str, person: store.Person, *, status: int = 200, errors: dict | None = None) -> flask.Response:
    return answer("account/set_password.html", "set_password", status=status, person=person, errors=errors or {},
                  shortest=passwords.SHORTEST, keys=store.keys(person.id), action=f"/password/{link}")


# Me

@pages.get("/me")
@signed_in
def show_me() -> flask.Response:
    return _me()


@pages.post("/me/settings")
@signed_in
def save_settings() -> flask.Response:
    """Any of language, theme, density, time_zone."""
    allowed = {"language": text.NAMES, "theme": themes.choices(), "density": DENSITIES, "time_zone": _zones()}
    given = {name: request.form[name] for name in allowed if name in request.form}
    wrong = {name: [_("'%(value)s' is not one of the choices.", value=value[:40])]
             for name, value in given.items() if value not in allowed[name]}
    if wrong:
        raise Invalid(wrong)
    store.save_profile(current_actor().user_id, given)
    if request.htmx:
        return nothing()
    return go(_back())


@pages.post("/me/password")
@signed_in
@limits.password
def save_password() -> flask.Response:
    """Asks for the one in use; every other session ends."""
    actor = current_actor()
    person = users.get(actor.user_id)
    if users.authenticate(person.username, request.form.get("current", "")) != actor.user_id:
        return _me(status=422, errors={"current": [_("This is not your password.")]})
    try:
        users.set_password(actor.user_id, request.form.get("password", ""), keep_session=session.identity.id,
                           revoke_keys="revoke_keys" in request.form)
    except Invalid as problem:
        return _me(status=problem.status, errors=problem.errors)
    told = (_("Password changed. Your other sessions have ended and your API keys are revoked.")
            if "revoke_keys" in request.form else _("Password changed. Your other sessions have ended."))
    return _me(events={"toast": {"text": told}})


@pages.post("/me/keys")
@signed_in
def make_key() -> flask.Response:
    """The key is shown on this answer and never again."""
    key = users.token(current_actor().user_id, request.form.get("name", "") or _("API key"))
    return _me(status=201, new_key=key)


@pages.post("/me/keys/<int:key_id>/revoke")
@signed_in
def revoke_key(key_id: int) -> flask.Response:
    if not store.revoke_keys(current_actor().user_id, only=key_id):
        raise NotFound(_("There is no such API key."))
    return _me(events={"toast": {"text": _("API key revoked.")}})


@pages.post("/me/sessions/<int:session_id>/end")
@signed_in
def end_session(session_id: int) -> flask.Response:
    if not store.end_sessions(current_actor().user_id, only=session_id):
        raise NotFound(_("There is no such session."))
    if session_id == session.identity.id:
        session.end()
        return go("/login")
    return _me(events={"toast": {"text": _("Session ended.")}})


def _me(*, status: int = 200, errors: dict | None = None, new_key: str | None = None,
        events: dict | None = None) -> flask.Response:
    actor = current_actor()
    return answer("account/me.html", "me", status=status, events=events, person=users.get(actor.user_id),
                  profile=actor, languages=text.NAMES, zones=_zones(), themes=themes.choices(),
                  densities=DENSITIES, keys=store.keys(actor.user_id), sessions=store.sessions(actor.user_id),
                  this_session=session.identity.id, browser=agents.name, errors=errors or {}, new_key=new_key,
                  shortest=passwords.SHORTEST)


def _back() -> str:
    """The page the form stood on, when it is one of ours."""
    place = request.referrer or ""
    return local_path("/" + place.split(request.host_url, 1)[1]) if place.startswith(request.host_url) else "/"
