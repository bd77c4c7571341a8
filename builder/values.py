"""Values: where definitions say a choice of a field, and another choice said in its place.

Conditions and formulas that compare the field with it, what buttons set, what boards leave out, what imports read, defaults.
"""
from collections.abc import Mapping
from typing import Any

from builder.uses import Use
from metadata import criteria, expression, mentions, paths, references
from metadata.criteria import CriteriaError
from metadata.definitions import Definitions, read_document
from metadata.expression import ExpressionError
from metadata.expression.tree import Literal, walk
from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module
from metadata.model.translation import Translation
from runtime.kinds.kind import catalogue

BESIDE = ("value", "values", "hidden")
"""Properties that say a value of the field which stands beside them."""
_NOBODY = "\x00"


def exchanged(definitions: Definitions, module: Module, field: Field, moves: Mapping[str, str]) -> Definitions:
    """Every document that says one of these choices of the field says the other one. The field itself stays."""
    for document in definitions.documents.values():
        if isinstance(document, Translation) or field.name not in mentions.of(document, catalogue()).names:
            continue
        content = document.to_json()
        changed = _Saying(definitions, module, field, moves).content(document, content)
        if changed != content:
            definitions = definitions.with_document(read_document(document.path, changed))
    return definitions


def uses(definitions: Definitions, module: Module, field: Field, value: str) -> list[Use]:
    """The documents that say this choice of the field, each once."""
    found = []
    for document in definitions.documents.values():
        if isinstance(document, Translation) or field.name not in mentions.of(document, catalogue()).names:
            continue
        content, saying = document.to_json(), _Saying(definitions, module, field, {value: _NOBODY})
        if saying.content(document, content) != content or saying.left:
            found.append(Use(document, ""))
    return found


def unsaid(definitions: Definitions, module: Module, field: Field, values: Any) -> Definitions:
    """Without the words that other languages have for these choices."""
    gone = {f"modules.{module.name}.fields.{field.name}.choices.{value}" for value in values}
    for known in definitions.translations.values():
        if gone & known.labels.keys():
            kept = {path: words for path, words in known.labels.items() if path not in gone}
            definitions = definitions.with_document(read_document(known.path, known.to_json() | {"labels": kept}))
    return definitions


class _Saying:
    """left: whether a formula says the choice in a way that nobody can exchange safely."""

    def __init__(self, definitions: Definitions, module: Module, field: Field, moves: Mapping[str, str]):
        self.definitions, self.module, self.field, self.moves = definitions, module, field, moves
        self.named: dict[str, str] = {}
        self.left = False

    def content(self, document: Document, content: Mapping[str, Any]) -> Any:
        walked = references.Walk(self.definitions, catalogue(), self.visit).document(document, content)
        return self.beside(walked, "") if self.named else walked

    def visit(self, found: references.Reference) -> Any:
        value, home = found.value, found.home
        if home is None or found.format in ("module-name", "role-id"):
            return value
        try:
            if found.format == "criteria":
                return criteria.exchanged(value, lambda path, said: self.other(home, path, said))
            if found.format == "expression":
                made = expression.exchanged(value, lambda path, said: self.other(home, path, said))
                self.left = self.left or self.says(home, made)
                return made
        except (ExpressionError, CriteriaError):
            return value                                    # the check says what is wrong with it
        if isinstance(value, str) and self.leads(home, value):
            self.named[found.where] = value
        return value

    def other(self, home: Module, path: str, said: Any) -> Any:
        return self.moves[said] if isinstance(said, str) and said in self.moves and self.leads(home, path) else said

    def says(self, home: Module, text: str) -> bool:
        node = expression.parse(text)
        return (any(isinstance(each, Literal) and each.value in self.moves for each, _depth in walk(node))
                and any(self.leads(home, ".".join(path)) for path in expression.names(node)))

    def leads(self, home: Module, path: str) -> bool:
        place = paths.find(self.definitions, catalogue(), home, path)
        return place is not None and not place.part and place.module.id == self.module.id and place.field.id == self.field.id

    def beside(self, value: Any, where: str) -> Any:
        """What stands beside the field's name, or behind it where names lead to values."""
        if isinstance(value, Mapping):
            made = {name: self.beside(each, f"{where}.{name}" if where else name) for name, each in value.items()}
            for name in value:
                said = self.named.get(f"{where}.{name}" if where else name)
                if said is None:
                    continue
                for each in BESIDE if said == value[name] else (name,):
                    if each in made:
                        made[each] = self.moved(made[each])
            return made
        if isinstance(value, (list, tuple)):
            return [self.beside(each, f"{where}.{each['name'] if isinstance(each, Mapping) and 'name' in each else number}"
                                if where else str(number)) for number, each in enumerate(value)]
        return value

    def moved(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.moves.get(value, value)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return list(dict.fromkeys(self.moves.get(each, each) for each in value))
        if isinstance(value, Mapping):
            return {name: self.moves.get(each, each) if isinstance(each, str) else each for name, each in value.items()}
        return value
