"""What a package that is built here leans on: the packages that must be there before it, and what was added here to theirs."""
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.definitions import Definitions
from metadata.errors import NotSound, Problem
from metadata.model.document import Document
from metadata.model.extension import Extension
from metadata.model.field import Field
from metadata.model.layout import Layout
from metadata.model.layout_extension import LayoutExtension, linked, named
from metadata.model.module import Module
from metadata.model.seed import Seed
from runtime.kinds.kind import catalogue
from runtime.publish import service

Bundles = Mapping[str, tuple[Seed, Definitions]]
"""{name: (manifest, documents)} of packages, in the order they were installed."""


@dataclass(frozen=True)
class Ground:
    """requires: ({"name", "range"}, …); added: extensions the package brings; whole: its documents with all they stand on.
    problems: why they do not stand even so."""
    whole: Definitions
    requires: tuple[Mapping[str, str], ...] = ()
    added: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Grown:
    """Modules of other packages of which everything comes along that was added here. name, label: of the package; the fields that
    stand in a section of the module's own package stand in one that is called so."""
    names: frozenset[str] = frozenset()
    name: str = ""
    label: str = ""


def ground(live: Definitions, kept: Definitions, bundles: Bundles, grown: Grown = Grown()) -> Ground:
    """kept: whole modules with what is theirs. It may stand on every package that is installed, but those it holds itself."""
    own = {module.id for module in kept.of(Module)}
    others = {name: each for name, each in bundles.items() if own.isdisjoint(
        document.id for document in each[1].documents.values() if isinstance(document, Module))}
    try:
        base = _laid(others)
    except NotSound:                                    # one of them extends what the package itself holds
        return Ground(kept, problems=tuple(service.problems_of(kept)))
    added = _added(live, base, {module.name for module in kept.of(Module)}, grown)
    whole = _over(base, added, kept)
    problems = service.problems_of(whole if whole is not None else kept)
    if problems or whole is None:
        told = grown.names or service.problems_of(kept)         # what stands alone needs nobody's ground
        return Ground(kept, problems=tuple(problems) if told else ())
    needed = [name for name in others if not _stands(_less(others, name), added, kept)]
    return Ground(whole, tuple({"name": name, "range": f"^{others[name][0].version}"} for name in needed), added)


def _laid(others: Bundles) -> Definitions:
    """Packages as they were laid down, one over the other. Raises NotSound."""
    base = Definitions({})
    for _seed, bundle in others.values():
        base = bundle.onto(base)
    return base


def _added(live: Definitions, base: Definitions, names: Collection[str], grown: Grown) -> tuple[Document, ...]:
    """What was added here to the packages' modules and layouts and leads to these modules; to those that grew, all of it."""
    found: list[Document] = []
    for module in base.of(Module):
        now = live.module_by_id(module.id)
        fields = tuple(field for field in (now.fields if now else ()) if field.id not in module.by_id
                       and (_leads(field) in names or module.name in grown.names))
        searched = tuple(field.name for field in fields if now and field.name in now.search_fields)
        if fields:
            found.append(Extension(id=module.id, name=module.name, extends=True, fields=fields,
                                   search_fields=searched if module.name in grown.names else ()))
    for layout in base.of(Layout):
        there = live.documents.get(layout.path)
        if not isinstance(there, Layout):
            continue
        wide, known = layout.module in grown.names, {linked(each) for each in layout.related}
        lists = tuple(each for each in there.related if linked(each) not in known and (wide or each["module"] in names))
        sections = _sections(layout, there, grown) if wide else ()
        tabs = tuple(each for each in there.tabs if named(each) not in map(named, layout.tabs)) if wide else ()
        buttons = tuple(each for each in there.buttons or () if each not in layout.buttons) if wide and layout.buttons else ()
        if lists or sections or tabs or buttons:
            found.append(LayoutExtension(id=layout.id, name=layout.name, module=layout.module, extends=True, related=lists,
                                         sections=sections, tabs=tabs, buttons=buttons, after=_after(layout, there, sections)))
    return tuple(found)


def _sections(layout: Layout, there: Layout, grown: Grown) -> tuple[Mapping[str, Any], ...]:
    """Sections that are new here, with the fields that are; and one for new fields that stand in the package's own sections."""
    theirs = {field for section in layout.sections for field in section["fields"]}
    own = set(map(named, layout.sections))
    found, loose = [], []
    for section in there.sections:
        new = [field for field in section["fields"] if field not in theirs]
        if named(section) not in own:
            found.append({**section, "fields": new})
        else:
            loose += new
    if loose:
        found.append({"name": grown.name[:60], "label": grown.label, "columns": 2, "fields": loose})
    return tuple(found)


def _after(layout: Layout, there: Layout, sections: Collection[Mapping[str, Any]]) -> str:
    """The package's own section behind which the first new one stands here."""
    own, before = set(map(named, layout.sections)), ""
    for section in there.sections if sections else ():
        if named(section) not in own:
            return before
        before = named(section)
    return ""


def places(added: Document) -> tuple[str, ...]:
    """Where other languages keep the words of what is added: beginnings of addresses."""
    if isinstance(added, Extension):
        return tuple(f"modules.{added.name}.fields.{field.name}." for field in added.fields)
    if isinstance(added, LayoutExtension):
        return tuple(f"layouts.{added.key}.{part}.{named(each)}" for part in ("sections", "tabs") for each in getattr(added, part))
    return ()


def _leads(field: Field) -> str:
    """The module a link points to or a roll-up counts; "" for other fields."""
    kind = catalogue().get("field_types", field.type)
    return str(kind.target(field) or field.settings.get("module") or "")


def _over(base: Definitions, added: Collection[Any], kept: Definitions) -> Definitions | None:
    """None where what is added to is not there."""
    for each in added:
        if each.path not in base.documents:
            return None
        base = base.with_document(each.onto(base.documents[each.path]))
    return Definitions(dict(sorted((dict(base.documents) | dict(kept.documents)).items())))


def _less(others: Bundles, name: str) -> Bundles:
    """Without this one and what needs it."""
    return {other: each for other, each in others.items() if other != name and name not in each[0].needs}


def _stands(others: Bundles, added: Collection[Any], kept: Definitions) -> bool:
    try:
        whole = _over(_laid(others), added, kept)
    except NotSound:
        return False
    return whole is not None and not service.problems_of(whole)
