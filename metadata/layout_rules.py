"""Layout rules, checked: they do something, to fields that allow it and sections that are there."""
from collections.abc import Iterator
from typing import Any

from metadata.errors import Problem
from metadata.model.layout import Layout
from metadata.model.layout_rule import LayoutRule
from metadata.words import of_field, of_module, say

DOES = ("show", "hide", "require", "read_only", "show_sections", "hide_sections")


def problems(rule: LayoutRule, definitions: Any, catalogue: Any) -> Iterator[Problem]:
    if not any(getattr(rule, what) for what in DOES):
        yield Problem(f"{rule.path}#show", say("It does nothing yet. Choose fields or sections to show, hide, require or lock."))
    module = definitions.module(rule.module)
    for what in ("show", "hide", "require", "read_only"):
        for position, name in enumerate(getattr(rule, what)):
            field = module.by_name.get(name) if module else None
            if field is None:
                continue
            where = f"{rule.path}#{what}.{position}"
            if what in ("show", "hide") and field.required:
                yield Problem(where, say("'%(field)s' is required on every record, so it cannot be hidden.",
                                         field=of_field(definitions, module, field)))
            kind = catalogue.get("field_types", field.type) if catalogue.has("field_types", field.type) else None
            if what in ("require", "read_only") and kind is not None and not kind.writable:
                yield Problem(where, say("Nobody fills in '%(field)s', so it can neither be required nor locked.",
                                         field=of_field(definitions, module, field)))
    if rule.layout or rule.show_sections or rule.hide_sections:
        yield from _places(rule, definitions, module)


def _places(rule: LayoutRule, definitions: Any, module: Any) -> Iterator[Problem]:
    layouts = definitions.of(Layout, rule.module)
    mine = [layout for layout in layouts if rule.layout in ("", layout.id)]
    if rule.layout and not mine:
        yield Problem(f"{rule.path}#layout", say("There is no layout with the id '%(layout)s' in %(module)s. Choose another, or"
                                                 " leave it empty for every layout.", layout=rule.layout,
                                                 module=of_module(definitions, module)))
        return
    known = {section["name"] for layout in mine for section in layout.sections}
    for what in ("show_sections", "hide_sections"):
        for position, name in enumerate(getattr(rule, what)):
            if name not in known:
                where = mine[0].label if rule.layout else say("the layouts of %(module)s", module=of_module(definitions, module))
                yield Problem(f"{rule.path}#{what}.{position}", say(
                    "There is no section '%(name)s' in %(layout)s. Choose one that is there.", name=name, layout=where))
