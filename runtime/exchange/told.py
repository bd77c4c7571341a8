"""Told: an import as the API tells it, and what a client's corrections mean."""
from collections.abc import Mapping
from typing import Any

from metadata.model.module import Module
from runtime.db.transaction import transaction
from runtime.errors import BadQuery, Invalid, NotFound
from runtime.exchange import choices, run, service, store
from runtime.exchange import look as looks
from runtime.exchange import mapping as mappings
from runtime.exchange.mapping import Mapping_
from runtime.exchange.store import Run
from runtime.locale import reader as locales
from runtime.locale.text import _
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor
from runtime.web.json import iso

KNOWN = ("sheet", "mapping", "values", "match", "mode", "on_duplicate")
COUNTS = (*service.COUNTERS, "undone", "kept")
LISTED = 50
"""How many rows that are like a record a check tells by each rule."""


def short(found: Run) -> dict[str, Any]:
    """State, progress and counts, and where to go from here."""
    home = f"/api/v1/imports/{found.id}"
    ways = {"new": {"check": f"{home}/check", "start": f"{home}/start"}, "done": {"undo": f"{home}/undo"},
            "failed": {"undo": f"{home}/undo"}}
    return {"id": found.id, "state": found.state, "module": _module(published.current(), found), "name": found.file_name,
            "progress": {"rows": found.rows, "done": found.done}, "counts": {name: getattr(found, name) for name in COUNTS},
            "problem": found.problem, "begun_at": iso(found.begun_at),
            "finished_at": iso(found.finished_at) if found.finished_at else None,
            "links": {"self": home, **ways.get(found.state, {}), "problems": f"{home}/problems", "file": f"{home}/problems.csv"}}


def _module(now: Published, found: Run) -> str | None:
    try:
        return run.module_of(now, found).name
    except NotFound:
        return None


def whole(actor: Actor, found: Run) -> dict[str, Any]:
    """With its mapping; while it can still be changed with what the first rows show of it; afterwards with what went wrong."""
    mapping = Mapping_.from_json(found.mapping["fields"])
    told = short(found) | {
        "module_sure": found.mapping.get("module_sure"), "sheet": found.sheet, "sheets": [one["name"] for one in found.sheets],
        "mapping": {heading: choices.written(targets[0]) for heading, targets in mapping.columns.items() if targets},
        "values": {heading: dict(targets[0].values) for heading, targets in mapping.columns.items()
                   if targets and targets[0].values},
        "match": mapping.match, "mode": mapping.on_match, "on_duplicate": mapping.on_duplicate}
    if found.state != "new":
        return told | {"reasons": store.reasons(found.id)}
    now = published.current()
    seen, module = looks.look(actor, found, locales.current()), run.module_of(now, found)
    return told | {
        "columns": [{"heading": one.heading, "samples": list(one.samples), "field": one.choice or None,
                     "sure": None if one.sure is None else round(one.sure, 4),
                     "fine": one.fine, "empty": one.empty, "unread": one.wrong, "missing": one.missing,
                     "reason": one.sentence, "cells": dict(one.unread)} for one in seen.columns],
        "looked_at": seen.rows, "known": seen.known,
        "fields": [{"field": choice, "label": label} for choice, label in choices.targets(now, actor, module)],
        "keys": [{"field": path, "label": label} for path, label in looks.keys(now, actor, module, mapping)]}


def checked(check: service.Check) -> dict[str, Any]:
    return {"rows": check.rows, "all_rows": check.all_rows,
            "counts": {name: check.counts.get(name, 0) for name in service.COUNTERS}, "reasons": check.reasons,
            "duplicates": [{"fields": fields, "times": len(rows), "rows": [
                {name: row.get(name) for name in ("row_no", "record_id", "value", "reason")} for row in rows[:LISTED]]}
                for fields, rows in check.duplicates.items()]}


