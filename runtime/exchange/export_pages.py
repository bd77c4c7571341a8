"""The export pages: a list as a file, at once or by a worker, and the files that wait to be fetched."""
import tempfile
from typing import Any

import flask
from flask import request

from runtime.db import clock
from runtime.errors import NotFound
from runtime.exchange import export_store, exports
from runtime.exchange.export_store import Export
from runtime.locale import reader as locales
from runtime.locale.text import _
from runtime.records import list_state, query, sentences, shown
from runtime.records.pages.base import Visit, visit
from runtime.security import users
from runtime.tables import published
from runtime.values import Actor
from runtime.web.actor import current_actor
from runtime.web.htmx import answer, go
from runtime.web.policies import signed_in

export_pages = flask.Blueprint("exports", __name__)


@export_pages.route("/m/<module>/export", methods=["GET", "POST"])
@signed_in
def export_list(module: str) -> flask.Response:
    """The list as a file: what the view shows, every match or the ticked ones; of many rows a worker makes it.

    By plain link it asks first: who takes records out is remembered, and a link changes nothing.
    """
    at = visit(module, "export")
    ids = tuple(number for value in request.form.getlist("id") if (number := list_state.record_id(value)) is not None)
    ask = exports.Ask(at.module.name, request.values.get("format", "csv"), _given(request.values),
                      ids if request.form.get("all") != "1" else ())
    asked = exports.question(at.now, at.actor, ask)
    if request.method != "POST":
        number = exports.counted(at.actor, asked)
        return answer("exchange/export_ask.html", "ask", m=at.m, count=number, number=at.reader.number(number),
                      kind=_(asked.kind.label), many=number > exports.AT_ONCE, given=[*ask.given.items(), ("format", ask.format)],
                      days=exports.KEPT.days, back=asked.state.href())
    _number, many = query.count(at.actor, asked.query, cap=exports.AT_ONCE)
    if many:
        exports.begin(at.actor, ask, asked, said(at, asked))
        return go("/exports", events={"toast": {"text": _("A worker writes the file. It waits for you here.")}})
    file = tempfile.TemporaryFile()     # noqa: SIM115 - the response closes it when it has been sent
    exports.at_once(at.actor, ask, asked, file, said(at, asked))
    file.seek(0)
    return flask.send_file(file, mimetype=asked.kind.content_type, as_attachment=True,
                           download_name=f"{at.module.name}.{asked.kind.extension}")


def _given(values: Any) -> dict[str, str]:
    """What an address says of a list, without the place in it."""
    return {name: values[name] for name in ("view", "filter", "sort", "columns", "q") if values.get(name)}


def said(at: Visit, asked: exports.Question) -> str:
    """What was asked, in words: "Open deals, Stage is Proposal"."""
    if asked.query.ids:
        return _("%(count)s chosen", count=at.reader.number(len(asked.query.ids)))
    view = asked.state.view
    own = asked.state.filters is None
    named = [at.now.label(f"views.{view.key}.label", at.actor.language, view.label)] if view and own else []
    return ", ".join([*named, *(sentences.in_words(at, condition) for condition in (() if own else asked.state.criteria)),
                      *([f"“{asked.state.text}”"] if asked.state.text else [])])


@export_pages.get("/exports")
@signed_in
def show_exports() -> flask.Response:
    """One's own; administrators see who took what, and fetch only what is theirs."""
    actor = current_actor()
    rows = [_row(actor, one) for one in export_store.latest(None if actor.everything else actor.user_id)]
    return answer("exchange/exports.html", "exports", rows=rows, days=exports.KEPT.days, everybody=actor.everything,
                  under_way=any(row["export"].under_way and row["mine"] for row in rows))


def _row(actor: Actor, one: Export) -> dict[str, Any]:
    now, reader = published.current(), locales.current()
    try:
        m = shown.module(now, actor, exports.module_of(now, one))
        module, icon = m.plural, m.icon
    except NotFound:
        module, icon = _("(retired module)"), "archive"
    who = users.find(one.actor_id)
    ends = one.finished_at + exports.KEPT if one.finished_at and one.state == export_store.DONE else None
    return {"export": one, "module": module, "icon": icon, "by": who.name if who else "", "mine": one.actor_id == actor.user_id,
            "when": reader.datetime(one.begun_at), "rows": reader.number(one.rows), "total": reader.number(one.total),
            "kind": _(exports.format_of(one.format).label), "ends": reader.date(reader.local(ends).date()) if ends else "",
            "days": (ends - clock.now()).days if ends else 0}


@export_pages.get("/exports/<int:export_id>/file")
@signed_in
def fetch_export(export_id: int) -> flask.Response:
    found, path, called = exports.file_of(current_actor(), export_id)
    return flask.send_file(path, mimetype=exports.format_of(found.format).content_type, as_attachment=True, download_name=called)


@export_pages.post("/exports/<int:export_id>/remove")
@signed_in
def remove_export(export_id: int) -> flask.Response:
    exports.remove(current_actor(), export_id)
    return go("/exports", events={"toast": {"text": _("Removed.")}})
