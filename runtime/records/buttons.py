"""Buttons: who has which, where each stands, and what pressing one does: its whole chain of actions, once or not at all."""
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from metadata.model.button import Button
from metadata.model.layout import Layout
from metadata.model.module import Module
from runtime.db import clock
from runtime.db.transaction import transaction
from runtime.errors import NotFound, Refused
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.records import idempotency, service
from runtime.records.facts import Facts, ValueScope, paths_of
from runtime.records.list_state import may_ask
from runtime.records.watch import watched
from runtime.tables import criteria, labels
from runtime.tables.published import Published, current
from runtime.values import Actor, Record

PLACES = ("record", "row", "bulk")


@dataclass(frozen=True)
class Pressed:
    """said: a sentence per action; address: where the person goes now, None to stay."""
    said: tuple[str, ...]
    address: str | None


def of(now: Published, actor: Actor, module: Module, places: Iterable[str] = PLACES) -> list[Button]:
    """The buttons this actor's roles have."""
    return [button for button in now.definitions.buttons_of(module.name) if button.place in places and _theirs(now, actor, button)]


def arranged(layout: Layout, buttons: Iterable[Button]) -> list[Button]:
    """As the layout has them: those it names, in its order; all of them where it names none."""
    known = {button.name: button for button in buttons}
    return list(known.values()) if layout.buttons is None else [known[name] for name in layout.buttons if name in known]


def stands(now: Published, actor: Actor, module: Module, button: Button, record: Record) -> bool:
    """A condition about what the actor may not read does not hold: the button would tell it."""
    if not button.show_if or not may_ask(now, actor, module, button.show_if):
        return not button.show_if

    def compile() -> Any:
        return Facts(now, module, paths_of(button.show_if)), criteria.as_python(button.show_if, ValueScope(now, module))

    facts, test = now.once(("button", button.path), compile)
    moment = actor.moment(clock.now())
    return bool(test(facts.gather(record.values, moment, actor), moment))


def find(now: Published, actor: Actor, module: Module, name: str, places: Iterable[str] = PLACES) -> Button:
    """Raises NotFound, and Refused where it belongs to other roles."""
    found = next((button for button in now.definitions.buttons_of(module.name)
                  if button.name == name and button.place in places), None)
    if found is None:
        raise NotFound(_("There is no such button here."))
    if not _theirs(now, actor, found):
        raise Refused(_("“%(label)s” is a button of other roles.", label=label(now, actor, found)))
    return found


@watched("press")
def press(actor: Actor, module: str, record_id: int, name: str, *, key: str | None = None,
          places: Iterable[str] = PLACES) -> Pressed:
    """All its actions in one transaction, through the record pipeline as this actor. The same key again does nothing more.

    Raises NotFound, Refused (other roles, a condition that does not hold), and what the actions raise; then nothing is done.
    """
    now = current()
    home = now.module(module)
    button = find(now, actor, home, name, places)
    last: dict[str, Any] = {}

    def act() -> dict[str, Any]:
        with transaction():
            record = service.read(actor, module, record_id)
            if not stands(now, actor, home, button, record):
                raise Refused(_("“%(label)s” is not offered for this %(module)s as it stands now.",
                                label=label(now, actor, button), module=labels.of_module(home).lower()))
            said, address = [], None
            for step in button.actions:
                action, settings = catalogue().get("actions", step["action"]), dict(step.get("settings", {}))
                newest = service.read(actor, module, record_id)
                said.append(action.run(actor, newest, settings))
                address = action.address(actor, newest, settings) or address
        return {"said": said, "address": address}

    last, _again = idempotency.once(actor, key, {"button": button.id, "record": record_id}, act)
    return Pressed(tuple(last["said"]), last.get("address"))


def link(actor: Actor, record: Record, button: Button) -> str | None:
    """Where a button leads that does nothing else; None for one that acts."""
    steps = [(catalogue().get("actions", step["action"]), dict(step.get("settings", {}))) for step in button.actions]
    if not steps or any(action.acts for action, _settings in steps):
        return None
    action, settings = steps[-1]
    return action.address(actor, record, settings)  # type: ignore[no-any-return]


def label(now: Published, actor: Actor, button: Button) -> str:
    return now.label(f"buttons.{button.key}.label", actor.language, button.label)


def confirm(now: Published, actor: Actor, button: Button) -> str:
    return now.label(f"buttons.{button.key}.confirm", actor.language, button.confirm) if button.confirm else ""


def _theirs(now: Published, actor: Actor, button: Button) -> bool:
    mine = {role.id for name in actor.roles if (role := now.definitions.roles.get(name))}
    return not button.roles or actor.everything or bool(mine & set(button.roles))
