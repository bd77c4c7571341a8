"""The menu: which module stands under which heading, and in which order; by dragging on the list of modules or by buttons."""
from collections.abc import Sequence
from dataclasses import replace

import flask
from flask import request

from builder import draft as drafts
from builder import studio
from metadata.definitions import Definitions, is_sound, mark_sound
from runtime.locale.text import _
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

navigation = flask.Blueprint("navigation", __name__, url_prefix="/builder/menu")


@navigation.post("/order")
@builder
def order() -> flask.Response:
    """order: the names of all modules as they were dragged, each as NAME@HEADING, one per line."""
    wanted = [line.partition("@")[::2] for line in request.form.get("order", "").splitlines() if line]
    drafts.change(current_actor(), _("Reorder the menu."), lambda known: ordered(known, wanted))
    return htmx.go("/builder")


@navigation.post("/<name>/move")
@builder
def move(name: str) -> flask.Response:
    """One place up or down under its heading."""
    actor = current_actor()
    module = studio.module_of(drafts.current(actor), name)
    step = -1 if request.form.get("to") == "up" else 1
    drafts.change(actor, _("Move %(module)s in the menu.", module=module.plural), lambda known: moved(known, name, step))
    return htmx.go("/builder")


def moved(definitions: Definitions, name: str, step: int) -> Definitions:
    listed = [(each.name, each.group) for each in definitions.modules.values()]
    group = definitions.modules[name].group
    beside = [number for number, each in enumerate(listed) if each[1] == group]
    at = beside.index(listed.index((name, group)))
    if 0 <= at + step < len(beside):
        here, there = beside[at], beside[at + step]
        listed[here], listed[there] = listed[there], listed[here]
    return ordered(definitions, listed)


def ordered(definitions: Definitions, wanted: Sequence[tuple[str, str]]) -> Definitions:
    """wanted: (module, heading) in their order; modules it does not name stay where they are. Few modules change."""
    known = [(definitions.modules[name], group) for name, group in dict(wanted).items() if name in definitions.modules]
    places = sorted(module.position for module, _group in known)
    if len(set(places)) < len(places):
        places = [10 * (number + 1) for number in range(len(known))]
    for (module, group), position in zip(known, places, strict=True):
        if (module.group, module.position) != (group, position):
            changed = replace(module, group=group[:60], position=position)
            if is_sound(module):
                mark_sound(changed)
            definitions = definitions.with_document(changed)
    return definitions
