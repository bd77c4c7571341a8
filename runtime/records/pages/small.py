"""The small pages: search, type-ahead, delete, recycle bin."""
from typing import Any

import flask
from flask import request

from runtime.locale.text import _
from runtime.records import list_state, query, search, service, shown
from runtime.records.pages.base import Visit, pages, visit
from runtime.security import policy
from runtime.tables import published
from runtime.values import Actor
from runtime.web.actor import current_actor
from runtime.web.htmx import answer, go
from runtime.web.policies import signed_in


@pages.get("/search")
@signed_in
def find() -> flask.Response:
    actor, now, text = current_actor(), published.current(), request.args.get("q", "").strip()
    palette = request.htmx.target == "cmd_list"
    found = search.search(actor, text, limit=4 if palette else 10)
    groups = []
    for group in found:
        m = shown.module(now, actor, group.module)
        groups.append({"m": m, "hits": [{"id": hit.id, "title": hit.title, "href": f"/m/{m.name}/{hit.id}", "meta": hit.meta}
                                        for hit in group.hits],
                       "more_href": list_state.ListState(group.module, None, text=text).href() if group.more else None})
    return answer("records/search.html", "cmd_list" if palette else "results", q=text, groups=groups)


@pages.get("/lookup/<module>")
@signed_in
def lookup(module: str) -> flask.Response:
    actor = current_actor()
    hits = search.options(actor, module, request.args.get("q", ""), criteria=_filter_of(actor, module))
    return answer("records/lookup.html", "options", options=[{"id": hit.id, "label": hit.title, "meta": hit.meta} for hit in hits])


def _filter_of(actor: Actor, target: str) -> Any:
    """The condition a lookup puts on what may be chosen; asked as ?for=module.field."""
    name, _dot, path = request.args.get("for", "").partition(".")
    now = published.current()
    module = now.definitions.modules.get(name)
    field = module.field(path) if module and path in policy.readable(actor, module) else None
    return field.settings.get("filter") if field is not None and now.type(field).target(field) == target else None


@pages.get("/m/<module>/<int:record_id>/delete")
@signed_in
def ask_delete(module: str, record_id: int) -> flask.Response:
    at = visit(module, "delete")
    record = query.one(at.actor, module, record_id, list_state.name_of(at.actor, at.module))
    return answer("records/delete.html", "delete", m=at.m, records=[{"id": record.id, "title": shown.title(at.module, record)}],
                  action=f"/m/{module}/{record_id}")


@pages.delete("/m/<module>/<int:record_id>")
@signed_in
def delete(module: str, record_id: int) -> flask.Response:
    at = visit(module, "delete")
    service.delete(at.actor, module, record_id)
    undo = {"href": f"/m/{module}/{record_id}/restore", "label": _("Undo")}
    return go(f"/m/{module}", events={"toast": {"text": _("Moved to the recycle bin."), "undo": undo}})


@pages.get("/m/<module>/bin")
@signed_in
def bin(module: str) -> flask.Response:
    return _bin(visit(module, "delete"))


@pages.post("/m/<module>/<int:record_id>/restore")
@signed_in
def restore(module: str, record_id: int) -> flask.Response:
    at = visit(module, "delete")
    service.restore(at.actor, module, record_id)
    events = {"toast": {"text": _("%(label)s is back.", label=at.m.label)}}
    if request.htmx.target == "bin":
        return _bin(at, events)
    return go(f"/m/{module}/{record_id}", events=events)


def _bin(at: Visit, events: Any = None) -> flask.Response:
    asked = query.Query(at.module.name, (*list_state.name_of(at.actor, at.module), "updated_at", "updated_by"),
                        sort=(("updated_at", True),), after=request.args.get("after"), before=request.args.get("before"),
                        labels=True, deleted=True)
    page = query.find(at.actor, asked)
    base = f"/m/{at.module.name}"
    rows = [{"id": row.id, "title": shown.title(at.module, row), "deleted_at": at.reader.datetime(row.values["updated_at"]),
             "deleted_by": row.values.get("updated_by:label"), "restore_href": f"{base}/{row.id}/restore"} for row in page.rows]
    return answer("records/recycle_bin.html", "bin", events=events, m=at.m, rows=rows,
                  next_href=f"{base}/bin?after={page.next}" if page.next else None,
                  previous_href=f"{base}/bin?before={page.previous}" if page.previous else None)
