"""Buttons on the pages: on a record's page, in a row's menu, in the bar of a list for the ticked records."""
from typing import Any

import flask
from flask import request

from metadata.model.button import Button
from metadata.model.layout import Layout
from runtime.errors import RuntimeProblem
from runtime.locale.text import _, ngettext
from runtime.records import buttons, idempotency, service, shown
from runtime.records.facts import paths_of
from runtime.records.pages import bulk, tabs
from runtime.records.pages.base import Visit, pages, visit
from runtime.security import policy
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor, Record
from runtime.web.actor import current_actor
from runtime.web.htmx import answer, go
from runtime.web.policies import signed_in

ALONE = ("record", "row")
BESIDE = 3
"""So many buttons stand in a record's header; the others open with its menu."""


@pages.post("/m/<module>/<int:record_id>/button/<name>")
@signed_in
def press(module: str, record_id: int, name: str) -> flask.Response:
    at = visit(module)
    done = buttons.press(at.actor, module, record_id, name, key=request.form.get("_key"), places=ALONE)
    label = buttons.label(at.now, at.actor, buttons.find(at.now, at.actor, at.module, name, ALONE))
    events = {"record-saved": {"id": record_id}, "toast": {"text": _("%(label)s: done.", label=label)}}
    home = f"/m/{module}" if request.form.get("back") == "list" else tabs.back(f"/m/{module}/{record_id}")
    return go(done.address if done.address and _may_go(done.address) else home, events)


@pages.get("/m/<module>/<int:record_id>/buttons")
@signed_in
def row_menu(module: str, record_id: int) -> flask.Response:
    """The buttons of a row, as a small dialog or a page of its own."""
    at = visit(module)
    record = service.read(at.actor, module, record_id)
    mine = buttons.of(at.now, at.actor, at.module, ("row",))
    return answer("records/buttons.html", "buttons", m=at.m, title=shown.title(at.module, record),
                  buttons=_drawn(at, record, f"/m/{module}/{record_id}", mine), back=f"/m/{module}")


@pages.get("/m/<module>/bulk/button/<name>")
@signed_in
def ask_press_many(module: str, name: str) -> flask.Response:
    at = visit(module)
    button = buttons.find(at.now, at.actor, at.module, name, ("bulk",))
    ids = bulk.chosen(at)
    return answer("records/press_many.html", "press", m=at.m, count=at.reader.number(len(ids)), ids=ids, state=(),
                  button=_bulk(at.now, at.actor, module, button))


@pages.post("/m/<module>/bulk/button/<name>")
@signed_in
def press_many(module: str, name: str) -> flask.Response:
    """Each ticked record by itself: its own transaction, its own refusal."""
    at = visit(module)
    button = buttons.find(at.now, at.actor, at.module, name, ("bulk",))
    key = request.form.get("_key")
    done, refused = 0, []
    for record_id in bulk.chosen(at):
        try:
            buttons.press(at.actor, module, record_id, name, key=f"{key}/{record_id}" if key else None, places=("bulk",))
        except RuntimeProblem as problem:
            refused.append(problem.message)
        else:
            done += 1
    label = buttons.label(at.now, at.actor, button)
    return bulk.told(at, ngettext("%(label)s: %(num)d done.", "%(label)s: %(num)d done.", done, label=label), refused)


def shown_on(at: Visit, layout: Layout, record: Record, href: str) -> list[dict[str, Any]]:
    """The buttons that stand on this record's page for this actor, as the layout arranges them. folded: in the menu."""
    drawn = _drawn(at, record, href, buttons.arranged(layout, buttons.of(at.now, at.actor, at.module, ("record",))))
    return [each | {"folded": number >= BESIDE} for number, each in enumerate(drawn)]


def needs(at: Visit) -> list[str]:
    """First steps of the paths their conditions name, so that the page reads them along."""
    return [path[0] for button in buttons.of(at.now, at.actor, at.module, ("record",)) if button.show_if
            for path in paths_of(button.show_if)]


def _drawn(at: Visit, record: Record, href: str, known: list[Button]) -> list[dict[str, Any]]:
    return [{"label": buttons.label(at.now, at.actor, button), "icon": button.icon, "key": idempotency.new_key(),
             "confirm": buttons.confirm(at.now, at.actor, button), "href": f"{href}/button/{button.name}",
             "link": buttons.link(at.actor, record, button)}
            for button in known if buttons.stands(at.now, at.actor, at.module, button, record)]


@pages.app_template_global("buttons_at")
def buttons_at(module: str, place: str) -> list[dict[str, Any]]:
    """Whether a list has buttons in its rows or its bar, for the template of the rows."""
    now, actor = published.current(), current_actor()
    home = now.definitions.modules.get(module)
    if home is None or not policy.may(actor, "read", home):
        return []
    return [_bulk(now, actor, module, button) for button in buttons.of(now, actor, home, (place,))]


def _bulk(now: Published, actor: Actor, module: str, button: Button) -> dict[str, Any]:
    return {"label": buttons.label(now, actor, button), "icon": button.icon, "confirm": buttons.confirm(now, actor, button),
            "key": idempotency.new_key(), "href": f"/m/{module}/bulk/button/{button.name}"}


def _may_go(address: str) -> bool:
    """A form without scripts may not be led to another site (form-action); the browser's own scripts may."""
    return address.startswith("/") or bool(request.htmx)
