"""Kind, Catalogue and discover(): how the house finds everything an admin can pick from a list.

A class that is a Kind and lies in a folder named after its family is in the catalogue. No list to edit.
"""
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar


class Kind:
    """Something an admin picks from a list and sets up. One class, one file (or one folder)."""
    family: ClassVar[str]
    name: ClassVar[str]
    label: ClassVar[str]
    settings_schema: ClassVar[dict[str, Any]] = {"type": "object", "additionalProperties": False}


class UnknownKind(LookupError):
    """No kind of that name; the message lists the known ones."""


class Catalogue:
    """Every kind, by family and name."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, Any]] = {}
        self._places: dict[tuple[str, str], str] = {}

    def add(self, family: str, kind: Any, place: str) -> None:
        """Raises ValueError naming both files when a name is taken."""
        known = self._kinds.setdefault(family, {})
        if kind.name in known:
            raise ValueError(f"Two {family} are named '{kind.name}': {self._places[family, kind.name]} and {place}.")
        known[kind.name] = kind
        self._places[family, kind.name] = place

    def get(self, family: str, name: str) -> Any:
        try:
            return self._kinds[family][name]
        except KeyError:
            known = ", ".join(sorted(self._kinds.get(family, ()))) or "none"
            raise UnknownKind(f"No {family} named '{name}'. Known: {known}.") from None

    def has(self, family: str, name: str) -> bool:
        return name in self._kinds.get(family, {})

    def all(self, family: str) -> tuple[Any, ...]:
        """In order of name, so that nothing depends on the order of files."""
        return tuple(kind for _, kind in sorted(self._kinds.get(family, {}).items()))

    def families(self) -> tuple[str, ...]:
        return tuple(sorted(self._kinds))

    def listing(self) -> Iterator[tuple[str, str, str]]:
        """(family, name, file) of every kind; what `crm kinds` prints."""
        for family in self.families():
            for kind in self.all(family):
                yield family, kind.name, self._places[family, kind.name]


def discover(*packages: str, folders: tuple[Path, ...] = ()) -> Catalogue:
    """Walk packages once and collect every kind that lies in a folder named after its family.

    folders: extra places, each holding family folders of plain files (a deployment's own kinds; tests).
    """
    catalogue = Catalogue()
    families = _families()
    for package in packages:
        root = importlib.import_module(package)
        for found in pkgutil.walk_packages(root.__path__, prefix=f"{package}."):
            parts = found.name.split(".")
            if families.intersection(parts[:-1]):
                _collect(catalogue, importlib.import_module(found.name), parts)
    for folder in folders:
        for file in sorted(folder.glob("*/*.py")):
            spec = importlib.util.spec_from_file_location(f"own_kinds.{file.parent.name}.{file.stem}", file)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            _collect(catalogue, module, ["own_kinds", file.parent.name, file.stem])
    return catalogue


def _families() -> frozenset[str]:
    """The families whose contracts lie beside this file; only modules in a folder of such a name are imported."""
    for found in pkgutil.iter_modules([str(Path(__file__).parent)]):
        importlib.import_module(f"{__package__}.{found.name}")
    waiting, names = list(Kind.__subclasses__()), set()
    while waiting:
        contract = waiting.pop()
        names.add(getattr(contract, "family", None))
        waiting.extend(contract.__subclasses__())
    return frozenset(names - {None})


def _collect(catalogue: Catalogue, module: Any, parts: list[str]) -> None:
    for _, member in inspect.getmembers(module, inspect.isclass):
        own = issubclass(member, Kind) and member.__module__ == module.__name__ and "name" in vars(member)
        if own and member.family in parts[:-1]:
            catalogue.add(member.family, member(), module.__file__)


_current: Catalogue | None = None


def use(catalogue: Catalogue) -> None:
    """Make this the process's catalogue. Called once by the roof (and by tests)."""
    global _current
    _current = catalogue


def catalogue() -> Catalogue:
    """The process's catalogue; the runtime's own kinds when the roof has not said otherwise."""
    global _current
    if _current is None:
        _current = discover("runtime")
    return _current
