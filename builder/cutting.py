"""Cutting: a field out of everything that names it, so that nothing is left pointing at what goes.

Lists lose their entry, views and layouts the conditions that ask for it. What cannot stand without it goes with it, where
somebody said so; a formula over it has to be written anew by hand.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from builder import uses
from metadata import criteria, expression, references
from metadata.criteria import All, Any_, Condition, Criteria, CriteriaError, Formula, Not
from metadata.definitions import Definitions, read_document
from metadata.errors import NotSound
from metadata.expression import ExpressionError
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module
from metadata.model.role import Role
from runtime.kinds.kind import catalogue

ARRANGED = ("layouts", "views")
"""Documents that only arrange fields: an entry about a field that goes, goes with it, and so does a condition."""
_GONE = object()


@dataclass(frozen=True)
class Cut:
    """definitions: without the field in any list; changed: documents it is taken out of; going: those that cannot stand
    without it; left: those that have to be changed by hand."""
    definitions: Definitions
    changed: tuple[Document, ...] = ()
    going: tuple[Document, ...] = ()
    left: tuple[Document, ...] = ()


def cut(definitions: Definitions, module: Module, field: Field) -> Cut:
    """What removing the field does to everything else; going and left still stand in the definitions."""
    made = without_field(definitions, module, field)
    going, left = [], []
    for document in {use.document.path: use.document for use in uses.of_field(made, module, field)}.values():
        if isinstance(document, Role):
            continue                                # grants of a field that is gone grant nothing
        if isinstance(document, Module):
            left.append(document)
        elif document.folder in ARRANGED and (other := _unasked(made, document, module, field)) is not None:
            made = made.with_document(other)
        else:
            going.append(document)
    changed = [document for path, document in definitions.documents.items() if made.documents[path] is not document]
    return Cut(made, tuple(changed), tuple(going), tuple(left))


def without_field(definitions: Definitions, module: Module, field: Field) -> Definitions:
    """The field out of every list of fields; conditions and formulas that use it stay."""
    def visit(reference: references.Reference) -> Any:
        plain = reference.format in ("field-name", "path") and reference.home is not None and isinstance(reference.value, str)
        return _GONE if plain and uses.passes(definitions, reference.home, reference.value, module, field) else reference.value

    walk = references.Walk(definitions, catalogue(), visit)
    for document in definitions.documents.values():
        content = document.to_json()
        changed = walk.document(document, content)
        if changed != content:
            cleaned = _cleaned(content, changed, document.folder in ARRANGED)
            if cleaned != content:
                definitions = definitions.with_document(read_document(document.path, cleaned))
    return definitions


def _unasked(definitions: Definitions, document: Document, module: Module, field: Field) -> Document | None:
    """The document without the conditions that ask for the field; None where it still names it."""
    def visit(reference: references.Reference) -> Any:
        if reference.format != "criteria" or reference.home is None:
            return reference.value
        home = reference.home
        try:
            kept = _kept(criteria.parse(reference.value), lambda path: uses.passes(definitions, home, path, module, field))
        except (CriteriaError, ExpressionError):
            return reference.value
        return _GONE if kept is None else criteria.write(kept)

    content = document.to_json()
    changed = _dropped(references.Walk(definitions, catalogue(), visit).document(document, content))
    try:
        made = read_document(document.path, changed)
    except NotSound:
        return None
    return None if any(use.document is made for use in uses.of_field(definitions.with_document(made), module, field)) else made


def _kept(tree: Criteria, asks: Any) -> Criteria | None:
    """The condition without its parts about the field; None where nothing is left."""
    match tree:
        case Condition(path):
            return None if asks(path) else tree
        case Formula(text):
            return None if any(map(asks, expression.paths(text))) else tree
        case All(terms) | Any_(terms):
            kept = tuple(term for each in terms if (term := _kept(each, asks)) is not None)
            return type(tree)(kept) if kept else None
        case Not(term):
            inner = _kept(term, asks)
            return Not(inner) if inner is not None else None
    return tree


def _dropped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _dropped(each) for name, each in value.items() if _GONE not in (name, each)}
    return [_dropped(each) for each in value if each is not _GONE] if isinstance(value, list) else value


def _cleaned(before: Any, after: Any, rows: bool) -> Any:
    """Without what goes: out of lists; where it stands alone it stays. rows: objects of lists that name it go as well."""
    if isinstance(after, Mapping):
        return {name: before[name] if value is _GONE else _cleaned(before[name], value, rows) for name, value in after.items()
                if name is not _GONE}
    if isinstance(after, list):
        return [_cleaned(old, new, rows) for old, new in zip(before, after, strict=True)
                if new is not _GONE and not (rows and isinstance(new, Mapping) and _GONE in new.values())]
    return after
