"""Lookups without scripts: the name as typed stands for the record it names. A browser with scripts sends the id it chose."""
from typing import Any

from flask import request

from runtime.locale.text import _
from runtime.records import list_state, search, sentences
from runtime.records.pages.base import Visit

PLAIN = "_plain"
"""Sent by what stands in <noscript>; only then are names looked at."""
NAME = ":name"


def by_name(at: Visit, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What was given, with ids where names were typed; and what names no record, or more than one: {path: [sentence]}."""
    if PLAIN not in request.form:
        return given, {}
    found, unknown = dict(given), {}
    for path, value in given.items():
        field = at.field(path)
        typed = request.form.get(path + NAME, "").strip()
        if not field.target or typed == _name_of(at, field, value):
            continue
        hits = search.options(at.actor, field.target, typed, criteria=field.settings.get("filter")) if typed else []
        fitting = [hit for hit in hits if hit.title.casefold() == typed.casefold()] or hits
        if typed and not fitting:
            unknown[path] = [_("Nothing here is called “%(name)s”.", name=typed)]
        elif len(fitting) > 1:
            names = ", ".join(hit.title for hit in fitting[:3])
            unknown[path] = [_("“%(name)s” fits several: %(names)s. Type the whole name.", name=typed, names=names)]
        else:
            found[path] = str(fitting[0].id) if fitting else ""
    return found, unknown


def _name_of(at: Visit, field: Any, value: Any) -> str:
    number = list_state.record_id(value)
    return "" if number is None else sentences.names_behind(at, field, number).get(number, _("Restricted"))
