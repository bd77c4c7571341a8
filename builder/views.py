"""Views of a module: their order, what each shows and to whom; made, copied, moved, removed, put first."""
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flask
from flask import request

from builder import choices, criteria_editor, studio, wording
from builder import draft as drafts
from builder.ids import name_of, new_id
from metadata.definitions import Definitions
from metadata.model.module import Module
from metadata.model.role import Role
from metadata.model.translation import Translation
from metadata.model.view import View
from runtime.errors import NotFound
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, lazy
from runtime.records import list_state
from runtime.security import policy
from runtime.tables import preview
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

views = flask.Blueprint("views", __name__, url_prefix="/builder/m")

studio.tab("views", lazy("Views"), position=30, noun="views")

FIRST_COLUMNS = 6
"""A new view begins with the name and this many fields in all."""


@views.get("/<module>/views")
@builder
def listing(module: str) -> flask.Response:
    return _listed(module)


@views.post("/<module>/views")
@builder
def add(module: str) -> flask.Response:
    """A view of every record, to be changed in the editor."""
    actor, label = current_actor(), request.form.get("label", "").strip()[:120]
    draft = drafts.current(actor)
    home = studio.module_of(draft, module)
    if not label:
        return _listed(module, errors={"label": [_("Say what the view is called.")]}, status=422)
    last = max((view.position for view in draft.definitions.views_of(module)), default=0)
    made = View(id=new_id("view"), name=name_of(label, _taken(draft.definitions, module), what="view"), module=module, label=label,
                columns=tuple(dict.fromkeys((home.name_field, *(field.name for field in home.fields))))[:FIRST_COLUMNS],
                position=last + 10)
    drafts.change(actor, _("Add view '%(view)s' to %(module)s.", view=label, module=home.plural),
                  lambda known: known.with_document(made))
    return htmx.go(f"/builder/m/{module}/views/{made.name}")


@views.post("/<module>/views/order")
@builder
def order(module: str) -> flask.Response:
    """As the list was dragged: names in their order."""
    wanted = request.form.get("order", "").split()[:1000]
    return _moved(module, _("Order the views of %(module)s.", module=module), lambda names: sorted(
        names, key=lambda name: wanted.index(name) if name in wanted else len(wanted)))


@views.post("/<module>/views/<name>/move")
@builder
def move(module: str, name: str) -> flask.Response:
    """to: "up" or "down"."""
    view = view_of(drafts.current(current_actor()).definitions, module, name)

    def moved(names: list[str]) -> list[str]:
        at = names.index(view.name)
        names.insert(max(at - 1, 0) if request.form.get("to") == "up" else at + 1, names.pop(at))
        return names

    return _moved(module, _("Move view '%(view)s'.", view=view.label), moved)


@views.post("/<module>/views/<name>/default")
@builder
def put_first(module: str, name: str) -> flask.Response:
    """What people see who open the module; only one is."""
    view = view_of(drafts.current(current_actor()).definitions, module, name)
    drafts.change(current_actor(), _("Open %(module)s with view '%(view)s'.", module=module, view=view.label),
                  lambda known: alone_first(known, module, view.name))
    return _listed(module)


@views.post("/<module>/views/<name>/copy")
@builder
def copy(module: str, name: str) -> flask.Response:
    made: list[str] = []

    def put(definitions: Definitions) -> Definitions:
        view = view_of(definitions, module, name)
        copied = replace(view, id=new_id("view"), default=False, label=_("%(label)s (copy)", label=view.label)[:120],
                         name=name_of(f"{view.name[:30]} copy", _taken(definitions, module), what="view"))
        made.append(copied.name)
        names = [each.name for each in ordered(definitions, module)]
        names.insert(names.index(name) + 1, copied.name)
        return placed(definitions.with_document(copied), module, names)

    drafts.change(current_actor(), _("Copy view '%(view)s'.", view=name), put)
    return htmx.go(f"/builder/m/{module}/views/{made[-1]}")


