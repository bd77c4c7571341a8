"""Watched definitions: an answer about one document is kept with it for as long as the modules it was made from are the same.

Documents are frozen, and unchanged ones are the very same objects in every draft and version: after a change of one
module only what looks at that module is asked again.
"""
from collections.abc import Callable
from typing import Any, TypeVar

from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.module import Module

Answer = TypeVar("Answer")


class Watched:
    """Stands in for definitions and notes which modules were asked for; whatever else is asked counts as everything."""

    def __init__(self, definitions: Definitions):
        self._definitions = definitions
        self.seen: dict[str, Module | None] = {}
        self.whole = False

    def module(self, name: str) -> Module | None:
        found = self.seen[name] = self._definitions.module(name)
        return found

    @property
    def modules(self) -> "_Modules":
        return _Modules(self)

    def module_of(self, field: Field) -> Module | None:
        found = self._definitions.module_of(field)
        if found is None:
            self.whole = True
        else:
            self.seen[found.name] = found
        return found

    def __getattr__(self, name: str) -> Any:
        self.whole = True
        return getattr(self._definitions, name)


class _Modules:
    """The modules by name: who asks for one has seen one, who goes through them has seen all."""

    def __init__(self, watched: Watched):
        self._watched = watched

    def get(self, name: str) -> Module | None:
        self._watched.module(name)
        return self._watched._definitions.modules.get(name)

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __getitem__(self, name: str) -> Module:
        self._watched.module(name)
        return self._watched._definitions.modules[name]

    def __iter__(self) -> Any:
        self._watched.whole = True
        return iter(self._watched._definitions.modules)

    def __getattr__(self, name: str) -> Any:
        self._watched.whole = True
        return getattr(self._watched._definitions.modules, name)


def kept(noun: Any, name: str, definitions: Definitions, catalogue: Any, make: Callable[[Any], Answer],
         *, home: Module | None = None, worth: Callable[[Answer], bool] = lambda _answer: True) -> Answer:
    """What `make(watched definitions)` answers about a document, or a field of `home`. worth: only such answers are kept."""
    known = noun.__dict__.get(name)
    if known is not None and known[0] is catalogue and all(definitions.module(each) is module for each, module in known[1]):
        return known[2]  # type: ignore[no-any-return]
    watched = Watched(definitions)
    if home is not None:
        watched.seen[home.name] = home
    answer = make(watched)
    if not watched.whole and worth(answer):
        noun.__dict__[name] = (catalogue, tuple(watched.seen.items()), answer)
    return answer