def change(actor: Actor, import_id: int, body: Mapping[str, Any]) -> Run:
    """What a client corrects: {"sheet", "mapping": {heading: field or null}, "values": {heading: {cell: what it stands for}},
    "match", "mode", "on_duplicate"}; what is left out stays. Raises BadQuery, Conflict, Invalid naming column or property.
    """
    corrections = _read(body)
    service.find(actor, import_id)
    with transaction() as tx:                       # two who correct at once: the second corrects what the first left
        store.get(import_id, tx)
        return _change(actor, import_id, body, corrections)


def _change(actor: Actor, import_id: int, body: Mapping[str, Any], corrections: choices.Corrections) -> Run:
    found, now = service.find(actor, import_id), published.current()
    service.require_new(found)
    module = run.module_of(now, found)
    if (sheet := body.get("sheet", found.sheet)) != found.sheet:
        if len(body) > 1:
            raise Invalid({"sheet": [_("Choose the sheet first; its columns are guessed anew.")]})
        found = service.choose_sheet(actor, import_id, str(sheet))
    mapping = Mapping_.from_json(found.mapping["fields"])
    if not corrections.columns.keys() - set(found.headers):
        _allowed(now, actor, module, mapping, corrections.columns)
    mapping = corrections.of(mapping, found.headers)
    try:
        mapping = choices.handled(mapping, body.get("match", mapping.match), body.get("mode", mapping.on_match),
                                  body.get("on_duplicate", mapping.on_duplicate))
    except Invalid as problem:
        raise Invalid({"mode" if name == "on_match" else name: said for name, said in problem.errors.items()}) from None
    if mapping.match and mapping.match not in dict(looks.keys(now, actor, module, mapping)):
        raise Invalid({"match": [_("The field that existing records are found by must be one of the mapped fields.")]})
    try:
        return service.change(actor, import_id, mapping)
    except Invalid as problem:
        raise Invalid(_by_column(mapping, problem.errors)) from None


def _read(body: Mapping[str, Any]) -> choices.Corrections:
    for name in body:
        if name not in KNOWN:
            raise BadQuery(_("There is no parameter '%(name)s' here. Known: %(known)s.", name=name[:60], known=", ".join(KNOWN)))
    columns, values = body.get("mapping", {}), body.get("values", {})
    if not isinstance(columns, Mapping) or not all(field is None or isinstance(field, str) for field in columns.values()):
        raise BadQuery(_("'mapping' is an object: the field that each column goes into, null to leave it out."))
    if not isinstance(values, Mapping) or not all(_texts(cells) for cells in values.values()):
        raise BadQuery(_("'values' is an object: for a column, what its cells stand for."))
    for name in ("sheet", "match", "mode", "on_duplicate"):
        if not isinstance(body.get(name, ""), str):
            raise BadQuery(_("'%(name)s' is a text.", name=name))
    return choices.Corrections({heading: field or "" for heading, field in columns.items()}, values)


def _texts(given: Any) -> bool:
    return isinstance(given, Mapping) and all(isinstance(text, str) for text in given.values())


def _allowed(now: Published, actor: Actor, module: Module, mapping: Mapping_, columns: Mapping[str, str]) -> None:
    """Only what a person could choose, or what stands there already; one that is hidden is refused like one that is not there."""
    possible = {"", mappings.CREATED, *(choice for choice, _label in choices.targets(now, actor, module))}
    wrong = {}
    for heading, choice in columns.items():
        stands = mapping.columns.get(heading, ())
        if choice not in possible and not (stands and choices.written(stands[0]) == choice):
            wrong[heading] = [_("There is no field '{path}' here that you can use.").format(path=choice[:200])]
    if wrong:
        raise Invalid(wrong)


def _by_column(mapping: Mapping_, errors: Mapping[str, Any]) -> dict[str, Any]:
    """A client sent columns and is told of columns."""
    headings = {target.path: heading for heading, targets in mapping.columns.items() for target in targets}
    return {headings.get(path, path): sentences for path, sentences in errors.items()}