@views.post("/<module>/views/<name>/remove")
@builder
def remove(module: str, name: str) -> flask.Response:
    view = view_of(drafts.current(current_actor()).definitions, module, name)
    words = may_translate()                 # who may not keep translations leaves the words behind, to be tidied up

    def cut(known: Definitions) -> Definitions:
        known = known.without(view.path)
        return wording.forgotten(known, f"views.{view.key}.") if words else known

    drafts.change(current_actor(), _("Remove view '%(view)s'.", view=view.label), cut)
    return _listed(module, events={"toast": {"text": _("Removed from the draft."), "undo": "/builder/undo"}})


def may_translate() -> bool:
    """Some may edit views and nothing else."""
    allowed = policy.buildable(current_actor())
    return allowed is None or Translation.folder in allowed


def view_of(definitions: Definitions, module: str, name: str) -> View:
    """Raises NotFound."""
    found = next((view for view in definitions.views_of(module) if view.name == name), None)
    if found is None:
        raise NotFound(_("There is no view '%(name)s' in this draft.", name=name))
    return found


def ordered(definitions: Definitions, module: str) -> list[View]:
    """As people find them."""
    return sorted(definitions.views_of(module), key=lambda view: (view.position, view.name))


def placed(definitions: Definitions, module: str, names: list[str]) -> Definitions:
    """With the module's views in this order."""
    at = {name: number * 10 for number, name in enumerate(names, 1)}
    for view in definitions.views_of(module):
        if view.position != at[view.name]:
            definitions = definitions.with_document(replace(view, position=at[view.name]))
    return definitions


def alone_first(definitions: Definitions, module: str, name: str) -> Definitions:
    """With that view as the only one people see first."""
    for view in definitions.views_of(module):
        if view.default != (view.name == name):
            definitions = definitions.with_document(replace(view, default=view.name == name))
    return definitions


def readers(definitions: Definitions, module: Module) -> list[Role]:
    """The roles whose people may read records of the module, all or their own."""
    granted = ((role, role.modules.get(module.id, role.modules.get("*", {}))) for role in definitions.roles.values())
    return [role for role, grants in granted if grants.get("read", "no") != "no"]


def _taken(definitions: Definitions, module: str) -> set[str]:
    return {view.name for view in definitions.views_of(module)}


def _moved(module: str, sentence: str, reorder: Callable[[list[str]], list[str]]) -> flask.Response:
    def edit(known: Definitions) -> Definitions:
        before = [view.name for view in ordered(known, module)]
        after = reorder(list(before))
        return known if after == before else placed(known, module, after)

    studio.module_of(drafts.current(current_actor()), module)
    drafts.change(current_actor(), sentence, edit)
    return _listed(module)


def _listed(module: str, *, errors: dict[str, list[str]] | None = None, status: int = 200,
            events: dict[str, Any] | None = None) -> flask.Response:
    if request.method == "POST" and status == 200 and not htmx.wants_block():
        return htmx.go(f"/builder/m/{module}/views", events=events)
    draft = drafts.current(current_actor())
    known = draft.definitions
    home = studio.module_of(draft, module)
    read_by = readers(known, home)
    shut = _shut(known, module, read_by)
    shown = [{"view": view, "label": choices.label(known, f"views.{view.key}.label", view.label), "kind": _kind(view),
              "shut": [choices.of_document(known, role) for role in shut[view.name]],
              "summary": criteria_editor.summary(known, home, view.criteria),
              "columns": [choices.path_label(known, home, path) for path in view.columns]} for view in ordered(known, module)]
    return studio.answer("builder/views.html", "work", draft=draft, module=home, tab="views", status=status, events=events,
                         views=shown, errors=errors or {}, given=request.form.get("label", ""),
                         readers=[choices.of_document(known, role) for role in read_by])


def _shut(definitions: Definitions, module: str, roles: list[Role]) -> dict[str, list[Role]]:
    """{view: roles whose people it is not there for, because it asks about what is hidden from them}."""
    with preview.shown(definitions) as now:
        somebody = {role.name: replace(current_actor(), everything=False, roles=(role.name,)) for role in roles}
        return {view.name: [role for role in roles if not list_state.may_open(now, somebody[role.name], view)]
                for view in definitions.views_of(module)}


def _kind(view: View) -> Any:
    kinds = catalogue()
    return kinds.get("view_kinds", view.kind if kinds.has("view_kinds", view.kind) else "table")
