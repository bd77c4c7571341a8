"""What the fields page draws: the palette's shelves, the rows of the list, the settings panel of the chosen field."""
from dataclasses import replace
from typing import Any

from flask import request

from builder import choices, field_edits, schema_form, uses
from builder.draft import Draft
from metadata import expression, shape
from metadata.definitions import Definitions
from metadata.expression import ExpressionError
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.kinds.kind import catalogue
from runtime.locale import text
from runtime.locale.text import _, lazy, ngettext
from runtime.security import policy
from runtime.tables import indexes, preview, published

SHELVES = (("basic", lazy("Basic")), ("contact", lazy("Ways to reach")), ("choice", lazy("Choice")), ("linked", lazy("Linked")),
           ("more", lazy("More")))
WRITTEN = ("default", "placeholder", "read_only")
"""What only a field can have whose value people enter."""


def languages() -> list[str]:
    """Those the words of definitions are said in besides English."""
    return [each for each in text.NAMES if each != text.SOURCE]


def shelves() -> list[tuple[Any, list[Any]]]:
    kinds = sorted(catalogue().all("field_types"), key=lambda kind: (kind.rank, kind.name))
    found = [(label, [kind for kind in kinds if kind.shelf == name]) for name, label in SHELVES]
    return [(label, listed) for label, listed in found if listed]


def rows(draft: Draft, module: Module) -> list[dict[str, Any]]:
    """The fields in their order, those to be removed where they stood."""
    origin = draft.origin.module_by_id(module.id)
    before = origin.by_id if origin else {}
    rows = [{"field": each, "label": choices.of_field(draft.definitions, module, each),
             "about": about(draft.definitions, module, each),
             "icon": _kind(each).icon, "state": "new" if each.id not in before else "changed" if before[each.id] != each else ""}
            for each in module.fields]
    there = {each.id for each in module.fields}
    for number, each in enumerate(origin.fields if origin else ()):
        if each.id not in there:
            rows.insert(min(number, len(rows)), {"field": each, "label": each.label,
                                                 "about": about(draft.definitions, module, each),
                                                 "icon": _kind(each).icon, "state": "gone"})
    return rows


def _kind(field: Field) -> Any:
    kinds = catalogue()
    return kinds.get("field_types", field.type if kinds.has("field_types", field.type) else "text")


def about(definitions: Definitions, module: Module, field: Field) -> str:
    """In a few words: "Picklist, 4 choices, required", "Formula: Amount * Chance"."""
    kind = _kind(field)
    words = [_(kind.label)]
    target = definitions.modules.get(kind.target(field) or "") or definitions.modules.get(str(field.settings.get("module", "")))
    if target is not None:
        words[0] = f"{words[0]}: {choices.of_module(definitions, target)}"
    elif written := kind.expression(field):
        words[0] = f"{words[0]}: {_in_labels(definitions, module, written)}"
    if listed := field.settings.get("choices"):
        words.append(ngettext("%(n)s choice", "%(n)s choices", len(listed), n=len(listed)))
    words += [said for asked, said in ((field.required, _("required")), (field.unique, _("unique"))) if asked]
    return ", ".join(words)


def _in_labels(definitions: Definitions, module: Module, written: str) -> str:
    """An expression with what its fields are called, as long as it can be read."""
    try:
        return expression.renamed(written, lambda path: choices.path_label(definitions, module, path))
    except ExpressionError:
        return written


def schema(field: Field) -> dict[str, Any]:
    """A field's JSON Schema, with the default as its type asks for it, as far as the settings are said."""
    known, kind = shape.schemas()["field"], _kind(field)
    settings = {} if shape.Validator(kind.settings_schema).errors(field.settings) else field.settings
    default = {name: each for name, each in kind.default_schema(replace(field, settings=settings)).items() if each is not None}
    return known | {"properties": known["properties"] | {"default": known["properties"]["default"] | default},
                    "required": (*known["required"], *(("settings",) if kind.settings_schema.get("required") else ()))}


