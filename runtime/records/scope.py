"""Scope: where a condition, a column or a group finds its SQL column, as one actor may see it.

Every path of every clause is resolved here and nowhere else (safety D1): each hop asks whether the actor may read the
field, and joins the next module through that module's own row rule.
"""
from typing import Any

import sqlalchemy as sa

from metadata import expression
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.errors import BadQuery, unknown_field
from runtime.locale.text import _
from runtime.records.people import PEOPLE, READABLE
from runtime.security import policy
from runtime.tables import expressions, labels
from runtime.tables.published import Published
from runtime.values import Actor, Moment

MOST_HOPS = 5
MOST_JOINS = 25


class Scope:
    """A module's table and one LEFT JOIN per hop. Fields inside a formula that was itself allowed are not asked again."""

    def __init__(self, published: Published, actor: Actor, module: Module, moment: Moment):
        self.published, self.actor, self.module, self.moment = published, actor, module, moment
        self.table = published.table(module.name)
        self._joined: dict[tuple[str, ...], tuple[Any, Module, Any]] = {}
        self._inside_formula: list[str] = []

    # What conditions and formulas ask

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement:
        """The value of a path. A link to a record that is deleted or not for this actor is empty (safety T17)."""
        table, module, field, part = self._find(path)
        kind = self.published.type(field)
        if not kind.stored:
            return self._formula(path, module, field, kind)
        if part not in kind.columns(field):
            raise _unknown(path)
        target = kind.target(field)
        if target in (None, PEOPLE.name) or part or self._inside_formula or self.actor.user_id is None:
            return table.c[f"{field.name}__{part}" if part else field.name]
        return self._join(path, table, field, target)[0].c.id

    def stored(self, path: tuple[str, ...]) -> sa.ColumnElement:
        """The column itself, for asking whether anything is there: a link that leads nowhere for this actor is one still."""
        table, _, field, part = self._find(path)
        if not self.published.type(field).stored:
            return self.column(path)
        return table.c[f"{field.name}__{part}" if part else field.name]

    def field(self, path: tuple[str, ...]) -> Field:
        return self._find(path)[2]

    def part(self, path: tuple[str, ...]) -> str:
        return self._find(path)[3]

    def type(self, path: tuple[str, ...]) -> Any:
        """The expression type a path speaks, or None where it cannot be named."""
        _, _, field, part = self._find(path)
        return self.published.type(field).part_speaks(field, part)

    def label(self, path: tuple[str, ...]) -> sa.ColumnElement | None:
        """The name of the record a reference points to; None where the actor may not read names there."""
        _, _, field, part = self._find(path)
        target = self.published.type(field).target(field)
        if target is None or part:
            return None
        module = self._target(target)
        if module.name_field not in self._readable(module) or len(path) > MOST_HOPS:
            return None
        return self.column((*path, module.name_field))

    def source(self) -> sa.FromClause:
        """FROM: the table and every join asked for so far."""
        source: sa.FromClause = self.table
        for joined, _module, condition in self._joined.values():
            source = source.outerjoin(joined, condition)
        return source

    def rows(self, verb: str = "read", deleted: bool = False) -> list[sa.ColumnElement]:
        """The row rule of the module itself: conditions to be joined with AND."""
        conditions = [self.table.c.deleted_at.is_not(None) if deleted else self.table.c.deleted_at.is_(None)]
        visible = policy.visible(self.actor, self.module, self.table, verb)
        if visible is not None:
            conditions.append(visible)
        return conditions

    # How a path is walked

    def _find(self, path: tuple[str, ...]) -> tuple[Any, Module, Field, str]:
        """(table, module, field, part) of a path; every field on the way must be readable."""
        if not path or len(path) > MOST_HOPS + 2:
            raise BadQuery(_("A path may take at most %(most)s steps: '%(path)s'.", most=MOST_HOPS, path=".".join(path)))
        table, module = self.table, self.module
        walked: tuple[str, ...] = ()
        for at, name in enumerate(path):
            field = module.field(name)
            if field is None or not (self._inside_formula or name in self._readable(module)):
                raise _unknown(path)
            rest = path[at + 1:]
            kind = self.published.type(field)
            if not rest:
                return table, module, field, ""
            if len(rest) == 1 and rest[0] in kind.columns(field):
                return table, module, field, rest[0]
            target = kind.target(field)
            if target is None:
                raise _unknown(path)
            walked = (*walked, name)
            table, module = self._join(walked, table, field, target)
        raise _unknown(path)

    def _join(self, walked: tuple[str, ...], table: Any, field: Field, target: str) -> tuple[Any, Module]:
        if walked not in self._joined:
            if sum(len(hops) > 1 for hops in self._joined) >= MOST_JOINS:      # a module's own links bound themselves
                raise BadQuery(_("This asks for more than %(most)s linked records at once.", most=MOST_JOINS))
            module = self._target(target)
            joined = self.published.table(target).alias("_".join(walked)[:50] + f"_{len(self._joined)}")
            condition = joined.c.id == table.c[field.name]
            if module is not PEOPLE:
                condition &= joined.c.deleted_at.is_(None)
                visible = policy.visible(self.actor, module, joined)
                if visible is not None:
                    condition &= visible
            self._joined[walked] = (joined, module, condition)
        joined, module, _condition = self._joined[walked]
        return joined, module

    def _target(self, name: str) -> Module:
        return PEOPLE if name == PEOPLE.name else self.published.module(name)

    def _readable(self, module: Module) -> frozenset[str]:
        return READABLE if module is PEOPLE else policy.readable(self.actor, module)

    def _formula(self, path: tuple[str, ...], module: Module, field: Field, kind: Any) -> sa.ColumnElement:
        if len(self._inside_formula) > 8:
            raise BadQuery(_("The formula '%(label)s' leans on too many other formulas.", label=labels.of_field(module, field)))
        text = kind.expression(field)
        node = self.published.once(("formula", text), lambda: expression.parse(text))
        self._inside_formula.append(field.name)
        try:
            return expressions.as_sql(node, _Behind(self, path[:-1]))
        finally:
            self._inside_formula.pop()


class _Behind:
    """The same scope as a formula sees it that lives behind a few hops."""

    def __init__(self, scope: Scope, hops: tuple[str, ...]):
        self._scope, self._hops = scope, hops
        self.moment = scope.moment

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement:
        return self._scope.column(self._hops + path)

    def type(self, path: tuple[str, ...]) -> Any:
        return self._scope.type(self._hops + path)

    def field(self, path: tuple[str, ...]) -> Field:
        return self._scope.field(self._hops + path)


def _unknown(path: tuple[str, ...]) -> BadQuery:
    return unknown_field(".".join(path), _("There is no field '%(path)s' here that you can use.", path=".".join(path)))
