"""Uses: where in the metadata a field or a module is mentioned; and a definition taken out of the lists that name it."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metadata import criteria, expression, mentions, paths, references
from metadata.criteria import CriteriaError
from metadata.definitions import Definitions, read_document
from metadata.expression import ExpressionError
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module
from metadata.model.role import Role
from runtime.kinds.kind import catalogue

ARRANGED = ("layouts", "views")
"""Documents that only arrange fields: an entry about a field that goes, goes with it."""
_GONE = object()


@dataclass(frozen=True)
class Use:
    """One mention. where: its place inside the document ("columns.2")."""
    document: Document
    where: str


def listed(found: list[Use]) -> list[tuple[Document, list[str]]]:
    """Each document once, with the places in it."""
    places: dict[str, tuple[Document, list[str]]] = {}
    for each in found:
        places.setdefault(each.document.path, (each.document, []))[1].append(each.where)
    return list(places.values())


def of_field(definitions: Definitions, module: Module, field: Field) -> list[Use]:
    """Every place that names it, directly or at the end of a path that comes from elsewhere."""
    found = [Use(document, mention.where) for document in definitions.documents.values()
             for mention in mentions.of(document, catalogue()).names.get(field.name, ())
             if _leads(definitions, mention, module, field)]
    found += [Use(role, "modules") for role in definitions.of(Role)
              if any(field.id in granted.get("fields", {}) for granted in role.modules.values())]
    return found


def of_module(definitions: Definitions, module: Module) -> list[Use]:
    """Every place outside of it that names it."""
    return [Use(document, mention.where) for document in definitions.documents.values()
            if document.path != module.path and getattr(document, "module", None) != module.name
            for mention in mentions.of(document, catalogue()).modules.get(module.name, ())]


def without_field(definitions: Definitions, module: Module, field: Field) -> Definitions:
    """The field out of every list of fields; conditions and formulas that use it stay, for the review to say."""
    def visit(reference: references.Reference) -> Any:
        plain = reference.format in ("field-name", "path")
        return _GONE if plain and _names(definitions, reference, module, field) else reference.value

    walk = references.Walk(definitions, catalogue(), visit)
    for document in definitions.documents.values():
        content = document.to_json()
        changed = walk.document(document, content)
        if changed != content:
            cleaned = _cleaned(content, changed, document.folder in ARRANGED)
            if cleaned != content:
                definitions = definitions.with_document(read_document(document.path, cleaned))
    return definitions


def _leads(definitions: Definitions, mention: mentions.Mention, module: Module, field: Field) -> bool:
    home = mentions.home_of(mention, definitions, catalogue())
    return home is not None and any(_passes(definitions, home, path, module, field) for path in mention.paths)


def _names(definitions: Definitions, reference: references.Reference, module: Module, field: Field) -> bool:
    """Whether a reference names the field, at any step of its path."""
    if reference.home is None or reference.format in ("module-name", "role-id"):
        return False
    seen: list[str] = []

    def see(path: str) -> str:
        seen.append(path)
        return path

    try:
        if reference.format == "criteria":
            criteria.renamed(reference.value, see)
        elif reference.format == "expression":
            expression.renamed(reference.value, see)
        else:
            seen.append(reference.value)
    except (ExpressionError, CriteriaError):
        return False
    return any(_passes(definitions, reference.home, path, module, field) for path in seen if isinstance(path, str))


def _passes(definitions: Definitions, home: Module, path: str, module: Module, field: Field) -> bool:
    if "." not in path:
        return path == field.name and home.name == module.name
    if field.name not in path:
        return False
    at: Module | None = home
    steps = path.split(".")
    for number, step in enumerate(steps):
        if at is None:
            return False
        if at.name == module.name and step == field.name:
            return True
        place = paths.find(definitions, catalogue(), home, ".".join(steps[:number + 1]))
        at = definitions.module(paths.target_of(place.kind, place.field) or "") if place else None
    return False


def _cleaned(before: Any, after: Any, rows: bool) -> Any:
    """Without what goes: out of lists; where it stands alone it stays. rows: objects of lists that name it go as well."""
    if isinstance(after, Mapping):
        return {name: before[name] if value is _GONE else _cleaned(before[name], value, rows) for name, value in after.items()}
    if isinstance(after, list):
        return [_cleaned(old, new, rows) for old, new in zip(before, after, strict=True)
                if new is not _GONE and not (rows and isinstance(new, Mapping) and _GONE in new.values())]
    return after
