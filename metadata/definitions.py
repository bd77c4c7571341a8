"""Definitions: one whole set of documents (a draft, a bundle, a published version), with the questions asked of it."""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from metadata import shape
from metadata.errors import NotSound, Problem
from metadata.model.addition import Addition, in_order
from metadata.model.button import Button
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.import_map import ImportMap
from metadata.model.layout import Layout
from metadata.model.layout_extension import linked, named, without_tabs
from metadata.model.module import USERS, Module
from metadata.model.nouns import noun_of, nouns
from metadata.model.role import Role
from metadata.model.translation import Translation
from metadata.model.validation_rule import ValidationRule
from metadata.model.view import View
from metadata.words import say

Noun = TypeVar("Noun", bound=Document)


@dataclass(frozen=True)
class Definitions:
    """documents: {path: document}; equal when every document is."""
    documents: Mapping[str, Document] = field(default_factory=dict)

    @classmethod
    def of_documents(cls, documents: Iterable[Document]) -> "Definitions":
        """Raises NotSound when two documents lie at one path."""
        placed: dict[str, Document] = {}
        for document in documents:
            if document.path in placed:
                raise NotSound([Problem(document.path, say("Two documents are named '%(name)s'. Rename one.",
                                                           name=document.key))])
            placed[document.path] = document
        return cls(dict(sorted(placed.items())))

    # What there is

    @cached_property
    def modules(self) -> dict[str, Module]:
        """{name: module}, in the order of the menu."""
        found = [document for document in self.documents.values() if isinstance(document, Module)]
        return {module.name: module for module in sorted(found, key=lambda module: (module.position, module.name))}

    def module(self, name: str) -> Module | None:
        """Also "users", the people; None for a name nobody knows."""
        return self.modules.get(name) or (USERS if name == USERS.name else None)

    def module_by_id(self, id: str) -> Module | None:
        return self._modules_by_id.get(id)

    def module_of(self, field: Field) -> Module | None:
        """The module one of its own fields lies in."""
        return self._homes.get(field.id)

    def of(self, noun: type[Noun], module: str | None = None) -> tuple[Noun, ...]:
        """Every document of a noun, or those of one module, in order of path."""
        return self._by_noun.get((noun, module), ())

    def views_of(self, module: str) -> tuple[View, ...]:
        return tuple(sorted(self.of(View, module), key=lambda view: (view.position, view.name)))

    def layouts_of(self, module: str) -> tuple[Layout, ...]:
        """First the one for the rest, then those for certain records or roles, in the order they are asked."""
        return tuple(sorted(self.of(Layout, module), key=lambda layout: (
            layout.chosen, not layout.chosen and not layout.default, layout.position, not layout.condition, not layout.roles,
            layout.name)))

    def rules_of(self, module: str) -> tuple[ValidationRule, ...]:
        return self.of(ValidationRule, module)

    def buttons_of(self, module: str) -> tuple[Button, ...]:
        return self.of(Button, module)

    @cached_property
    def roles(self) -> dict[str, Role]:
        return {role.name: role for role in self.of(Role)}

    @cached_property
    def translations(self) -> dict[str, Translation]:
        return {translation.name: translation for translation in self.of(Translation)}

    def import_maps(self, profile: str | None = None) -> tuple[ImportMap, ...]:
        """Of one profile or all, in the order their files are taken."""
        found = [each for each in self.of(ImportMap) if profile is None or each.profile == profile]
        return tuple(sorted(found, key=lambda each: (each.order, each.name)))

    def referencing(self, module: str) -> tuple[tuple[Module, Field], ...]:
        """(module, field) of every field whose settings name this module as their target.

        By the plain setting "module"; a kind's own `target` is asked by tables/published.py, which has the catalogue.
        """
        return tuple((each, field) for each in self.modules.values() for field in each.fields
                     if field.settings.get("module") == module)

    # Other sets made from it

    def with_document(self, document: Document) -> "Definitions":
        """The same set with this document added or replaced."""
        return Definitions(dict(sorted((dict(self.documents) | {document.path: document}).items())))

    def without(self, path: str) -> "Definitions":
        return Definitions({place: document for place, document in self.documents.items() if place != path})

    def onto(self, live: "Definitions", base: "Definitions | None" = None) -> "Definitions":
        """A bundle laid over what is live.

        base: the same bundle as it was laid down last time: what it no longer holds goes, what others added stays.
        Without a base nothing goes that the bundle does not name. Raises NotSound where it extends a module nobody has.
        """
        base = base or Definitions()
        laid = {path: document for path, document in live.documents.items()
                if path not in base.documents or path in self.documents or isinstance(base.documents[path], Addition)}
        for path, document in base.documents.items():
            if isinstance(document, Addition) and path not in self.documents and path in laid:
                laid[path] = document.out_of(laid[path])
        for path, document in self.documents.items():
            if isinstance(document, Addition):
                if not isinstance(laid.get(path), document.target):
                    what = say(document.target.__name__.lower())
                    raise NotSound([Problem(path, say("It extends the %(noun)s '%(name)s', which does not exist. Install "
                                                      "the bundle that has it first, or take 'extends' out.", noun=what,
                                                      name=document.key))])
                before = base.documents.get(path)
                stands = before.less(document).out_of(laid[path]) if isinstance(before, Addition) else laid[path]
                laid[path] = document.onto(stands)
            elif isinstance(document, Translation) and path in laid:
                laid[path] = _with_labels(laid[path], document, base.documents.get(path))
            elif isinstance(document, Module) and isinstance(laid.get(path), Module):
                laid[path] = _keeping_others(document, laid[path], base.documents.get(path))
            elif isinstance(document, Layout) and isinstance(laid.get(path), Layout):
                laid[path] = _keeping_sections(document, laid[path], base.documents.get(path))
            else:
                laid[path] = document
        moved = {document.id for path, document in self.documents.items() if laid[path].id == document.id}
        return Definitions({path: document for path, document in sorted(laid.items())
                            if path in self.documents or document.id not in moved})

    # Inside

    @cached_property
    def _by_noun(self) -> dict[tuple[type, str | None], tuple[Document, ...]]:
        found: dict[tuple[type, str | None], list[Document]] = {}
        for document in self.documents.values():
            found.setdefault((type(document), None), []).append(document)
            if module := getattr(document, "module", None):
                found.setdefault((type(document), module), []).append(document)
        return {key: tuple(listed) for key, listed in found.items()}

    @cached_property
    def _homes(self) -> dict[str, Module]:
        return {field.id: module for module in self.modules.values() for field in module.fields}

    @cached_property
    def _modules_by_id(self) -> dict[str, Module]:
        return {module.id: module for module in self.modules.values()}


