"""A bundle seen as whole definitions, so that it can be merged with what is live: as it was laid down, and as it shall be.

Additions become their document with just what they add, translations that several bundles share just these labels.
"""
from collections.abc import Iterable
from dataclasses import replace

from metadata.definitions import Definitions
from metadata.errors import NotSound, Problem
from metadata.model.addition import Addition, in_order
from metadata.model.document import Document
from metadata.model.layout import Layout
from metadata.model.layout_extension import linked, named, without
from metadata.model.module import Module
from metadata.model.translation import Translation
from metadata.words import say

NONE = Definitions()


def sides(live: Definitions, before: Definitions, after: Definitions,
          others: Iterable[Definitions] = ()) -> tuple[Definitions, Definitions]:
    """(base, theirs) to merge `live` with: live as it was with the bundle untouched, and with the new bundle in its place.

    before: the bundle as it was laid down, empty for a first time; after: as it shall be, empty where it goes.
    others: the bundles that stay. Raises NotSound where it extends what is not there, or lies where something else lies.
    """
    own = {each.id for bundle in (before, after) for each in bundle.documents.values() if not _shared(each, live, bundle)}
    rest = {path: each for path, each in live.documents.items() if each.id not in own}
    problems = [Problem(path, say("There is a '%(path)s' here already, which does not come from this package. Rename one of the"
                                  " two.", path=path))
                for path, each in after.documents.items() if not _shared(each, live, after) and path in rest]
    base, theirs = dict(rest), dict(rest)
    kept = tuple(others)
    for side, bundle in ((base, before), (theirs, after)):
        for path, each in bundle.documents.items():
            if not _shared(each, live, bundle):
                side[path] = each
    for path in sorted({*before.documents, *after.documents}):
        old, new = before.documents.get(path), after.documents.get(path)
        if not any(each is not None and _shared(each, live, bundle) for each, bundle in ((old, before), (new, after))):
            continue
        stands = rest.get(path)
        if stands is None:
            if new is not None:
                problems.append(Problem(path, say(
                    "It extends the %(noun)s '%(name)s', which does not exist. Install the package that has it first.",
                    noun=say(new.target.__name__.lower()), name=new.key)))
            continue
        blank = _without(stands, old, path, kept)
        base[path] = _with(blank if old is None else stands, old)
        theirs[path] = _with(blank, new, stands)
    if problems:
        raise NotSound(problems)
    return Definitions(dict(sorted(base.items()))), Definitions(dict(sorted(theirs.items())))


def _shared(document: Document, live: Definitions, bundle: Definitions) -> bool:
    """An addition to a document that is somebody else's."""
    if isinstance(document, Addition):
        return True
    stands = live.documents.get(document.path)
    return isinstance(document, Translation) and stands is not None and stands.id != document.id


def _with(stands: Document, addition: Document | None, order: Document | None = None) -> Document:
    """order: whose order of fields holds where it knows them."""
    if isinstance(addition, Addition) and isinstance(stands, addition.target):
        made = addition.onto(stands)
        if isinstance(made, Layout) and isinstance(order, Layout):
            return replace(made, tabs=in_order(made.tabs, order.tabs, named),
                           sections=in_order(made.sections, order.sections, named),
                           related=in_order(made.related, order.related, linked),
                           buttons=made.buttons and in_order(made.buttons, order.buttons or (), str))
        return _in_order(made, order) if isinstance(order, Module) else made
    if isinstance(addition, Translation) and isinstance(stands, Translation):
        return replace(stands, labels={**stands.labels, **addition.labels})
    return stands


def _in_order(module: Module, known: Module) -> Module:
    """Fields, search and match fields in the order they have today, new ones behind."""
    def sort(names: Iterable, like: Iterable) -> tuple:
        rank = {name: place for place, name in enumerate(like)}
        return tuple(sorted(names, key=lambda name: rank.get(name, len(rank))))

    places = {each.id: place for place, each in enumerate(known.fields)}
    return replace(module, fields=tuple(sorted(module.fields, key=lambda each: places.get(each.id, len(places)))),
                   search_fields=sort(module.search_fields, known.search_fields),
                   match_fields=sort(module.match_fields, known.match_fields))


