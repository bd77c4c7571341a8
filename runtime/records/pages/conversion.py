"""Convert: what a record would become, the choice of records that are there already, and doing it."""
from collections.abc import Mapping
from typing import Any

import flask
import marshmallow as ma
from flask import request

from runtime.errors import Conflict, Invalid
from runtime.locale.text import _
from runtime.records import convert, list_state, query, shown
from runtime.records.pages.base import Visit, pages, visit
from runtime.security import policy
from runtime.web.htmx import answer, go
from runtime.web.policies import signed_in


@pages.get("/m/<module>/<int:record_id>/convert")
@signed_in
def ask_convert(module: str, record_id: int) -> flask.Response:
    at = visit(module, "edit")
    return answer("records/convert.html", "record", **_context(at, record_id, []))


@pages.post("/m/<module>/<int:record_id>/convert")
@signed_in
def do_convert(module: str, record_id: int) -> flask.Response:
    """use:<module> = "new", an existing record's number, or "none"."""
    at = visit(module, "edit")
    chosen, without = {}, set()
    for name, value in request.form.items():
        target = name.removeprefix("use:")
        number = list_state.record_id(value)
        if name.startswith("use:") and number is not None:
            chosen[target] = number
        elif name.startswith("use:") and value == "none":
            without.add(target)
    try:
        made = convert.convert(at.actor, module, record_id, seen_version=request.form.get("version", type=int), chosen=chosen,
                               without=without)
    except Invalid as problem:
        said = [sentence for sentences in problem.errors.values() for sentence in sentences]
        return answer("records/convert.html", "record", status=problem.status, **_context(at, record_id, said))
    name, number = made[-1] if made else (module, record_id)
    return go(f"/m/{name}/{number}", {"toast": {"text": _("%(label)s converted.", label=at.m.label)}})


def offered(at: Visit, record_id: int, may_edit: bool) -> dict[str, Any] | None:
    """The button on a record's page, or what it became; None where the module is not converted."""
    found = convert.map_of(at.now, at.actor, at.module.name)
    if found is None and not any(each.module == at.module.name for each in at.now.definitions.of(convert.ConvertMap)):
        return None
    made = convert.became(at.module, record_id)
    if made is None:
        label = at.now.label(f"convert_maps.{found.key}.label", at.actor.language, found.label) if found else ""
        return {"label": label, "href": f"/m/{at.module.name}/{record_id}/convert", "made": None} if (
            found and may_edit and convert.fits(at.actor, at.now, found, record_id)) else None
    return {"label": "", "href": "", "made": [link for each in made if (link := _link(at, *each))]}


def _link(at: Visit, module_id: str, record_id: int) -> dict[str, str] | None:
    """A link to what was made, where the actor may see it."""
    module = at.now.definitions.module_by_id(module_id)
    if module is None or not policy.may(at.actor, "read", module):
        return None
    asked = query.Query(module.name, list_state.name_of(at.actor, module), ids=(record_id,), limit=1)
    row = next(iter(query.find(at.actor, asked).rows), None)
    label = shown.module(at.now, at.actor, module).label
    return {"label": label, "title": shown.title(module, row), "href": f"/m/{module.name}/{record_id}"} if row else None


def _clean(field: shown.ShownField, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given raw, as the new record would hold it; what its field does not take is left out."""
    values = dict(given)
    for part, taken in field.kind.values(field.field).items():
        path = f"{field.field.name}.{part}" if part else field.field.name
        if values.get(path) is not None:
            try:
                values[path] = taken.deserialize(values[path])
            except ma.ValidationError:
                del values[path]
    return values


def _context(at: Visit, record_id: int, said: list[str]) -> dict[str, Any]:
    if convert.became(at.module, record_id) is not None:
        raise Conflict(_("This %(label)s was converted already.", label=at.m.label.lower()))
    record, targets = convert.planned(at.actor, at.module.name, record_id)
    drawn = []
    for target in targets:
        m = shown.module(at.now, at.actor, target.module)
        facts = []
        for name in dict.fromkeys(path.partition(".")[0] for path in target.given):
            field = shown.field(at.now, at.actor, target.module, name)
            values = _clean(field, target.given)
            if not field.target and (value := field.pick(values)) not in (None, "", []):
                facts.append({"field": field, "value": value, "values": values, "reader": at.reader})
        drawn.append({"m": m, "facts": facts, "optional": target.optional,
                      "matches": target.matches, "title": target.given.get(target.module.name_field) or m.label})
    return {"m": at.m, "record": {"id": record.id, "version": record.version, "title": shown.title(at.module, record),
                                  "href": f"/m/{at.module.name}/{record.id}"}, "targets": drawn, "said": said}
