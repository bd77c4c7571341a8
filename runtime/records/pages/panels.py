"""The parts of a record's page that load by themselves: its timeline, and each related list."""
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import flask
from flask import request

from metadata.model.layout import Layout
from runtime.db import clock
from runtime.errors import NotFound
from runtime.locale.text import _
from runtime.records import activities, layouts, query, service, shown
from runtime.records.list_state import may_read
from runtime.records.pages import related
from runtime.records.pages.base import Visit, pages, visit
from runtime.records.sentences import names_behind
from runtime.web import json
from runtime.web.htmx import answer
from runtime.web.policies import signed_in

ENTRIES = 20
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


@pages.get("/m/<module>/<int:record_id>/panel/<name>")
@signed_in
def panel(module: str, record_id: int, name: str) -> flask.Response:
    at = visit(module)
    if name == "timeline":
        return _timeline(at, record_id)
    kind, _line, number = name.partition("_")
    if kind == "related" and number.isdecimal() and len(number) < 4:
        layout = _layout(at, record_id, read=True)
        if int(number) < len(layout.related):
            return answer("records/_panel_related.html", "panel", **related.listed(at, layout, record_id, int(number)))
    raise NotFound(_("There is no such part of this page."))


def _layout(at: Visit, record_id: int, read: bool = False) -> Layout:
    """The layout the record's page has. read: the record is asked for in any case, so that who may not see it is told so."""
    needed = [path for path in layouts.needs(at.now, at.actor, at.module) if may_read(at.now, at.actor, at.module, path)]
    record = query.one(at.actor, at.module.name, record_id, ("id", *needed)) if needed or read else None
    return at.layout(record.values if record else {})


def _timeline(at: Visit, record_id: int) -> flask.Response:
    before = _earlier(request.args.get("before", type=int))
    entries = service.history_of(at.actor, at.module.name, record_id, limit=ENTRIES + 1, earlier=before)
    layout = _layout(at, record_id)
    around = activities.of(at.actor, at.now, layout, record_id, limit=ENTRIES + 1, before=before or clock.now())
    made = [(entry.at, _entry(at, entry)) for entry in entries] + [(each.at, _activity(at, layout, each)) for each in around]
    if len(entries) <= ENTRIES and not any(entry.verb == "create" for entry in entries):
        made += _imported(at, record_id, before)
    made.sort(key=itemgetter(0), reverse=True)
    shown_now = sum(when >= made[min(ENTRIES, len(made)) - 1][0] for when, _line in made)     # of one minute all or none
    more, made = len(made) > shown_now, made[:shown_now]
    href = f"/m/{at.module.name}/{record_id}/panel/timeline"
    days = [{"label": label, "entries": [entry for _at, entry in group]}
            for label, group in groupby(made, key=lambda pair: at.reader.day(pair[0], clock.now()))]
    return answer("records/_panel_timeline.html", "days" if before else "panel", id="panel_timeline", href=href, days=days,
                  more_href=f"{href}?before={(made[-1][0] - EPOCH) // MICROSECOND}" if more else None)


def _earlier(microseconds: int | None) -> datetime | None:
    """The moment an earlier page ended at; none where no calendar has it."""
    try:
        return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def _activity(at: Visit, layout: Layout, found: activities.Activity) -> dict[str, Any]:
    """One line: what it was, whose, and its words."""
    module = at.now.module(layout.related[found.number]["module"])
    m = shown.module(at.now, at.actor, module)
    return {"icon": m.icon, "tone": "teal", "who": found.who, "text": m.label, "quote": found.quote,
            "title": found.title or f"{m.label} #{found.id}", "href": f"/m/{module.name}/{found.id}",
            "when": json.iso(found.at), "time": at.reader.time(found.at), "changes": []}


def _entry(at: Visit, entry: Any) -> dict[str, Any]:
    """One line: who did what, and the values that moved."""
    changes = []
    for path, (old, new) in entry.changed.items():
        if path.endswith(".home"):
            continue
        field = at.field(path)
        if entry.verb == "update" and not field.kind.writable:
            continue                    # what follows from another change of the same moment says nothing new
        changes.append({"label": field.label, "before": _written(at, field, path, old), "after": _written(at, field, path, new)})
    icon, tone, text = {
        "create": ("plus", "green", _("created this %(module)s", module=at.m.label.lower())),
        "delete": ("trash", "red", _("moved it to the recycle bin")),
        "restore": ("restore", "teal", _("brought it back")),
    }.get(entry.verb, ("pencil", "blue", _("changed %(fields)s", fields=", ".join(change["label"] for change in changes[:3]))))
    if entry.channel == "import":
        text = _("%(text)s by import", text=text)
    return {"icon": icon, "tone": tone, "who": entry.actor_name or _("The house"), "text": text,
            "when": json.iso(entry.at), "time": at.reader.time(entry.at),
            "changes": [change for change in changes if change["before"] or change["after"]] if entry.verb == "update" else []}


def _imported(at: Visit, record_id: int, before: datetime | None) -> list[tuple[datetime, dict[str, Any]]]:
    """Records that came with an import have no first entry of their own; their page says so all the same."""
    record = query.one(at.actor, at.module.name, record_id, ("created_at", "created_by"), labels=True)
    made = record.values["created_at"]
    if before is not None and made >= before:
        return []
    return [(made, {"icon": "file-import", "tone": "grey", "who": record.values.get("created_by:label") or _("The house"),
                    "text": _("imported this %(module)s", module=at.m.label.lower()), "when": json.iso(made),
                    "time": at.reader.time(made), "changes": []})]


def _written(at: Visit, field: shown.ShownField, path: str, value: Any) -> str:
    """A value of the past as text; what a reference pointed to by name, where it can still be seen."""
    if value is None:
        return ""
    values = {path: value}
    if field.target:
        values[f"{path}:label"] = names_behind(at, field, value).get(value, f"#{value}")
    return shown.plain(field, values, at.reader)
