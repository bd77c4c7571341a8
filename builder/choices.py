"""Choices: what the studio's selects offer, in the reader's language: modules, fields, buttons, paths, roles, kinds, icons."""
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from metadata import words
from metadata.definitions import Definitions
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module
from metadata.model.seed import Seed
from runtime.kinds.kind import catalogue
from runtime.locale import text
from runtime.locale.text import _, lazy
from runtime.tables import labels

Offered = tuple[tuple[str, str], ...]
"""(value, label) of each, in the order they are offered."""
Grouped = tuple[tuple[str, Offered], ...]
"""(heading, what stands under it); "" is no heading."""

KINDS = {"field-type": "field_types", "view-kind": "view_kinds", "action": "actions",
         "scenario-step": "scenario_steps", "expectation": "expectations"}
"""The formats of the schemas that name a kind, and the family it is of."""
ICONS = Path(text.__file__).resolve().parent.parent / "web" / "icons.txt"


def label(definitions: Definitions, path: str, default: str) -> str:
    """A label of the definitions as the reader's language has it: label(d, "modules.deals.plural", "Deals")."""
    return words.called(definitions, path, default)


def of_module(definitions: Definitions, module: Module, what: str = "plural") -> str:
    return label(definitions, f"modules.{module.name}.{what}", getattr(module, what))


OTHERWISE = {"scenario": lazy("Test"), "scenarios": lazy("Tests")}
"""Nouns that people know by another word than their schemas'."""


def noun(document: Document) -> str:
    """What kind of definition it is: "View", "Validation rule", "Test"."""
    return noun_of(document.noun)


def noun_of(name: str) -> str:
    return str(OTHERWISE.get(name) or _(name.capitalize()))


def nouns_of(folder: str) -> str:
    """Many of them, by their folder: "Validation rules"."""
    return noun_of(folder.replace("_", " "))


def of_document(definitions: Definitions, document: Document, what: str = "") -> str:
    """What a definition is called: its label, what a rule says, else its name. what: another of its texts ("description")."""
    what = what or next((each for each in ("plural", "label", "message") if getattr(document, each, "")), "name")
    return label(definitions, f"{document.folder}.{document.key}.{what}", getattr(document, what, ""))


def of_seed(definitions: Definitions, seed: Seed, what: str = "label") -> str:
    """What a package calls itself ("description": what it is for); its words lie in the bundle's own translations."""
    return label(definitions, f"seeds.{seed.name}.{what}", getattr(seed, what))


def heading(definitions: Definitions, group: str) -> str:
    """Of the menu."""
    return label(definitions, f"groups.{group}", group)


def of_field(definitions: Definitions, module: Module, field: Field) -> str:
    if field.system:
        return labels.of_field(module, field)
    return label(definitions, f"modules.{module.name}.fields.{field.name}.label", field.label)


def of_picklist(definitions: Definitions, module: Module, field: Field) -> Offered:
    """The choices of a field that has some."""
    at = f"modules.{module.name}.fields.{field.name}.choices."
    return tuple((each["value"], label(definitions, at + each["value"], each.get("label") or each["value"]))
                 for each in field.settings.get("choices", ()) if isinstance(each, dict) and each.get("value"))


def worded(value: Any) -> str:
    """A word of an enumeration as a person says it: read_only -> "Read only", in the reader's language."""
    return _(str(value).replace("_", " ").capitalize())


def modules(definitions: Definitions) -> Offered:
    return tuple((name, of_module(definitions, module)) for name, module in definitions.modules.items())


def fields(definitions: Definitions, module: Module) -> Offered:
    return tuple((each.name, of_field(definitions, module, each)) for each in module.all_fields)


def buttons(definitions: Definitions, module: Module) -> Offered:
    return tuple((each.name, of_document(definitions, each)) for each in definitions.buttons_of(module.name))


def paths(definitions: Definitions, module: Module) -> Grouped:
    """The module's own values, then those of what it links to."""
    kinds = catalogue()
    found = [("", tuple(_values(definitions, module, "")))]
    for field in module.all_fields:
        if not kinds.has("field_types", field.type):
            continue
        target = definitions.module(kinds.get("field_types", field.type).target(field) or "")
        if target is not None:
            found.append((of_field(definitions, module, field), tuple(_values(definitions, target, f"{field.name}."))))
    return tuple(found)


def path_label(definitions: Definitions, module: Module | None, path: str) -> str:
    """"account.industry" -> "Account: Industry"; the path itself where nobody knows it."""
    shown, home = [], module
    field: Field | None = None
    for step in path.split("."):
        field, held = home.field(step) if home else None, field
        if field is None or home is None:
            part = held is not None and catalogue().has("field_types", held.type) and step in catalogue().get(
                "field_types", held.type).columns(held)
            shown.append(labels.of_part(step) if part else step)
            home = None
            continue
        shown.append(of_field(definitions, home, field))
        known = catalogue().has("field_types", field.type)
        home = definitions.module(catalogue().get("field_types", field.type).target(field) or "") if known else None
    return ": ".join(shown)


def _values(definitions: Definitions, module: Module, before: str) -> Iterable[tuple[str, str]]:
    for field in module.all_fields:
        name = of_field(definitions, module, field)
        yield before + field.name, name
        if catalogue().has("field_types", field.type):
            for part in catalogue().get("field_types", field.type).columns(field):
                if part:
                    yield f"{before}{field.name}.{part}", f"{name}: {labels.of_part(part)}"


def roles(definitions: Definitions) -> Offered:
    return tuple((each.id, label(definitions, f"roles.{each.name}.label", each.label)) for each in definitions.roles.values())


def kinds(family: str) -> Offered:
    found = ((each.name, _(getattr(each, "label", "") or each.name)) for each in catalogue().all(family))
    return tuple(sorted(found, key=lambda each: each[1].casefold()))


@cache
def icons() -> tuple[str, ...]:
    """Names of the pictures there are."""
    lines = ICONS.read_text("utf-8").splitlines()
    return tuple(sorted({name for line in lines if not line.startswith("#") for name in line.split()}))


def settings_schema(family: str, name: Any) -> dict[str, Any] | None:
    """What a kind asks for; None for a kind nobody knows."""
    return catalogue().get(family, name).settings_schema if isinstance(name, str) and catalogue().has(family, name) else None
