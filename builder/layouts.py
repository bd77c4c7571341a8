"""Layouts of a module: in the order they are asked, for which records and for whom each is; made, copied, moved, removed."""
from dataclasses import replace

import flask
from flask import request

from builder import choices, criteria_editor, studio, wording
from builder import draft as drafts
from builder.ids import name_of, new_id
from metadata.definitions import Definitions
from metadata.model.layout import Layout
from runtime.errors import Conflict, NotFound
from runtime.locale.text import _, lazy
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

layouts = flask.Blueprint("layouts", __name__, url_prefix="/builder/m")

studio.tab("layouts", lazy("Layouts"), position=20, noun="layouts")


@layouts.get("/<module>/layouts")
@builder
def listing(module: str) -> flask.Response:
    return _listed(module)


@layouts.post("/<module>/layouts")
@builder
def add(module: str) -> flask.Response:
    """A layout like the one for the rest, to be changed in the canvas."""
    actor, label = current_actor(), request.form.get("label", "").strip()[:120]
    draft = drafts.current(actor)
    home = studio.module_of(draft, module)
    if not label:
        return _listed(module, errors={"label": [_("Say what the layout is called.")]}, status=422)
    known = draft.definitions.layouts_of(module)
    pattern = next((layout for layout in known if not layout.chosen), None)
    name = name_of(label, {layout.name for layout in known}, what="layout")
    if pattern is None:
        made = Layout(id=new_id("lay"), name=name, module=module, label=label, sections=(
            {"name": "main", "label": home.label, "columns": 2, "fields": [field.name for field in home.fields] + ["owner"]},))
    else:
        made = replace(pattern, id=new_id("lay"), name=name, label=label, default=False, position=_last(draft.definitions, module))

    def put(held: Definitions) -> Definitions:
        held = held.with_document(made)
        return wording.copied(held, f"layouts.{pattern.key}.", f"layouts.{made.key}.", but="label") if pattern else held

    drafts.change(actor, _("Add layout '%(layout)s' to %(module)s.", layout=label, module=home.plural), put)
    return htmx.go(f"/builder/m/{module}/layouts/{name}" + ("?settings=1#layout_settings" if pattern else ""))


@layouts.post("/<module>/layouts/<name>/step")
@builder
def step(module: str, name: str) -> flask.Response:
    """to: "up" or "down" among the layouts that are chosen by condition or role."""
    def edit(known: Definitions) -> Definitions:
        names = [layout.name for layout in asked(known, module)]
        if name not in names:
            return known
        at = names.index(name)
        names.insert(max(at - 1, 0) if request.form.get("to") == "up" else at + 1, names.pop(at))
        for number, each in enumerate(names, 1):
            layout = layout_of(known, module, each)
            if layout.position != number * 10:
                known = known.with_document(replace(layout, position=number * 10))
        return known

    layout = layout_of(drafts.current(current_actor()).definitions, module, name)
    drafts.change(current_actor(), _("Move layout '%(layout)s'.", layout=layout.label), edit)
    return _listed(module)


@layouts.post("/<module>/layouts/<name>/copy")
@builder
def copy(module: str, name: str) -> flask.Response:
    draft = drafts.current(current_actor())
    layout = layout_of(draft.definitions, module, name)
    taken = {each.name for each in draft.definitions.layouts_of(module)}
    made = replace(layout, id=new_id("lay"), default=False, label=_("%(label)s (copy)", label=layout.label)[:120],
                   name=name_of(f"{layout.name[:30]} copy", taken, what="layout"), position=_last(draft.definitions, module))

    def put(known: Definitions) -> Definitions:
        return wording.copied(known.with_document(made), f"layouts.{layout.key}.", f"layouts.{made.key}.")

    drafts.change(current_actor(), _("Copy layout '%(layout)s'.", layout=layout.label), put)
    return htmx.go(f"/builder/m/{module}/layouts/{made.name}?settings=1#layout_settings")


@layouts.post("/<module>/layouts/<name>/remove")
@builder
def remove(module: str, name: str) -> flask.Response:
    """Only one that is not for the rest: records always need one."""
    known = drafts.current(current_actor()).definitions
    layout = layout_of(known, module, name)
    if not layout.chosen and sum(not each.chosen for each in known.layouts_of(module)) < 2:
        raise Conflict(_("This layout is for all records and people the others do not fit. Make another one for them first."))
    drafts.change(current_actor(), _("Remove layout '%(layout)s'.", layout=layout.label),
                  lambda held: wording.forgotten(held.without(layout.path), f"layouts.{layout.key}."))
    return htmx.go(f"/builder/m/{module}/layouts",
                   events={"toast": {"text": _("Removed from the draft."), "undo": "/builder/undo"}})


def layout_of(definitions: Definitions, module: str, name: str) -> Layout:
    """Raises NotFound."""
    found = next((layout for layout in definitions.layouts_of(module) if layout.name == name), None)
    if found is None:
        raise NotFound(_("There is no layout '%(name)s' in this draft.", name=name))
    return found


def asked(definitions: Definitions, module: str) -> list[Layout]:
    """Those with a condition or roles, in the order they are asked."""
    return [layout for layout in definitions.layouts_of(module) if layout.chosen]


def whom(definitions: Definitions, layout: Layout) -> str:
    """For which records and people, in words; "" for the rest."""
    home = definitions.modules[layout.module]
    said = []
    if layout.condition:
        said.append(_("Where %(condition)s.", condition=criteria_editor.summary(definitions, home, layout.condition)))
    if layout.roles:
        names = dict(choices.roles(definitions))
        said.append(_("For %(roles)s.", roles=", ".join(names.get(role, role) for role in layout.roles)))
    return " ".join(said)


def _last(definitions: Definitions, module: str) -> int:
    return max((layout.position for layout in asked(definitions, module)), default=0) + 10


def _listed(module: str, *, errors: dict[str, list[str]] | None = None, status: int = 200) -> flask.Response:
    if request.method == "POST" and status == 200 and not htmx.wants_block():
        return htmx.go(f"/builder/m/{module}/layouts")
    draft = drafts.current(current_actor())
    known = draft.definitions
    home = studio.module_of(draft, module)
    others = [layout for layout in known.layouts_of(module) if not layout.chosen]
    shown = [{"layout": layout, "label": choices.of_document(known, layout), "whom": whom(known, layout),
              "fields": sum(len(section["fields"]) for section in layout.sections), "sections": len(layout.sections),
              "tabs": len(layout.tabs)}
             for layout in (*asked(known, module), *others)]
    return studio.answer("builder/layouts.html", "work", draft=draft, module=home, tab="layouts", status=status, layouts=shown,
                         others=len(others), errors=errors or {}, given=request.form.get("label", ""))
