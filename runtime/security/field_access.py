"""Field access: which fields of a module a set of roles may read and which it may change.

A computed field (formula, roll-up, since) may be read only where everything it is computed from may be, unless its designer
marked it "publish the result".
"""
from collections.abc import Callable, Iterator

from metadata import criteria, expression
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.security.roles import EDIT, HIDDEN, NO, Grant
from runtime.tables.published import Published

PEOPLE = "users"


class FieldAccess:
    """Readable and editable fields, per module, for one published version; `grant_of` says what the roles allow."""

    def __init__(self, published: Published, grant_of: Callable[[Module], Grant]) -> None:
        self._published = published
        self._grant_of = grant_of
        self._readable: dict[str, frozenset[str]] = {}
        self._editable: dict[str, frozenset[str]] = {}

    def readable(self, module: Module) -> frozenset[str]:
        known = self._readable.get(module.name)
        if known is None:
            known = frozenset(field.name for field in module.all_fields if self._reads(module, field, frozenset()))
            self._readable[module.name] = known
        return known

    def editable(self, module: Module) -> frozenset[str]:
        known = self._editable.get(module.name)
        if known is None:
            known = frozenset(field.name for field in module.all_fields if self._writes(module, field))
            self._editable[module.name] = known
        return known

    def _reads(self, module: Module, field: Field, above: frozenset[tuple[str, str]]) -> bool:
        """above: the computed fields that led here; a circle among them is refused at publishing and unreadable here."""
        if module.name == PEOPLE:
            return True
        grant = self._grant_of(module)
        if grant.read == NO or (module.name, field.name) in above:
            return False
        if field.name == "id":
            return True
        if grant.read_levels.get(field.id, EDIT) == HIDDEN:
            return False
        if field.publish_result:
            return True
        below = above | {(module.name, field.name)}
        return all(self._reads_path(home, path, below) for home, path in self._inputs(module, field))

    def _inputs(self, module: Module, field: Field) -> Iterator[tuple[Module, str]]:
        """What a computed field is computed from, as paths of this module or, for a roll-up, of the one it counts."""
        kind = self._published.type(field)
        if text := kind.expression(field):
            for parts in expression.names(expression.parse(text)):
                yield module, ".".join(parts)
        if watched := kind.watches(field):
            yield module, watched
        if over := kind.rolls_up(field):
            children = self._published.module(over.module)
            for path in (over.field, over.of, *(criteria.paths(over.criteria) if over.criteria else ())):
                if path:
                    yield children, path

    def _reads_path(self, module: Module, path: str, above: frozenset[tuple[str, str]]) -> bool:
        first, _, rest = path.partition(".")
        field = module.field(first)
        if field is None or not self._reads(module, field, above):
            return False
        target = self._published.type(field).target(field) if rest else None
        return target is None or self._reads_path(self._published.module(target), rest, above)

    def _writes(self, module: Module, field: Field) -> bool:
        if module.name == PEOPLE or field.read_only or not self._published.type(field).writable:
            return False
        grant = self._grant_of(module)
        if not grant.create and grant.edit == NO:
            return False
        if field.name == "owner" and field.system and not grant.give:
            return False
        if grant.write_levels.get(field.id, EDIT) != EDIT:
            return False
        return grant.read == NO or field.name in self.readable(module)

