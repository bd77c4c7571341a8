"""Buttons of a record's page: shown where their condition and roles say, pressed through the record pipeline."""
from typing import Any

import flask
from flask import request

from metadata.model.button import Button
from runtime.db.transaction import transaction
from runtime.errors import NotFound, Refused
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.records import idempotency, service
from runtime.records.facts import Facts, ValueScope, paths_of
from runtime.records.list_state import may_ask
from runtime.records.pages.base import Visit, pages, visit
from runtime.tables import criteria
from runtime.values import Record
from runtime.web.htmx import go
from runtime.web.policies import signed_in


@pages.post("/m/<module>/<int:record_id>/button/<name>")
@signed_in
def press(module: str, record_id: int, name: str) -> flask.Response:
    at = visit(module)
    button = next((button for button in _mine(at) if button.name == name), None)
    if button is None:
        raise NotFound(_("There is no such button here."))
    record = service.read(at.actor, module, record_id)
    if not _stands(at, button, record):
        raise Refused(_("“%(label)s” is not offered for this %(module)s as it stands now.", label=_label(at, button),
                        module=at.m.label.lower()))

    def act() -> dict[str, Any]:
        said = []
        with transaction():
            for step in button.actions:
                newest = service.read(at.actor, module, record_id)
                said.append(catalogue().get("actions", step["action"]).run(at.actor, newest, dict(step.get("settings", {}))))
        return {"said": said}

    idempotency.once(at.actor, request.form.get("_key"), {"button": button.id, "record": record_id}, act)
    events = {"record-saved": {"id": record_id}, "toast": {"text": _("%(label)s: done.", label=_label(at, button))}}
    return go(f"/m/{module}/{record_id}", events)


def shown(at: Visit, record: Record, href: str) -> list[dict[str, Any]]:
    """The buttons that stand on this record's page for this actor."""
    return [{"label": _label(at, button), "icon": button.icon, "confirm": button.confirm, "href": f"{href}/button/{button.name}"}
            for button in _mine(at) if _stands(at, button, record)]


def needs(at: Visit) -> list[str]:
    """First steps of the paths their conditions name, so that the page reads them along."""
    return [path[0] for button in _mine(at) if button.show_if for path in paths_of(button.show_if)]


def _mine(at: Visit) -> list[Button]:
    mine = {role.id for name in at.actor.roles if (role := at.now.definitions.roles.get(name))}
    return [button for button in at.now.definitions.buttons_of(at.module.name) if button.place == "record"
            and (not button.roles or at.actor.everything or mine & set(button.roles))]


def _stands(at: Visit, button: Button, record: Record) -> bool:
    """A condition about what the actor may not read does not hold: the button would tell it."""
    if not button.show_if or not may_ask(at.now, at.actor, at.module, button.show_if):
        return not button.show_if

    def compile() -> Any:
        return Facts(at.now, at.module, paths_of(button.show_if)), criteria.as_python(button.show_if, ValueScope(at.now, at.module))

    facts, test = at.now.once(("button", button.path), compile)
    return bool(test(facts.gather(record.values, at.moment, at.actor), at.moment))


def _label(at: Visit, button: Button) -> str:
    return at.now.label(f"buttons.{button.key}.label", at.actor.language, button.label)
