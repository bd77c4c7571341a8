"""The list: a saved view with its filters in words, sortable columns, pages by key, a capped count and lazy sums."""
from collections.abc import Mapping
from typing import Any

import flask
from flask import request

from runtime.db import clock
from runtime.errors import BadQuery
from runtime.locale.text import _
from runtime.records import list_state, query, sentences, shown
from runtime.records.drawing import ShownRow
from runtime.records.list_state import ListState
from runtime.records.pages.base import Visit, pages, visit
from runtime.security import policy
from runtime.web.htmx import answer, part, wants_block
from runtime.web.policies import signed_in


@pages.get("/m/<module>")
@signed_in
def listing(module: str) -> flask.Response:
    at = visit(module)
    state = _state(at)
    kind = at.now.catalogue.get("view_kinds", state.view.kind if state.view else "table")
    below = kind.context(at, state)
    response = answer("records/list.html", "list", **(context(at, state) if below is None else frame(at, state) | below),
                      below=kind.template, styles=kind.styles, scripts=kind.scripts)
    if wants_block() and "filter_field" in request.args:
        response.headers["HX-Push-Url"] = state.href()
    return response


@pages.get("/m/<module>/count")
@signed_in
def count(module: str) -> flask.Response:
    at = visit(module)
    state = _state(at)
    number, _capped = query.count(at.actor, state.query(), cap=None)
    return part("records/list.html", "count", m=at.m, count=_count(at, state, number, False))


@pages.get("/m/<module>/sums")
@signed_in
def sums(module: str) -> flask.Response:
    at = visit(module)
    state = _state(at)
    paths = _summed(at, state)
    totals = query.sums(at.actor, state.query(), paths) if paths else {}
    columns = [at.field(path) for path in state.shown_columns]
    written = {path: shown.total(at.field(path), value, at.reader) for path, value in totals.items()}
    return part("records/list.html", "sums", m=at.m, columns=columns, sums=written)


@pages.get("/m/<module>/filter")
@signed_in
def choose_filter(module: str) -> flask.Response:
    at = visit(module)
    state = list_state.read(at.now, at.actor, at.module, request.args)
    index = request.args.get("filter_index", type=int)
    known = state.criteria[index] if index is not None and 0 <= index < len(state.criteria) else None
    leaf = known if isinstance(known, Mapping) and "field" in known else {}
    path = request.args.get("filter_field") or leaf.get("field")
    readable = policy.readable(at.actor, at.module)
    fields = [at.field(field.name) for field in at.module.all_fields
              if field.name in readable and at.now.type(field).asked(field)]
    chosen = at.field(path) if path and list_state.may_read(at.now, at.actor, at.module, path) else None
    operators: list[dict[str, Any]] = []
    if chosen:
        wanted = request.args.get("filter_operator") or leaf.get("operator")
        known_names = [operator.name for operator in chosen.operators]
        wanted = wanted if wanted in known_names else known_names[0]
        operators = [{"name": operator.name, "label": sentences.question(operator), "takes": operator.takes,
                      "current": operator.name == wanted} for operator in chosen.operators]
    current = next((operator for operator in operators if operator["current"]), None)
    operand = leaf.get("operand") if leaf.get("field") == path else None
    if chosen and current and request.args.get("answered") == path and any(request.args.getlist("operand")):
        asked = next(operator for operator in chosen.operators if operator.name == current["name"])
        operand = sentences.operand_from(request.args, asked, chosen)       # another question: the answer given stays
    return answer("records/filter.html", "filter", m=at.m, fields=fields, f=chosen, operators=operators, index=index,
                  operand=operand, filter_href=f"/m/{module}/filter", apply_href=f"/m/{module}",
                  state=state.pairs(without=("after", "before")),
                  context={"takes": current["takes"] if current else "none", "operator": current["name"] if current else "",
                           "required": True, "reader": at.reader,
                           "names": sentences.names_behind(at, chosen, operand) if chosen else {}})


@pages.get("/m/<module>/columns")
@signed_in
def choose_columns(module: str) -> flask.Response:
    at = visit(module)
    state = list_state.read(at.now, at.actor, at.module, request.args)
    readable = policy.readable(at.actor, at.module)
    chosen = list(state.shown_columns)
    others = [field.name for field in at.module.all_fields if field.name in readable and field.name not in chosen]
    choices = [{"path": path, "label": at.field(path).label, "chosen": path in chosen} for path in (*chosen, *others)]
    return answer("records/columns.html", "columns", m=at.m, choices=choices, apply_href=f"/m/{module}",
                  state=state.pairs(without=("columns", "after", "before")))


def _state(at: Visit) -> ListState:
    """The state of the address, with a condition that the filter dialog just sent folded in."""
    state = list_state.read(at.now, at.actor, at.module, request.args)
    asked = request.args
    if not asked.get("filter_field"):
        return state
    path = asked["filter_field"]
    if not list_state.may_read(at.now, at.actor, at.module, path):
        raise BadQuery(_("There is no field '{path}' here that you can use.").format(path=path))
    field = at.field(path)
    operator = next((known for known in field.operators if known.name == asked.get("filter_operator")), None)
    if operator is None:
        return state
    criterion: dict[str, Any] = {"field": path, "operator": operator.name}
    if operator.takes != "none":
        criterion["operand"] = sentences.operand_from(asked, operator, field)
    index = asked.get("filter_index", type=int)
    conditions = list(state.criteria)
    if index is not None and 0 <= index < len(conditions):
        conditions[index] = criterion
    else:
        conditions.append(criterion)
    return list_state.replace(state, filters=tuple(conditions), after=None, before=None)


