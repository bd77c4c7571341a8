"""Nouns: every dataclass of this folder that has a file of its own in a bundle, found by looking, not listed."""
import importlib
import inspect
import pkgutil
from functools import cache

import metadata.model
from metadata.model.addition import Addition
from metadata.model.document import Document
from metadata.model.extension import Extension
from metadata.model.layout_extension import LayoutExtension

ADDITIONS: dict[str, type[Addition]] = {each.folder: each for each in (Extension, LayoutExtension)}
"""{folder: what a bundle may add to another's document there}."""


@cache
def nouns() -> dict[str, type[Document]]:
    """{folder: class}, in order of folder. Additions share the folder of what they extend: `noun_of` tells them apart."""
    found = {}
    for entry in pkgutil.iter_modules(metadata.model.__path__):
        module = importlib.import_module(f"metadata.model.{entry.name}")
        for _, member in inspect.getmembers(module, inspect.isclass):
            own = issubclass(member, Document) and member.__module__ == module.__name__ and vars(member).get("folder")
            if own and not issubclass(member, Addition):
                found[member.folder] = member
    return dict(sorted(found.items()))


def noun_of(folder: str, document: dict) -> type[Document] | None:
    """The class a JSON document of this folder belongs to; None for a folder nobody knows."""
    if folder in ADDITIONS and document.get("extends"):
        return ADDITIONS[folder]
    return nouns().get(folder)
