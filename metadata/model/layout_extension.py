"""A layout extension: the sections and related lists a bundle adds to a layout of another bundle."""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from metadata.model.addition import Addition
from metadata.model.layout import Layout


@dataclass(frozen=True, kw_only=True)
class LayoutExtension(Addition):
    """Lies where the layout lies ("layouts/deals.standard"), with "extends": true; id, name and module are the layout's.

    sections, related: as a layout has them; the lists stand first. after: the section behind which these stand; "" = at the end.
    """
    folder: ClassVar[str] = "layouts"
    target: ClassVar = Layout
    id: str
    name: str
    module: str
    extends: bool
    sections: tuple[Mapping[str, Any], ...] = ()
    related: tuple[Mapping[str, Any], ...] = ()
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
        return replace(stands, sections=(*sections[:place], *mine.values(), *sections[place:]), related=(*lists.values(), *related))

    def out_of(self, stands, others=()):
        return without(stands, (each["name"] for each in self.sections), map(linked, self.related))

    def less(self, now):
        kept = {each["name"] for each in now.sections} if now else set()
        lists = {linked(each) for each in now.related} if now else set()
        return replace(self, sections=tuple(each for each in self.sections if each["name"] not in kept),
                       related=tuple(each for each in self.related if linked(each) not in lists))


def linked(related: Mapping[str, Any]) -> tuple[str, str]:
    """What a related list is known by."""
    return related["module"], related["field"]


def named(section: Mapping[str, Any]) -> str:
    """What a section is known by."""
    return section["name"]


def without(layout: Layout, sections: Any, related: Any) -> Layout:
    gone, lists = set(sections), set(related)
    return replace(layout, sections=tuple(each for each in layout.sections if each["name"] not in gone),
                   related=tuple(each for each in layout.related if linked(each) not in lists))
