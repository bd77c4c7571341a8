"""Layout edits: what a drag, an arrow key or a button of the canvas does to a layout. Each answers a new layout."""
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from builder.ids import name_of
from metadata import paths
from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.layout import Layout
from metadata.model.module import Module
from runtime.errors import NotFound
from runtime.kinds.kind import catalogue
from runtime.locale.text import _

RELATED_COLUMNS = 4
"""A new related list begins with this many columns."""


def rest(layout: Layout, module: Module) -> list[Field]:
    """The fields of the module, the system's too, that stand in no section."""
    placed = {name for section in layout.sections for name in section["fields"]}
    return [field for field in module.all_fields if field.name not in placed]


def unlisted(layout: Layout, definitions: Definitions) -> list[tuple[Module, Field]]:
    """The modules whose records point to this one and are in no related list yet, by the lookup they do it with."""
    there, kinds = {(related["module"], related["field"]) for related in layout.related}, catalogue()
    return [(module, field) for module in definitions.modules.values() for field in module.fields
            if (module.name, field.name) not in there and kinds.has("field_types", field.type)
            and paths.target_of(kinds.get("field_types", field.type), field) == layout.module]


def put_field(layout: Layout, field: str, section: str, at: int | None = None, label: str = "", tab: str = "") -> Layout:
    """Into a section, at this place or last; "" is the first section of the tab, begun with this label where there is none.

    Raises NotFound for a section that is not there.
    """
    if not section:
        first = next((each["name"] for each in layout.sections if layout.tab_of(each) == tab), "")
        layout, section = (layout, first) if first else add_section(layout, label or field, tab)
    _number(layout, section)
    layout = take_field(layout, field)
    return _each(layout, section, lambda names: [*names[:at], field, *names[at:]] if at is not None else [*names, field])


def take_field(layout: Layout, field: str) -> Layout:
    """Off the layout; the field itself stays."""
    return replace(layout, sections=tuple({**section, "fields": [name for name in section["fields"] if name != field]}
                                          if field in section["fields"] else section for section in layout.sections))


def step_field(layout: Layout, field: str, steps: int) -> Layout:
    """Forward (or back), over the edge of its section into the next (or the one before) of the same tab."""
    at = next((number for number, section in enumerate(layout.sections) if field in section["fields"]), None)
    if at is None:
        raise NotFound(_("The field '%(name)s' is not on this layout.", name=field))
    names = list(layout.sections[at]["fields"])
    place, last = names.index(field) + steps, len(names) - 1
    beside = _together(layout.sections, at, layout.tab_of)
    before, after = beside[:beside.index(at)], beside[beside.index(at) + 1:]
    if place < 0 and before:
        return put_field(layout, field, layout.sections[before[-1]]["name"])
    if place > last and names.index(field) == last and after:
        return put_field(layout, field, layout.sections[after[0]]["name"], 0)
    return put_field(layout, field, layout.sections[at]["name"], min(max(place, 0), last))


def add_section(layout: Layout, label: str, tab: str = "") -> tuple[Layout, str]:
    """Below the others, on that tab. (the layout, the section's name)."""
    name = name_of(label, {section["name"] for section in layout.sections}, what="section")
    made = {"name": name, "label": label, "columns": 2, "fields": []} | ({"tab": tab} if tab else {})
    return replace(layout, sections=(*layout.sections, made)), name


def change_section(layout: Layout, name: str, content: Mapping[str, Any]) -> Layout:
    at = _number(layout, name)
    return replace(layout, sections=(*layout.sections[:at], {**content, "name": name}, *layout.sections[at + 1:]))


def move_section(layout: Layout, name: str, to: int) -> Layout:
    """to: its new place among the sections of its tab."""
    return replace(layout, sections=_moved(layout.sections, _number(layout, name), to, layout.tab_of))


def step_section(layout: Layout, name: str, steps: int) -> Layout:
    at = _number(layout, name)
    return move_section(layout, name, _together(layout.sections, at, layout.tab_of).index(at) + steps)


def remove_section(layout: Layout, name: str) -> Layout:
    """With what stood in it off the layout."""
    at = _number(layout, name)
    return replace(layout, sections=layout.sections[:at] + layout.sections[at + 1:])


def add_related(layout: Layout, module: Module, field: str) -> Layout:
    """A list of that module's records, with its name and first fields as columns."""
    columns = list(dict.fromkeys((module.name_field, *(each.name for each in module.fields if each.name != field))))
    return replace(layout, related=(*layout.related, {"module": module.name, "field": field, "columns": columns[:RELATED_COLUMNS]}))


def change_related(layout: Layout, at: int, content: Mapping[str, Any]) -> Layout:
    before = related_of(layout, at)
    made = {**content, "module": before["module"], "field": before["field"]}
    return replace(layout, related=(*layout.related[:at], made, *layout.related[at + 1:]))


def move_related(layout: Layout, at: int, to: int) -> Layout:
    """to: its new place among the lists of its tab, or of those beside the record."""
    related_of(layout, at)
    return replace(layout, related=_moved(layout.related, at, to, tab_of_list))


def step_related(layout: Layout, at: int, steps: int) -> Layout:
    related_of(layout, at)
    return move_related(layout, at, _together(layout.related, at, tab_of_list).index(at) + steps)


def tab_of_list(related: Mapping[str, Any]) -> str:
    """ "" beside the record."""
    return str(related.get("tab", ""))


def remove_related(layout: Layout, at: int) -> Layout:
    related_of(layout, at)
    return replace(layout, related=layout.related[:at] + layout.related[at + 1:])


def related_of(layout: Layout, at: int) -> Mapping[str, Any]:
    """Raises NotFound."""
    if not 0 <= at < len(layout.related):
        raise NotFound(_("There is no such list on this layout."))
    return layout.related[at]


def section_of(layout: Layout, name: str) -> Mapping[str, Any]:
    """Raises NotFound."""
    return layout.sections[_number(layout, name)]


def _number(layout: Layout, name: str) -> int:
    found = next((number for number, section in enumerate(layout.sections) if section["name"] == name), None)
    if found is None:
        raise NotFound(_("There is no section '%(name)s' on this layout.", name=name))
    return found


def _together(listed: tuple[Any, ...], at: int, tab: Callable[[Any], str]) -> list[int]:
    """The numbers of those that stand on one tab with this one."""
    return [number for number, each in enumerate(listed) if tab(each) == tab(listed[at])]


def _moved(listed: tuple[Any, ...], at: int, to: int, tab: Callable[[Any], str]) -> tuple[Any, ...]:
    """to: among those of its tab; the others stay where they are."""
    places = _together(listed, at, tab)
    order = [number for number in places if number != at]
    order.insert(max(to, 0), at)
    moved = list(listed)
    for place, number in zip(places, order, strict=True):
        moved[place] = listed[number]
    return tuple(moved)


def _each(layout: Layout, section: str, change: Any) -> Layout:
    return replace(layout, sections=tuple({**each, "fields": change(list(each["fields"]))} if each["name"] == section else each
                                          for each in layout.sections))
