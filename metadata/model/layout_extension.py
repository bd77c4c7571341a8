"""A layout extension: the tabs, sections, related lists and buttons a bundle adds to a layout of another bundle."""
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from metadata.model.addition import Addition
from metadata.model.layout import Layout


@dataclass(frozen=True, kw_only=True)
class LayoutExtension(Addition):
    """Lies where the layout lies ("layouts/deals.standard"), with "extends": true; id, name and module are the layout's.

    tabs, sections, related: as a layout has them; tabs stand behind the layout's, lists before them. after: the section behind
    which these stand; "" = at the end. Where the layout has no tabs, the first of these takes what names none.
    buttons: stand behind the layout's; where it names none of its own, all stand there anyway.
    """
    folder: ClassVar[str] = "layouts"
    target: ClassVar = Layout
    id: str
    name: str
    module: str
    extends: bool
    tabs: tuple[Mapping[str, Any], ...] = ()
    sections: tuple[Mapping[str, Any], ...] = ()
    related: tuple[Mapping[str, Any], ...] = ()
    buttons: tuple[str, ...] = ()
    after: str = ""

    @property
    def key(self) -> str:
        return f"{self.module}.{self.name}"

    def onto(self, stands):
        mine = {each["name"]: each for each in self.sections}
        sections = [mine.pop(each["name"], each) for each in stands.sections]
        names = [each["name"] for each in sections]
        place = names.index(self.after) + 1 if self.after in names else len(names)
        lists = {linked(each): each for each in self.related}
        related = [lists.pop(linked(each), each) for each in stands.related]
        tabs = {each["name"]: each for each in (*stands.tabs, *self.tabs)}
        return replace(stands, tabs=tuple(tabs.values()), sections=(*sections[:place], *mine.values(), *sections[place:]),
                       related=(*lists.values(), *related), buttons=stands.buttons if stands.buttons is None else
                       tuple(dict.fromkeys((*stands.buttons, *self.buttons))))

    def out_of(self, stands, others=()):
        others = tuple(others)
        kept = {named(tab) for other in others for tab in getattr(other, "tabs", ())}
        pressed = {name for other in others for name in getattr(other, "buttons", None) or ()}
        return without(stands, map(named, self.sections), map(linked, self.related),
                       (name for name in map(named, self.tabs) if name not in kept),
                       (name for name in self.buttons if name not in pressed))

    def less(self, now):
        kept = {each["name"] for each in now.sections} if now else set()
        lists = {linked(each) for each in now.related} if now else set()
        tabs = {named(each) for each in now.tabs} if now else set()
        return replace(self, tabs=tuple(each for each in self.tabs if each["name"] not in tabs),
                       sections=tuple(each for each in self.sections if each["name"] not in kept),
                       related=tuple(each for each in self.related if linked(each) not in lists),
                       buttons=tuple(name for name in self.buttons if not now or name not in now.buttons))


def linked(related: Mapping[str, Any]) -> tuple[str, str]:
    """What a related list is known by."""
    return related["module"], related["field"]


def named(part: Mapping[str, Any]) -> str:
    """What a section or a tab is known by."""
    return part["name"]


def without(layout: Layout, sections: Iterable[str], related: Iterable[tuple[str, str]], tabs: Iterable[str] = (),
            buttons: Iterable[str] = ()) -> Layout:
    """What stood on a tab that goes stands where it would without it."""
    gone, lists, shut, off = set(sections), set(related), set(tabs), set(buttons)
    left = replace(layout, sections=tuple(each for each in layout.sections if each["name"] not in gone),
                   related=tuple(each for each in layout.related if linked(each) not in lists),
                   buttons=layout.buttons and tuple(name for name in layout.buttons if name not in off))
    return without_tabs(left, shut) if shut else left


def without_tabs(layout: Layout, gone: Collection[str]) -> Layout:
    """Without these tabs; what stood on them names none."""
    def freed(parts: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
        return tuple({name: value for name, value in each.items() if name != "tab"} if each.get("tab") in gone else each
                     for each in parts)

    return replace(layout, tabs=tuple(each for each in layout.tabs if each["name"] not in gone),
                   sections=freed(layout.sections), related=freed(layout.related))