def read_document(path: str, document: Mapping[str, Any]) -> Document:
    """One JSON object that lies at `path` as its noun. Raises NotSound with every problem of its shape."""
    folder, _, key = path.partition("/")
    noun = noun_of(folder, document)
    if noun is None:
        raise NotSound([Problem(path, say("There is no noun '%(folder)s'. Known: %(known)s.", folder=folder,
                                          known=', '.join(nouns())))])
    content = {name: value for name, value in document.items() if name != "$schema"}
    if found := shape.problems(path, noun, content):
        raise NotSound(found)
    read = noun.from_json(content)
    if read.key != key:
        raise NotSound([Problem(path, say("It describes '%(name)s'. Name the file '%(name)s.json'.", name=read.key))])
    mark_sound(read)
    return read


def mark_sound(document: Document) -> None:
    """Its shape has been checked: documents are frozen, so it need not be again."""
    document.__dict__["_sound"] = True


def is_sound(document: Document) -> bool:
    return "_sound" in document.__dict__


def with_fields(module: Module, fields: Iterable[Field]) -> Module:
    return replace(module, fields=tuple(fields))


def all_ids(definitions: Definitions) -> Iterator[tuple[str, str, Document]]:
    """(id, path, noun) of every document and every field."""
    for path, document in definitions.documents.items():
        if isinstance(document, Addition):
            continue
        yield document.id, path, document
        for each in getattr(document, "fields", ()):
            yield each.id, f"{path}#fields.{each.name}", each


def _with_labels(live: Document, mine: Translation, base: Document | None) -> Document:
    """A language several bundles speak: the labels of this one added, those it gave up taken out."""
    gone = set(getattr(base, "labels", {})) - set(mine.labels)
    kept = {name: label for name, label in getattr(live, "labels", {}).items() if name not in gone}
    return replace(live, labels={**kept, **mine.labels}) if isinstance(live, Translation) else mine


def _keeping_others(mine: Module, live: Module, base: Document | None) -> Module:
    """The bundle's module, with the live fields that somebody else added to it."""
    if base is None or mine.id != live.id:
        return mine
    known = {each.id for each in mine.fields} | {each.id for each in base.fields}
    added = tuple(each for each in live.fields if each.id not in known)
    own = {each.name for each in base.fields}
    return replace(
        mine, fields=mine.fields + added,
        search_fields=mine.search_fields + tuple(name for name in live.search_fields
                                                 if name not in own and name not in mine.search_fields),
        match_fields=mine.match_fields + tuple(name for name in live.match_fields
                                               if name not in own and name not in mine.match_fields)) if added else mine


def _keeping_sections(mine: Layout, live: Layout, base: Document | None) -> Layout:
    """The bundle's layout, with the tabs, sections, lists and buttons that somebody else added to it, where they stand."""
    if not isinstance(base, Layout) or mine.id != live.id:
        return mine
    kept = {}
    for part, key in (("tabs", named), ("sections", named), ("related", linked), ("buttons", str)):
        own, was, stands = (getattr(each, part) for each in (mine, base, live))
        if None in (own, was, stands):
            continue                                # all of them stand there
        fresh, known = {key(each): each for each in own}, {key(each) for each in (*own, *was)}
        if any(key(each) not in known for each in stands):
            here = [fresh.get(key(each), each) for each in stands if key(each) in fresh or key(each) not in known]
            kept[part] = in_order((*here, *(each for each in own if each not in here)), own, key)
    laid = replace(mine, **kept) if kept else mine
    gone = {named(tab) for tab in live.tabs} - {named(tab) for tab in laid.tabs}
    return without_tabs(laid, gone) if gone else laid
