"""What the bar of a list does to the records that are ticked: change a field, delete. Each record by its own rules."""
from typing import Any

import flask
from flask import request

from runtime.errors import BadQuery, RuntimeProblem
from runtime.locale.text import _, ngettext
from runtime.records import list_state, query, service, shown
from runtime.records.pages import forms
from runtime.records.pages.base import Visit, pages, visit
from runtime.security import policy
from runtime.web.htmx import answer, go
from runtime.web.policies import signed_in

MOST = 1_000


@pages.get("/m/<module>/bulk/delete")
@signed_in
def ask_delete_many(module: str) -> flask.Response:
    at = visit(module, "delete")
    records, count = _picked(at)
    return answer("records/delete.html", "delete", m=at.m, records=records, count=count, method="post",
                  action=f"/m/{module}/bulk/delete", state=_state_pairs())


@pages.post("/m/<module>/bulk/delete")
@signed_in
def delete_many(module: str) -> flask.Response:
    at = visit(module, "delete")
    done, refused = _each(at, lambda record_id: service.delete(at.actor, module, record_id))
    return told(at, ngettext("%(num)d deleted.", "%(num)d deleted.", done), refused)


@pages.get("/m/<module>/bulk/edit")
@signed_in
def ask_edit_many(module: str) -> flask.Response:
    at = visit(module, "edit")
    records, count = _picked(at)
    editable = policy.editable(at.actor, at.module)
    fields = [field for name in editable if not (field := at.field(name)).read_only and field.widget not in ("file", "image")]
    chosen = at.field(request.args["field"]) if request.args.get("field") in editable else None
    return answer("records/bulk_edit.html", "bulk_edit", m=at.m, records=records, count=count, f=chosen,
                  fields=sorted(fields, key=lambda field: field.label), state=_state_pairs(),
                  action=f"/m/{module}/bulk/edit", context={"reader": at.reader, "values": {}, "errors": {}})


@pages.post("/m/<module>/bulk/edit")
@signed_in
def edit_many(module: str) -> flask.Response:
    at = visit(module, "edit")
    name = request.form.get("field", "")
    given = {path: value for path, value in forms.given(at).items() if path.partition(".")[0] == name}
    if not given:
        raise BadQuery(_("Choose a field and its new value."))
    done, refused = _each(at, lambda record_id: service.update(at.actor, module, record_id, given, seen_version=None))
    return told(at, ngettext("%(num)d changed.", "%(num)d changed.", done), refused)


def chosen(at: Visit) -> list[int]:
    """The ticked ids, or all the list's when "all" was chosen."""
    if request.values.get("all") == "1":
        state = list_state.read(at.now, at.actor, at.module, request.values)
        _number, capped = query.count(at.actor, state.query(), cap=MOST)
        if capped:
            raise BadQuery(_("More than %(most)s records are chosen. Narrow the list with a filter first.",
                             most=at.reader.number(MOST)))
        return [record.id for record in query.stream(at.actor, list_state.replace(state, columns=("id",)).query())]
    ids = [number for value in request.values.getlist("id") if (number := list_state.record_id(value)) is not None]
    if not ids:
        raise BadQuery(_("Tick at least one record first."))
    return ids[:MOST]


def _picked(at: Visit) -> tuple[list[dict[str, Any]], int]:
    """The first few of the chosen records by name, and how many there are."""
    ids = chosen(at)
    asked = query.Query(at.module.name, list_state.name_of(at.actor, at.module), ids=tuple(ids[:query.MOST_ROWS]),
                        limit=query.MOST_ROWS)
    page = query.find(at.actor, asked)
    return [{"id": row.id, "title": shown.title(at.module, row)} for row in page.rows], len(ids)


def _state_pairs() -> list[tuple[str, str]]:
    wanted = ("view", "filter", "sort", "columns", "q", "all")
    pairs = [(name, request.values[name]) for name in wanted if request.values.get(name)]
    return pairs


def _each(at: Visit, do: Any) -> tuple[int, list[str]]:
    """Do it record by record; a refusal stops only its own record. Returns how many succeeded, and the reasons of the rest."""
    done, refused = 0, []
    for record_id in chosen(at):
        try:
            do(record_id)
        except RuntimeProblem as problem:
            refused.append(problem.message)
        else:
            done += 1
    return done, refused


def told(at: Visit, text: str, refused: list[str]) -> flask.Response:
    if refused:
        text += " " + ngettext("%(num)d was refused: %(reason)s", "%(num)d were refused, the first because: %(reason)s",
                               len(refused), reason=refused[0])
    return go(f"/m/{at.module.name}", events={"toast": {"text": text, "bad": bool(refused)}})
