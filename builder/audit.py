"""Audit: whether the history of records is as it was sealed; as a page and by API, for administrators."""
from typing import Any

import flask
from flask import request

from builder import wire
from runtime.db.transaction import reading
from runtime.errors import BadQuery, Refused
from runtime.locale import reader
from runtime.locale.text import _
from runtime.records import audit_checks, seals
from runtime.web.actor import current_actor
from runtime.web.htmx import answer, go
from runtime.web.policies import admin
from runtime.web.policies import api as for_clients

audit = flask.Blueprint("audit", __name__, url_prefix="/builder/audit")
audit_api = flask.Blueprint("audit_api", __name__, url_prefix="/api/v1/metadata/audit")

PAGE = "/builder/audit"


@audit.get("")
@admin
def show() -> flask.Response:
    return _page()


@audit.post("")
@admin
def check() -> flask.Response:
    since = request.form.get("since", "")
    try:
        audit_checks.begin(current_actor(), since)
    except BadQuery as problem:
        return _page(since=since, wrong=[problem.message], status=422)
    return go(PAGE)


# For programs

@audit_api.before_request
def _only_admins() -> None:
    if not current_actor().admin:
        raise Refused(_("Only an administrator may look after the history."))


@audit_api.get("")
@for_clients
def told() -> flask.Response:
    return wire.answer(_told())


@audit_api.post("")
@for_clients
def check_by_program() -> flask.Response:
    """{"since": "42:9f86d0…"}, if wanted: the chain must lead through that head. A worker looks; GET says what it found."""
    audit_checks.begin(current_actor(), str(wire.body().get("since") or ""))
    return wire.answer(_told(), 202)


def _told() -> dict[str, Any]:
    with reading() as connection:
        standing = seals.standing(connection)
    last = audit_checks.latest()
    return {"seals": standing.number, "head": standing.head, "sealed_at": standing.at, "waiting": standing.waiting,
            "check": last and {"id": last.id, "state": last.state, "asked_at": last.asked_at, "seals": last.seals,
                               **({**last.found, "differences": [vars(each) | {"says": each.sentence}
                                                                 for each in last.differences]} if last.found else {})}}


def _page(since: str = "", wrong: list[str] | None = None, status: int = 200) -> flask.Response:
    with reading() as connection:
        standing = seals.standing(connection)
    return answer("builder/audit.html", "audit", status=status, standing=standing, check=audit_checks.latest(), since=since,
                  wrong=wrong or [], reader=reader.current())
