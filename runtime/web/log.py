"""The log of requests: one line each, with the request's id; nothing a browser sent can break a line."""
import logging
import sys
import time

import flask
from flask import g, request

from runtime.web import headers, policies

log = logging.getLogger("banyan.request")


class WithRequest(logging.Filter):
    """Gives every record of this process `request_id` ("-" outside a request)."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = headers.request_id() if flask.has_request_context() else "-"
        return True


def install(app: flask.Flask) -> None:
    app.before_request(_begin)
    app.after_request(_finish)


def to_standard_output() -> None:
    """A line per request, for whoever gathers the logs of the servers."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def _begin() -> None:
    g.began = time.perf_counter()


def _finish(response: flask.Response) -> flask.Response:
    if log.isEnabledFor(logging.INFO):
        view = flask.current_app.view_functions.get(request.endpoint) if request.endpoint else None
        if policies.of(view) != policies.ASSET or response.status_code >= 400:
            spent = (time.perf_counter() - g.began) * 1000 if "began" in g else 0
            who = g.get("actor")
            log.info("%s %s %s %.0f ms user=%s id=%s", request.method, _plain(_address(policies.of(view))), response.status_code,
                     spent, who.user_id if who else "-", headers.request_id())
    return response


def _address(access: str | None) -> str:
    """The path; of an address that lets in whoever knows it, the rule alone (a link that sets a password)."""
    if access == policies.PUBLIC and request.view_args and request.url_rule is not None:
        return request.url_rule.rule
    return request.path


def _plain(path: str) -> str:
    """Printable ASCII on one line, at most 200 characters."""
    return path[:200].encode("unicode_escape").decode("ascii").replace(" ", "%20")
