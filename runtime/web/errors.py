"""A refusal as what its asker understands: a page, a word to the open page, or an RFC 9457 problem document.

What the database says is mapped and never shown; whatever nobody foresaw is logged with the request's id, and the
answer carries only that id.
"""
import errno
import logging
import time
from http import HTTPStatus
from typing import Any

import flask
import sqlalchemy as sa
from flask import g, request
from werkzeug.exceptions import HTTPException, SecurityError

from runtime.errors import Conflict, Duplicates, Invalid, RuntimeProblem, TooLarge, TooMany, Unavailable
from runtime.locale.text import _
from runtime.tables import published
from runtime.web import headers, htmx, json, policies
from runtime.web.limits import limiter

log = logging.getLogger("banyan.error")

CODES = {400: "bad_request", 401: "not_signed_in", 403: "refused", 404: "not_found", 405: "method_not_allowed",
         406: "not_acceptable", 408: "timeout", 411: "length_required", 413: "too_large", 415: "unsupported_media_type",
         429: "too_many"}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
OUTDATED = ("42703", "42P01", "0A000")
"""No such column or table, or a plan that no longer fits: what a request meets that began before a publish."""


class Unforeseen(RuntimeProblem):
    status = 500
    code = "unforeseen"


def install(app: flask.Flask) -> None:
    app.register_error_handler(RuntimeProblem, answer)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(sa.exc.SQLAlchemyError, _from_database)
    app.register_error_handler(OSError, _from_system)
    app.register_error_handler(Exception, _unforeseen)


def answer(problem: RuntimeProblem) -> flask.Response:
    view = flask.current_app.view_functions.get(request.endpoint) if request.endpoint else None
    if request.path.startswith("/api/"):
        response = _document(problem)
    elif policies.of(view) == policies.ASSET:
        response = flask.Response(f"{problem.status}\n", problem.status, mimetype="text/plain")
    elif htmx.wants_block():
        response = htmx.tell(_page(problem), {"toast": {"text": problem.message or _ours(), "kind": "bad"}})
    else:
        response = _page(problem)
    if problem.status in (429, 503):
        response.headers["Retry-After"] = str(getattr(problem, "retry_after", 5))
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _document(problem: RuntimeProblem) -> flask.Response:
    said: dict[str, Any] = {"type": "about:blank", "title": _title(problem.status), "status": problem.status,
                            "detail": problem.message or _ours(), "code": problem.code, "request_id": headers.request_id()}
    if isinstance(problem, Invalid):
        said["errors"] = problem.errors
    if isinstance(problem, Duplicates):
        said |= {"candidates": list(problem.candidates), "may_save": problem.may_save}
    return flask.Response(json.dumps(said), problem.status, mimetype="application/problem+json")


def _ours() -> str:
    return _("Something went wrong on our side. If it happens again, quote the code %(code)s.", code=headers.request_id())


def _page(problem: RuntimeProblem) -> flask.Response:
    """The error page; where even that cannot be drawn (no database, no theme) a plain one."""
    context = {"title": "", "message": problem.message, "request_id": headers.request_id(),
               "actions": ()}
    try:
        return htmx.answer("error.html", "error", status=problem.status, **context)
    except Exception:
        log.exception("The error page cannot be drawn [%s]", headers.request_id())
        body = flask.render_template("plain_error.html", status=problem.status, **context)
        return flask.Response(body, problem.status, mimetype="text/html")


def _from_http(problem: HTTPException) -> flask.typing.ResponseReturnValue:
    """Werkzeug's and the extensions' own refusals (404, 405, 413, CSRF, rate limit) in our words."""
    if problem.response is not None or problem.code is None or problem.code < 400:
        return problem
    status = problem.code
    if isinstance(problem, SecurityError):
        return flask.Response("This installation does not answer to this host name. Its operator can add it: "
                              "PUBLIC_URL or TRUSTED_HOSTS.\n", 400, mimetype="text/plain")
    if status == 413:
        return answer(TooLarge(_("This is larger than what may be sent here.")))
    if status == 429:
        return answer(_too_many())
    sentences = {
        400: _("The request could not be understood. Reload the page and try again."),
        404: _("There is nothing at this address."),
        405: _("This address does not do that."),
        415: _("This kind of content is not taken here."),
    }
    made = RuntimeProblem(sentences.get(status) or _("The request was refused."))
    made.status, made.code = status, CODES.get(status, "bad_request")
    response = answer(made)
    for name, value in problem.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def _too_many() -> TooMany:
    """The wait is that of the longest window that is used up, so it grows with every further try."""
    problem = TooMany(_("Too many tries. Wait a little, then try again."))
    used_up = [limit.reset_at for limit in limiter.current_limits if limit.remaining == 0]
    problem.retry_after = max(1, int(max(used_up, default=time.time() + 60) - time.time()))
    return problem


def _from_database(problem: sa.exc.SQLAlchemyError) -> flask.typing.ResponseReturnValue:
    """Never the database's own words: they hold values."""
    state = getattr(getattr(problem, "orig", None), "sqlstate", None) or ""
    if state == "53100":
        return answer(_disk_full())
    if state == "57014":
        return answer(Unavailable(_("This took too long and was stopped. Ask for less at once.")))
    if state in OUTDATED:
        return _with_newest(problem)
    if state in ("40001", "40P01", "55P03"):
        return answer(Unavailable(_("Others are changing the same thing. Try again.")))
    if state.startswith("23"):
        log.warning("Constraint %s [%s]", state, headers.request_id())
        return answer(Conflict(_("This does not fit what is already there.")))
    if state.startswith(("22", "54")) or (isinstance(problem, sa.exc.DataError) and not state):     # psycopg itself refuses NUL
        log.warning("Value refused by the database, %s [%s]", state, headers.request_id())
        return answer(Invalid({"": [_("A value does not fit.")]}))
    if isinstance(problem, (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)):
        log.error("The database cannot be reached: %s [%s]", type(problem).__name__, headers.request_id())
        return answer(Unavailable(_("The database cannot be reached just now. Nothing was lost; try again in a moment.")))
    return _unforeseen(problem)


def _from_system(problem: OSError) -> flask.Response:
    return answer(_disk_full()) if problem.errno in FULL else _unforeseen(problem)


def _disk_full() -> Unavailable:
    log.error("The disk is full [%s]", headers.request_id())
    return Unavailable(_("There is no room left on this installation's disk, so nothing was saved. What is there can be read; "
                         "tell whoever looks after the server."))


def _with_newest(problem: sa.exc.SQLAlchemyError) -> flask.typing.ResponseReturnValue:
    """Something was renamed while this request was under way. A question is asked again of the newest version."""
    known = published.current().number
    if published.refresh().number == known:
        return _unforeseen(problem)
    view = flask.current_app.view_functions.get(request.endpoint or "")
    if view is not None and request.method in ("GET", "HEAD") and not g.get("asked_again"):
        g.asked_again = True
        try:
            return flask.current_app.ensure_sync(view)(**(request.view_args or {}))
        except RuntimeProblem as refusal:
            return answer(refusal)
        except sa.exc.SQLAlchemyError as again:
            return _from_database(again)
    return answer(Unavailable(_("An administrator is changing this module just now. Nothing was saved; try again.")))


def _unforeseen(problem: Exception) -> flask.Response:
    log.exception("Unforeseen problem [%s]", headers.request_id(), exc_info=problem)
    return answer(Unforeseen(""))


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Problem"
