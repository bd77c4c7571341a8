"""Field access: which fields of a module a set of roles may read and which it may change.

A computed field (formula, roll-up) may be read only where everything it is computed from may be, unless its designer
marked it "publish the result". Its type says what that is: `inputs(field) -> paths`, "amount", "account.industry",
or "deals:amount" for a field of another module.
"""
from collections.abc import Callable

from metadata.model.field import Field
from metadata.model.module import Module
from runtime.security.roles import EDIT, HIDDEN, NO, Grant
from runtime.tables.published import Published

MODULE_MARK = ":"
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
        inputs = getattr(self._published.type(field), "inputs", None)
        if inputs is None:
            return True
        below = above | {(module.name, field.name)}
        return all(self._reads_path(module, path, below) for path in inputs(field))

    def _reads_path(self, module: Module, path: str, above: frozenset[tuple[str, str]]) -> bool:
        if MODULE_MARK in path:
            name, path = path.split(MODULE_MARK, 1)
            module = self._published.module(name)
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
