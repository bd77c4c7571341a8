"""Nouns: every dataclass of this folder that has a file of its own in a bundle, found by looking, not listed."""
import importlib
import inspect
import pkgutil
from functools import cache

import metadata.model
from metadata.model.document import Document
from metadata.model.extension import Extension
from metadata.model.module import Module


@cache
def nouns() -> dict[str, type[Document]]:
    """{folder: class}, in order of folder. Two classes share "modules": `noun_of` tells them apart."""
    found = {}
    for entry in pkgutil.iter_modules(metadata.model.__path__):
        module = importlib.import_module(f"metadata.model.{entry.name}")
        for _, member in inspect.getmembers(module, inspect.isclass):
            if issubclass(member, Document) and member.__module__ == module.__name__ and vars(member).get("folder"):
                found[member.folder] = member
    return dict(sorted(found.items())) | {Module.folder: Module}


def noun_of(folder: str, document: dict) -> type[Document] | None:
    """The class a JSON document of this folder belongs to; None for a folder nobody knows."""
    if folder == Extension.folder and document.get("extends"):
        return Extension
    return nouns().get(folder)
