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
        self.published = published
        live = getattr(published, "live", None)
        self._live = FieldAccess(live, grant_of) if live is not None else None
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
        if not self._was_read(module, field):
            return False
        if field.publish_result and self._is_published(module, field):
            return True
        below = above | {(module.name, field.name)}
        return all(self._reads_path(home, path, below) for home, path in self._inputs(module, field))

    def _is_published(self, module: Module, field: Field) -> bool:
        """What a draft marks "publish the result", or computes otherwise, tells nobody anything before it is live."""
        if self._live is None:
            return True
        _home, before = self._before(module, field)
        return before is not None and before.publish_result and before.settings == field.settings

    def _was_read(self, module: Module, field: Field) -> bool:
        """A draft shows the values that are stored: what was computed from more than it says itself stays as it is read live."""
        if self._live is None or not self.published.type(field).stored:
            return True
        home, before = self._before(module, field)
        return home is None or before is None or before.name in self._live.readable(home)

    def _before(self, module: Module, field: Field) -> tuple[Module | None, Field | None]:
        """The same field as it is live, where this looks at a draft."""
        home = self._live.published.definitions.module_by_id(module.id) if self._live else None
        return home, home.by_id.get(field.id) if home else None

    def _inputs(self, module: Module, field: Field) -> Iterator[tuple[Module, str]]:
        """What a computed field is computed from, as paths of this module or, for a roll-up, of the one it counts."""
        kind = self.published.type(field)
        if text := kind.expression(field):
            for parts in expression.names(expression.parse(text)):
                yield module, ".".join(parts)
        if watched := kind.watches(field):
            yield module, watched
        if over := kind.rolls_up(field):
            children = self.published.module(over.module)
            for path in (over.field, over.of, *(criteria.paths(over.criteria) if over.criteria else ())):
                if path:
                    yield children, path

    def _reads_path(self, module: Module, path: str, above: frozenset[tuple[str, str]]) -> bool:
        first, _, rest = path.partition(".")
        field = module.field(first)
        if field is None or not self._reads(module, field, above):
            return False
        target = self.published.type(field).target(field) if rest else None
        return target is None or self._reads_path(self.published.module(target), rest, above)

    def _writes(self, module: Module, field: Field) -> bool:
        if module.name == PEOPLE or field.read_only or not self.published.type(field).writable:
            return False
        grant = self._grant_of(module)
        if not grant.create and grant.edit == NO:
            return False
        if field.name == "owner" and field.system and not grant.give:
            return False
        if grant.write_levels.get(field.id, EDIT) != EDIT:
            return False
        return grant.read == NO or field.name in self.readable(module)
