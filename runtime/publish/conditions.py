"""Conditions, asked for real: every criteria tree of a set of definitions is compiled once, so that a wrong operand
("wonn" for a picklist) is found before it is published."""
from collections.abc import Iterator
from typing import Any

from metadata import paths, references, watched
from metadata.definitions import Definitions
from metadata.errors import Problem
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.errors import RuntimeProblem
from runtime.tables import criteria


def problems(definitions: Definitions, catalogue: Any) -> Iterator[Problem]:
    """For definitions that metadata.check found sound."""
    for document in definitions.documents.values():
        yield from watched.kept(document, "_conditions", definitions, catalogue,
                                lambda seen, document=document: _wrong(document, seen, catalogue),
                                worth=lambda found: not found)


def _wrong(document: Document, definitions: Definitions, catalogue: Any) -> list[Problem]:
    found: list[Problem] = []
    references.Walk(definitions, catalogue, _asker(definitions, catalogue, document.path, found)).look(document)
    return found


def _asker(definitions: Definitions, catalogue: Any, path: str, found: list[Problem]) -> references.Visit:
    def visit(reference: references.Reference) -> Any:
        if reference.format == "criteria" and reference.value and reference.home is not None:
            try:
                criteria.as_python(reference.value, _Scope(definitions, catalogue, reference.home))
            except RuntimeProblem as problem:
                found.append(Problem(f"{path}#{reference.where}", problem.message))
        return reference.value

    return visit


class _Scope(paths.Scope):
    """Every field of the definitions, whoever asks."""

    def __init__(self, definitions: Definitions, catalogue: Any, module: Module):
        super().__init__(definitions, catalogue, module)
        self._find = lambda path: paths.find(definitions, catalogue, module, ".".join(path))

    def field(self, path: tuple[str, ...]) -> Field:
        return self._find(path).field

    def part(self, path: tuple[str, ...]) -> str:
        return self._find(path).part