def frame(at: Visit, state: ListState) -> dict[str, Any]:
    """What every kind of view has: the head, the saved views, the bar with its filters."""
    may = at.may()
    return {
        "m": at.m, "view": {"label": _view_label(at, state.view)} if state.view else None, "views": _views(at, state),
        "view_kinds": _kinds(at, state), "chips": sentences.chips(at, state), "q": state.text, "may": may,
        "clear_href": state.href(filters=(), text=""),
        "state": state.pairs(without=("q", "after", "before")), "apply_href": f"/m/{at.module.name}",
        "filter_href": state.href("/filter"), "columns_href": state.href("/columns"),
        "new_href": f"/m/{at.module.name}/new", "import_href": f"/import?module={at.module.name}" if may["import"] else None,
        "bin_href": f"/m/{at.module.name}/bin" if may["delete"] else None,
        "exports": _exports(at, state) if may["export"] else None,
        "dropped": [at.field(path).label for path in state.dropped if path != "sort" and at.module.field(path)],
    }


def context(at: Visit, state: ListState) -> dict[str, Any]:
    """Everything list.html needs for the rows of a table."""
    question = state.query()
    page = query.find(at.actor, question)
    columns = [at.field(path) for path in state.shown_columns]
    roles = shown.roles_of_columns(columns, at.module, _summed(at, state))
    order = dict(state.order)
    first = state.after is None and state.before is None
    complete = first and page.next is None
    counted = None
    if complete:
        counted = _count(at, state, len(page.rows), False)
    elif first:
        number, capped = query.count(at.actor, question)
        counted = _count(at, state, number, capped)
    nothing = first and not page.rows
    asked = bool(state.filters or state.text)
    empty, others = None, None
    if nothing:
        others = _count(at, state, *query.count(at.actor, query.Query(at.module.name)))
        empty = "no_match" if others["n"] or asked else "first"
    framed = frame(at, state)
    may = framed["may"]
    return framed | {
        "columns": [{"path": field.name, "label": field.label, "numeric": field.numeric, "field": field, "role": role,
                     "deadline": field.name in state.deadlines,
                     "sort": None if field.name not in order else "descending" if order[field.name] else "ascending",
                     "sort_href": state.sorted_by(field.name) if field.kind.sortable else None}
                    for field, role in zip(columns, roles, strict=True)],
        "rows": [ShownRow(row.id, f"/m/{at.module.name}/{row.id}", shown.title(at.module, row), row.values) for row in page.rows],
        "cell_context": {"reader": at.reader, "now": clock.now(), "today": at.moment.today},
        "count": counted, "next_href": state.href(after=page.next) if page.next else None,
        "previous_href": state.href(before=page.previous) if page.previous else None,
        "sums_href": state.href("/sums") if page.rows and _summed(at, state) else None,
        "empty": empty, "without_filters_count": others["text"] if others and others["n"] else None,
        "bulk": {"edit_href": f"/m/{at.module.name}/bulk/edit" if may["edit"] else None,
                 "export_href": f"/m/{at.module.name}/export" if may["export"] else None,
                 "delete_href": f"/m/{at.module.name}/bulk/delete" if may["delete"] else None}
        if may["edit"] or may["delete"] or may["export"] else None,
    }


def _exports(at: Visit, state: ListState) -> dict[str, Any]:
    return {"href": f"/m/{at.module.name}/export", "state": state.pairs(without=("after", "before")),
            "formats": [{"name": "csv", "label": _("Export as CSV"), "icon": "download"},
                        {"name": "xlsx", "label": _("Export as Excel"), "icon": "table"}]}


def _count(at: Visit, state: ListState, number: int, capped: bool) -> dict[str, Any]:
    return {"n": number, "capped": capped, "text": at.reader.number(number) + ("+" if capped else ""),
            "exact_href": state.href("/count")}


def _views(at: Visit, state: ListState) -> list[dict[str, Any]]:
    """The saved views this actor can open: those whose conditions name only what they may read."""
    shown_views = []
    for view in sorted(at.now.definitions.views_of(at.module.name), key=lambda view: (view.position, view.name)):
        if list_state.may_open(at.now, at.actor, view):
            shown_views.append({"label": _view_label(at, view), "href": f"/m/{at.module.name}?view={view.name}",
                                "current": state.view is not None and view.name == state.view.name})
    return shown_views


def _kinds(at: Visit, state: ListState) -> list[dict[str, Any]]:
    """The ways this module can be shown, each by its first saved view; what was typed and filtered goes along."""
    first: dict[str, Any] = {}
    for view in sorted(at.now.definitions.views_of(at.module.name), key=lambda view: (not view.default, view.position, view.name)):
        if list_state.may_open(at.now, at.actor, view):
            first.setdefault(view.kind, view)
    now = state.view.kind if state.view else "table"
    kinds = [at.now.catalogue.get("view_kinds", name) for name in sorted(first, key=lambda name: name != "table")]
    return [{"label": _(kind.label), "icon": kind.icon, "current": kind.name == now,
             "href": state.href(view=state.view if kind.name == now else first[kind.name], sort=None, columns=None)}
            for kind in kinds]


def _view_label(at: Visit, view: Any) -> str:
    return at.now.label(f"views.{view.key}.label", at.actor.language, view.label)


def _summed(at: Visit, state: ListState) -> list[str]:
    return [path for path in (state.view.sums if state.view else ())
            if path in state.shown_columns and list_state.may_read(at.now, at.actor, at.module, path)]