def _now(field: Field, content: dict[str, Any]) -> Field:
    """The field as a form has it so far."""
    return Field(id=field.id, name=field.name, label=content.get("label") or field.label, type=content.get("type") or field.type,
                 settings=content.get("settings", {}))


def _labelled(drawn: schema_form.Input, asked: dict[str, Any]) -> schema_form.Input:
    """A choice among values that people read otherwise than they are kept."""
    stated = asked["properties"].get(drawn.name, {})
    labels = stated.get("labels") or stated.get("items", {}).get("labels") if isinstance(stated.get("items", {}), dict) else None
    if not labels:
        return drawn
    return replace(drawn, options=tuple((heading, tuple((value, labels.get(value, text)) for value, text in group))
                                        for heading, group in drawn.options))


def chosen(draft: Draft, module: Module, field: Field, content: dict[str, Any] | None, errors: Any,
            new: bool) -> dict[str, Any]:
    """What the settings panel draws."""
    definitions, value = draft.definitions, content or field.to_json()
    now = _now(field, value)
    kind, asked = _kind(now), schema(now)

    def drawn(*only: str) -> list[schema_form.Input]:
        return [_labelled(each, asked) for each in
                schema_form.inputs(asked, value, draft=draft, module=module, errors=errors, only=only)]

    written = kind.writable
    fits = not any(shape.Validator(kind.settings_schema).errors(now.settings))
    computed = fits and (kind.expression(now) is not None or kind.rolls_up(now) is not None)
    alone = field.unique or (fits and indexes.orders(kind, now))      # what is long, or several in one, cannot be unique
    asks = tuple(name for name, meant in (("required", True), ("unique", alone)) if written and meant)
    main, more = drawn("help", "settings", *asks), drawn(
        *(WRITTEN if written else ()), *(("publish_result",) if computed else ()), "aliases", "name", "type")
    path = f"modules.{module.name}.fields.{field.name}"
    layout = field_edits.standard(definitions, module)
    first = layout.sections[0]["name"] if new and layout and layout.sections else ""
    named = uses.listed(uses.of_field(definitions, module, field))
    wrong = {at: said for at, said in errors.items() if at}
    return {"field": field, "kind": kind, "called": choices.of_field(definitions, module, now),
            "label": drawn("label")[0], "main": main, "more": more,
            "open": any(each.errors for each in more), "state": next((row["state"] for row in rows(draft, module)
                                                                       if row["field"].id == field.id), "new"),
            "languages": [{"code": each, "name": text.NAMES[each], "label": field_edits.said(definitions, each, f"{path}.label"),
                           "help": field_edits.said(definitions, each, f"{path}.help")} for each in languages()],
            "sections": [(each["name"], choices.label(definitions, f"layouts.{layout.key}.sections.{each['name']}",
                                                      each.get("label") or each["name"])) for each in layout.sections]
            if layout else [],
            "section": request.form.get("section") if "section" in request.form else
            field_edits.section_of(layout, field.name) or first,
            "sight": [] if new else sight(definitions, module, field), "shown_when": [document for document, _places in named
                                                                     if document.folder == "layout_rules"],
            "uses": named,
            "left": schema_form.left([*main, *more, *drawn("label")], wrong)}


def sight(definitions: Definitions, module: Module, field: Field) -> list[dict[str, Any]]:
    """What each role by itself may do with the field: [{role, label, said}]."""
    then, found = preview.Preview(published.current(), definitions, definitions), []
    for role in definitions.roles.values():
        powers = policy.Powers(then, (role.name,), False)
        grant = powers.grant(module)
        if grant.scope("read") == "no":
            said = _("does not see the module")
        elif field.name not in powers.fields.readable(module):
            said = _("does not see it")
        elif field.name in powers.fields.editable(module) and {grant.scope("edit"), grant.scope("create")} != {"no"}:
            said = _("changes it")
        else:
            said = _("reads it")
        found.append({"role": role, "label": choices.of_document(definitions, role), "said": said})
    return found
