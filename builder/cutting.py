"""Cutting: a field, or a button, out of everything that names it, so that nothing is left pointing at what goes.

Lists lose their entry, views and layouts the conditions that ask for it. What cannot stand without it goes with it, where
somebody said so; a formula over it has to be written anew by hand.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from builder import uses
from metadata import criteria, expression, mentions, references, shape
from metadata.criteria import All, Any_, Condition, Criteria, CriteriaError, Formula, Not
from metadata.definitions import Definitions, read_document
from metadata.errors import NotSound
from metadata.expression import ExpressionError
from metadata.model.button import Button
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.layout import Layout
from metadata.model.module import Module
from metadata.model.role import Role
from runtime.kinds.kind import catalogue

ARRANGED = ("layouts", "views")
"""Documents that only arrange fields: an entry about a field that goes, goes with it, and so does a condition."""
MAPPED = ("convert_maps", "import_maps")
"""Documents that say what goes into which field, entry by entry."""
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
        other = _unasked(made, document, module, field) if document.folder in ARRANGED else None
        if other is not None:
            made = made.with_document(other)
        elif isinstance(document, (Module, Layout)):
            left.append(document)
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
        if field.name not in mentions.of(document, catalogue()).names:
            continue
        content = document.to_json()
        changed = walk.document(document, content)
        if changed != content:
            cleaned = _cleaned(content, changed, document.folder in ARRANGED)
            if document.folder in MAPPED:
                cleaned = _unmapped(changed)
            if cleaned != content:
                definitions = definitions.with_document(_sound(document, cleaned) or document)
    return definitions


def without_button(definitions: Definitions, button: Button) -> Definitions:
    """The button off every layout; a scenario that presses it keeps its name, and the check says so."""
    def visit(reference: references.Reference) -> Any:
        mine = reference.format == "button-name" and reference.value == button.name and reference.home is not None
        return _GONE if mine and reference.home.name == button.module else reference.value  # type: ignore[union-attr]

    walk = references.Walk(definitions, catalogue(), visit)
    for document in definitions.documents.values():
        if button.name in mentions.of(document, catalogue()).buttons:
            content = document.to_json()
            cleaned = _cleaned(content, walk.document(document, content), False)
            if cleaned != content:
                definitions = definitions.with_document(_sound(document, cleaned) or document)
    return definitions


def _sound(document: Document, content: Any) -> Document | None:
    try:
        return read_document(document.path, content)
    except NotSound:
        return None


def _unmapped(value: Any) -> Any:
    """Without the entries that are about the field."""
    def gone(each: Any) -> bool:
        return each is _GONE or (isinstance(each, Mapping) and _GONE in each.values())

    if isinstance(value, Mapping):
        return {name: _unmapped(each) for name, each in value.items() if name is not _GONE and not gone(each)}
    return [_unmapped(each) for each in value if not gone(each)] if isinstance(value, list) else value


def _unasked(definitions: Definitions, document: Document, module: Module, field: Field) -> Document | None:
    """The document without the conditions that ask for the field; None where it still names it."""
    def visit(reference: references.Reference) -> Any:
        home = reference.home
        if home is None or reference.format not in ("criteria", "field-name", "path"):
            return reference.value
        if reference.format != "criteria":
            named = isinstance(reference.value, str) and uses.passes(definitions, home, reference.value, module, field)
            return _GONE if named else reference.value
        try:
            kept = _kept(criteria.parse(reference.value), lambda path: uses.passes(definitions, home, path, module, field))
        except (CriteriaError, ExpressionError):
            return reference.value
        return _GONE if kept is None else criteria.write(kept)

    content = document.to_json()
    changed = _unmapped(references.Walk(definitions, catalogue(), visit).document(document, content))
    made = _sound(document, changed)
    if made is None or any(use.document is made for use in uses.of_field(definitions.with_document(made), module, field)):
        return None
    kind = catalogue().get(made.kinds, made.kind) if made.kinds else None
    return made if kind is None or not shape.Validator(kind.settings_schema).errors(made.settings) else None


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


def _cleaned(before: Any, after: Any, rows: bool) -> Any:
    """Without what goes: out of lists; where it stands alone it stays. rows: objects of lists that name it go as well."""
    if isinstance(after, Mapping):
        return {name: before[name] if value is _GONE else _cleaned(before[name], value, rows) for name, value in after.items()
                if name is not _GONE}
    if isinstance(after, list):
        return [_cleaned(old, new, rows) for old, new in zip(before, after, strict=True)
                if new is not _GONE and not (rows and isinstance(new, Mapping) and _GONE in new.values())]
    return after