def _without(stands: Document, addition: Document | None, path: str, others: Iterable[Definitions]) -> Document:
    if isinstance(addition, Addition) and isinstance(stands, addition.target):
        return addition.out_of(stands, (bundle.documents[path] for bundle in others if path in bundle.documents))
    if isinstance(addition, Translation) and isinstance(stands, Translation):
        labels = {name for bundle in others if path in bundle.documents for name in bundle.documents[path].labels}
        return replace(stands, labels={name: label for name, label in stands.labels.items()
                                       if name not in addition.labels or name in labels})
    return stands


def alone(document: Document, path: str, others: Iterable[Definitions]) -> Document:
    """A document without what other bundles add to it. path: where its own bundle laid it down."""
    for bundle in others:
        document = _without(document, bundle.documents.get(path), path, ())
    return document


def lifted(live: Definitions, before: Definitions, others: Iterable[Definitions] = ()) -> tuple[Definitions, tuple[str, ...]]:
    """(what is left when the bundle goes, paths of what stays of it because it was changed here or is in use).

    A module stays whole, with its layouts, views and rules, when it was changed, or when what stays needs it.
    """
    others = tuple(others)
    base, theirs = sides(live, before, NONE, others)
    here = {each.id: each for each in live.documents.values()}
    own = {each.id: each for path, each in base.documents.items() if path not in theirs.documents}
    gone = {id for id, each in own.items() if id in here and here[id] == each}
    trimmed = {path: each if each.id in own else _untouched_out(each, base.documents.get(path), theirs.documents.get(path))
               for path, each in live.documents.items()}
    while True:
        left = [each for each in trimmed.values() if each.id not in gone]
        needed = {getattr(each, "module", None) for each in left}
        needed |= {field.settings.get("module") for each in left if isinstance(each, Module) for field in each.fields}
        stay = {id for id in gone if isinstance(here[id], Module) and here[id].name in needed}
        kept = {here[id].name for id in own if id in here and id not in gone and isinstance(here[id], Module)} | {
            here[id].name for id in stay}
        stay |= {id for id in gone if getattr(here[id], "module", None) in kept}
        if not stay:
            break
        gone -= stay
    rest: dict[str, Document] = {}
    for path, each in trimmed.items():
        if each.id in gone:
            continue
        if isinstance(each, Translation) and each.id in own:
            each = _stripped(each, own[each.id])
            if not each.labels:
                continue
        rest[path] = each
    stays = tuple(sorted(here[id].path for id in own if id in here and id not in gone
                         and not isinstance(here[id], Translation)))
    return Definitions(dict(sorted(rest.items()))), stays


def _stripped(translation: Translation, own: Document) -> Translation:
    """Without the labels that are still the bundle's."""
    was = getattr(own, "labels", {})
    return replace(translation, labels={name: label for name, label in translation.labels.items() if was.get(name) != label})


def _untouched_out(stands: Document, base: Document | None, theirs: Document | None) -> Document:
    """Somebody else's document without the additions nobody changed."""
    if base is None or theirs is None or base == theirs:
        return stands
    if isinstance(stands, Translation) and isinstance(base, Translation) and isinstance(theirs, Translation):
        return _stripped(stands, replace(base, labels={name: label for name, label in base.labels.items()
                                                       if name not in theirs.labels}))
    if isinstance(stands, Layout) and isinstance(base, Layout) and isinstance(theirs, Layout):
        parts = [(getattr(base, part) or (), getattr(theirs, part) or (), getattr(stands, part) or (), key)
                 for part, key in (("sections", named), ("related", linked), ("tabs", named), ("buttons", str))]
        return without(stands, *([key(each) for each in was if each in now and key(each) not in map(key, kept)]
                                for was, kept, now, key in parts))
    if not isinstance(stands, Module) or not isinstance(base, Module) or not isinstance(theirs, Module):
        return stands
    gone = {each.id for each in base.fields if each.id not in theirs.by_id and stands.by_id.get(each.id) == each}
    names = {each.name for each in base.fields if each.id in gone}
    return replace(
        stands, fields=tuple(each for each in stands.fields if each.id not in gone),
        search_fields=tuple(name for name in stands.search_fields if name in theirs.search_fields or name not in names),
        match_fields=tuple(name for name in stands.match_fields if name in theirs.match_fields or name not in names))
