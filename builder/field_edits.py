"""Field edits: what the fields page does to a draft. Each answers with the definitions it makes of the ones it is given."""
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from builder import criteria_editor, cutting
from builder import draft as drafts
from builder.ids import name_of, new_id
from metadata import shape
from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.layout import Layout
from metadata.model.module import Module
from metadata.model.translation import Translation
from runtime.errors import Invalid
from runtime.kinds.kind import catalogue
from runtime.locale.text import _


def fresh(module: Module, type: str) -> Field:
    """A new field of a type, called like the type until somebody says more."""
    label = _(catalogue().get("field_types", type).label)
    taken = {each.label for each in module.fields}
    number = next(number for number in range(1, 1000) if (label if number == 1 else f"{label} {number}") not in taken)
    called = label if number == 1 else f"{label} {number}"
    return Field(id=new_id("fld"), name=name_of(called, module.by_name), label=called, type=type)


def copy_of(module: Module, field: Field) -> Field:
    label = _("Copy of %(field)s", field=field.label)[:120]
    return Field.from_json(field.to_json() | {"id": new_id("fld"), "label": label, "name": name_of(label, module.by_name)})


def put(definitions: Definitions, module: Module, fields: Sequence[Mapping[str, Any]]) -> Definitions:
    """The module with these fields. Raises Invalid."""
    return definitions.with_document(drafts.document(module.path, module.to_json() | {"fields": list(fields)}))


def add(definitions: Definitions, module: Module, field: Field, *, before: str = "") -> Definitions:
    """Among the module's fields (in front of the one with id `before`, else last) and on its form."""
    listed = [each.to_json() for each in module.fields]
    at = next((number for number, each in enumerate(listed) if each["id"] == before), len(listed))
    listed.insert(at, field.to_json())
    definitions = put(definitions, module, listed)
    form = standard(definitions, module)
    return place(definitions, form, field.name, form.sections[0]["name"]) if form and form.sections else definitions


def change(definitions: Definitions, module: Module, field: Field, content: Mapping[str, Any]) -> Definitions:
    """Raises Invalid: {place inside the field: sentences}."""
    if errors := problems(definitions, module, field, content):
        raise Invalid(errors)
    try:
        return put(definitions, module, [dict(content) if each.id == field.id else each.to_json() for each in module.fields])
    except Invalid as problem:
        inside = f"fields.{content.get('name', '')}."
        raise Invalid({place.removeprefix(inside): sentences for place, sentences in problem.errors.items()}) from None


def problems(definitions: Definitions, module: Module, field: Field, content: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with the field by itself: its name, and its settings as its type asks for them."""
    found: dict[str, list[str]] = {}
    other = module.by_name.get(content.get("name", ""))
    if other is not None and other.id != field.id:
        found["name"] = [_("'%(name)s' is already the API name of %(field)s.", name=other.name, field=other.label)]
    if not catalogue().has("field_types", content.get("type", "")):
        return found
    kind, settings = catalogue().get("field_types", content["type"]), content.get("settings", {})
    for error in shape.Validator(kind.settings_schema).errors(settings):
        inside = shape.place(settings, error.absolute_path).lstrip("#")
        found.setdefault(f"settings.{inside}".rstrip("."), []).append(shape.sentence(error))
    if not found and content.get("label"):
        made = Field.from_json({**content, "id": field.id})
        others = [each for each in module.fields if each.id != field.id]
        held = replace(module, fields=(*others, made))
        known = definitions.with_document(held)
        if told := kind.settings_problems(made, known):
            found["settings"] = told
        else:
            inside = f"fields.{made.name}."
            found |= {place.removeprefix(inside): wrong
                      for place, wrong in criteria_editor.unasked(known, held, made).items()}
            for name, asked in kind.settings_schema.get("properties", {}).items():
                said, wrong = criteria_editor.checked(known, held, str(settings.get(name, ""))) if asked.get(
                    "format") == "expression" else ("", False)
                if wrong:
                    found[f"settings.{name}"] = [said]
    return found


def remove(definitions: Definitions, module: Module, field: Field, *, whole: bool = False) -> Definitions:
    """Out of the module, every list that shows it and every view that asks for it. whole: what cannot stand without it goes too."""
    made = cutting.cut(definitions, module, field)
    definitions = made.definitions
    for document in made.going if whole else ():
        definitions = definitions.without(document.path)
    module = definitions.modules[module.name]
    return put(definitions, module, [each.to_json() for each in module.fields if each.id != field.id])


def restore(definitions: Definitions, module: Module, origin: Module, field: Field) -> Definitions:
    """Back where it stood when the draft was begun."""
    order = [each.id for each in origin.fields]
    listed = [each.to_json() for each in module.fields]
    ahead = set(order[:order.index(field.id)])
    at = max((number + 1 for number, each in enumerate(listed) if each["id"] in ahead), default=0)
    if field.name in module.by_name:
        raise Invalid({"": [_("Another field is called '%(name)s' by now.", name=field.name)]})
    return put(definitions, module, [*listed[:at], field.to_json(), *listed[at:]])


def ordered(definitions: Definitions, module: Module, ids: Sequence[str]) -> Definitions:
    """In the order of these ids; what they do not name keeps its place at the end."""
    rank = {id: number for number, id in enumerate(ids)}
    listed = sorted(module.fields, key=lambda each: rank.get(each.id, len(rank)))
    return put(definitions, module, [each.to_json() for each in listed])


def moved(module: Module, field: Field, step: int) -> list[str]:
    """The ids with the field one place up (-1) or down (1)."""
    ids = [each.id for each in module.fields]
    at = ids.index(field.id)
    ids.insert(max(0, min(len(ids) - 1, at + step)), ids.pop(at))
    return ids


# Where it appears

def standard(definitions: Definitions, module: Module) -> Layout | None:
    return next(iter(definitions.layouts_of(module.name)), None)


def section_of(layout: Layout | None, name: str) -> str:
    """The section of the form in which a field stands, "" for none."""
    return next((each["name"] for each in layout.sections if name in each.get("fields", ())), "") if layout else ""


def place(definitions: Definitions, layout: Layout, name: str, section: str) -> Definitions:
    """Into this section of the form, after what is there; "" takes it off the form."""
    if section_of(layout, name) == section:
        return definitions
    content = layout.to_json()
    for each in content["sections"]:
        each["fields"] = [other for other in each.get("fields", ()) if other != name]
        if each["name"] == section:
            each["fields"].append(name)
    return definitions.with_document(drafts.document(layout.path, content))


# In other languages

def said(definitions: Definitions, language: str, path: str) -> str:
    known = definitions.translations.get(language)
    return known.labels.get(path, "") if known else ""


def translate(definitions: Definitions, language: str, labels: Mapping[str, str]) -> Definitions:
    """labels: {path: words}; without words the path goes."""
    known = definitions.translations.get(language) or Translation(id=new_id("tra"), name=language)
    kept = {path: words for path, words in {**known.labels, **labels}.items() if words}
    if kept == dict(known.labels):
        return definitions
    return definitions.with_document(drafts.document(known.path, known.to_json() | {"labels": kept}))
