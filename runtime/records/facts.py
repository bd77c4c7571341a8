"""Facts: what a condition needs to know about a record in hand: its values, its formulas, and what its links say."""
from collections.abc import Callable, Mapping
from typing import Any

from metadata import criteria, expression
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.errors import BadQuery, NotFound
from runtime.locale.text import _
from runtime.records import query
from runtime.records.people import PEOPLE
from runtime.tables import expressions
from runtime.tables.published import Published
from runtime.values import HOUSE, Actor, Moment

Path = tuple[str, ...]


class ValueScope:
    """Types of paths for conditions over values in hand; no actor, because the house asks."""

    def __init__(self, now: Published, module: Module):
        self.now, self.module = now, module

    def field(self, path: Path) -> Field:
        return self.find(path)[0]

    def part(self, path: Path) -> str:
        return self.find(path)[1]

    def type(self, path: Path) -> Any:
        try:
            field, part = self.find(path)
        except NotFound:
            return None
        return self.now.type(field).part_speaks(field, part)

    def find(self, path: Path) -> tuple[Field, str]:
        module = self.module
        for at, name in enumerate(path):
            field = module.field(name)
            if field is None:
                break
            kind, rest = self.now.type(field), path[at + 1:]
            if not rest:
                return field, ""
            if len(rest) == 1 and rest[0] in kind.columns(field):
                return field, rest[0]
            target = kind.target(field)
            if target is None:
                break
            module = PEOPLE if target == PEOPLE.name else self.now.module(target)
        raise NotFound(_("There is no field '%(path)s'.", path=".".join(path)))


class Facts:
    """Built once per set of conditions and published version; `gather` costs one read per link that is named."""

    def __init__(self, now: Published, module: Module, paths: set[Path]):
        self.now, self.module = now, module
        self.scope = ValueScope(now, module)
        self.formulas: list[tuple[str, frozenset[str], Callable[[Mapping[str, Any], Moment], Any]]] = []
        self.behind: dict[str, tuple[str, list[str]]] = {}
        self.fields = {path[0] for path in paths}
        """The module's own fields it begins at, those that formulas read included."""
        for path in sorted(paths):
            self._need(path, ())
        self.fields |= {each.split(".")[0] for _name, inputs, _compute in self.formulas for each in inputs}

    def _need(self, path: Path, waiting: tuple[str, ...]) -> None:
        field = self.module.field(path[0])
        if field is None or field.name in waiting:
            return
        kind = self.now.type(field)
        if len(path) == 1:
            text = kind.expression(field)
            if text is not None and field.name not in [formula[0] for formula in self.formulas]:
                node = self.now.once(("formula", text), lambda: expression.parse(text))
                inputs = expression.names(node)
                for inner in inputs:
                    self._need(inner, (*waiting, field.name))
                named = frozenset(".".join(inner) for inner in inputs)
                self.formulas.append((field.name, named, expressions.as_python(node, self.scope)))
        elif path[1] not in kind.columns(field) and kind.target(field) is not None:
            _target, wanted = self.behind.setdefault(field.name, (kind.target(field), []))
            if ".".join(path[1:]) not in wanted:
                wanted.append(".".join(path[1:]))

    def gather(self, values: Mapping[str, Any], moment: Moment, actor: Actor = HOUSE) -> dict[str, Any]:
        """The record's values, and beside them every fact that was asked for; behind links, what the actor may see."""
        known = dict(values)
        for name, (target, wanted) in self.behind.items():
            seen = _linked(actor, target, values.get(name), wanted)
            for path in wanted:
                known[f"{name}.{path}"] = seen.get(path)
        for name, inputs, compute in self.formulas:
            if name not in values or inputs <= known.keys():        # else it was read already, and its inputs were not
                known[name] = compute(known, moment)
        return known


def _linked(actor: Actor, target: str, record_id: Any, wanted: list[str]) -> Mapping[str, Any]:
    if record_id is None or target == PEOPLE.name:
        return {}
    try:
        return query.one(actor, target, record_id, wanted).values
    except (BadQuery, NotFound):
        return {}


def paths_of(condition: Any) -> set[Path]:
    """The paths a criteria tree or {"expression": text} names."""
    return {tuple(path.split(".")) for path in criteria.paths(condition)}
