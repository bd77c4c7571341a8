"""Rename: a new name carried into every reference that still says the old one."""
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from metadata import criteria, expression, mentions, paths, references
from metadata.criteria import CriteriaError
from metadata.definitions import Definitions, is_sound, mark_sound
from metadata.expression import ExpressionError
from metadata.model.button import Button
from metadata.model.document import Document
from metadata.model.module import Module
from metadata.model.translation import Translation


def carried(live: Definitions, draft: Definitions, catalogue: Any,
            former: Mapping[str, Sequence[str]] | None = None) -> Definitions:
    """The draft with references that say an old name saying the name its id has in the draft.

    Old is the name in `live`, and every name before it (former: {id: names}): a bundle that renames a field in one file
    may be published twice. A name the draft itself knows is left alone, also where it means something else by now.
    """
    names = _Names(live, draft, catalogue, former or {})
    if not names.any:
        return draft
    walk = references.Walk(draft, catalogue, names.visit, module=names.module)
    placed = {}
    for document in draft.documents.values():
        if not names.in_it(document):
            placed[document.path] = document
            continue
        content = document.to_json()
        changed = names.translation(document) if isinstance(document, Translation) else walk.document(document, content)
        if changed != content:
            renamed = type(document).from_json(changed)
            if is_sound(document):
                mark_sound(renamed)
            document = renamed
        placed[document.path] = document
    return Definitions(dict(sorted(placed.items())))


class _Names:
    def __init__(self, live: Definitions, draft: Definitions, catalogue: Any, former: Mapping[str, Sequence[str]]):
        self._live, self._draft, self._catalogue = live, draft, catalogue
        self._modules: dict[str, Module] = {}
        self._fields: dict[tuple[str, str], str] = {}
        self._buttons = dict(_buttons(live, draft, former))
        for new in draft.modules.values():
            old = live.module_by_id(new.id)
            for name in (*former.get(new.id, ()), *([old.name] if old else ())):
                if name not in draft.modules:
                    self._modules[name] = new
            for field in new.fields:
                before = old.by_id.get(field.id) if old and old is not new else None
                for name in (*former.get(field.id, ()), *([before.name] if before else ())):
                    if name not in new.by_name:
                        self._fields[new.id, name] = field.name

        self._words = {name for _home, name in self._fields}
        self._pressed = {name for _home, name in self._buttons}

    @property
    def any(self) -> bool:
        return bool(self._modules or self._fields or self._buttons)

    def in_it(self, document: Document) -> bool:
        """Whether it says an old name at all; few do."""
        said = mentions.of(document, self._catalogue)
        return (isinstance(document, Translation) or not self._words.isdisjoint(said.names)
                or not self._modules.keys().isdisjoint(said.modules) or not self._pressed.isdisjoint(said.buttons))

    def module(self, name: str) -> Module | None:
        """By its name in the draft, else by the one it had."""
        return self._draft.module(name) or self._modules.get(name)

    def visit(self, found: references.Reference) -> Any:
        value, home = found.value, found.home
        if found.format == "module-name":
            return self._modules[value].name if value in self._modules else value
        if home is None:
            return value
        try:
            if found.format == "criteria":
                return criteria.renamed(value, lambda path: self.path(home, path))
            if found.format == "expression":
                return expression.renamed(value, lambda path: self.path(home, path))
        except (ExpressionError, CriteriaError):
            return value                                    # the check says what is wrong with it
        if found.format == "button-name":
            return self._buttons.get((home.name, value), value)
        return self.path(home, value) if found.format in ("field-name", "path") else value

    def path(self, home: Module, path: str) -> str:
        """Each step by its new name; a step nobody knows ends it as it stands."""
        steps, module = path.split(".") if isinstance(path, str) else [], home
        for position, step in enumerate(steps):
            if module is None:
                break
            steps[position] = step = self._fields.get((module.id, step), step)
            field = module.by_name.get(step)
            if field is None or not self._catalogue.has("field_types", field.type):
                break
            target = paths.target_of(self._catalogue.get("field_types", field.type), field)
            module = self.module(target) if target else None
        return ".".join(steps) if steps else path

    def translation(self, document: Translation) -> dict[str, Any]:
        labels = {}
        for path, label in document.labels.items():
            steps = path.split(".")
            if len(steps) > 2:
                module = self.module(steps[1])
                if steps[1] in self._modules:
                    steps[1] = self._modules[steps[1]].name
                if steps[0] == "modules" and steps[2] == "fields" and len(steps) > 3 and module is not None:
                    steps[3] = self._fields.get((module.id, steps[3]), steps[3])
                if steps[0] == "buttons" and module is not None:
                    steps[2] = self._buttons.get((module.name, steps[2]), steps[2])
            new = ".".join(steps)
            if new == path or new not in document.labels:
                labels[new] = label
        return document.to_json() | {"labels": labels}


def _buttons(live: Definitions, draft: Definitions, former: Mapping[str, Sequence[str]]) -> Iterator[tuple[tuple[str, str], str]]:
    """((module, a name it had), its name) of each button that had another; modules by their name in the draft."""
    before = {button.id: button.name for button in live.of(Button)}
    taken = {(button.module, button.name) for button in draft.of(Button)}
    for button in draft.of(Button):
        for name in (*former.get(button.id, ()), before.get(button.id, button.name)):
            if (button.module, name) not in taken:
                yield (button.module, name), button.name
