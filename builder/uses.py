"""Uses: where in the metadata a field, a module or a button is mentioned."""
from dataclasses import dataclass

from metadata import mentions, paths
from metadata.definitions import Definitions
from metadata.model.button import Button
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module
from metadata.model.role import Role
from runtime.kinds.kind import catalogue


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


def of_button(definitions: Definitions, button: Button) -> list[Use]:
    """Every place that names it: layouts, scenarios that press it."""
    return [Use(document, mention.where) for document in definitions.documents.values()
            for mention in mentions.of(document, catalogue()).buttons.get(button.name, ())
            if (home := mentions.home_of(mention, definitions, catalogue())) is not None and home.name == button.module]


def _leads(definitions: Definitions, mention: mentions.Mention, module: Module, field: Field) -> bool:
    home = mentions.home_of(mention, definitions, catalogue())
    return home is not None and any(passes(definitions, home, path, module, field) for path in mention.paths)


def passes(definitions: Definitions, home: Module, path: str, module: Module, field: Field) -> bool:
    """Whether a path goes through the field, at any step."""
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
