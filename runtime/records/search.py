"""Search over every module at once: the beginnings of words, with accents folded, in what the actor may read."""
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from metadata.model.module import Module
from runtime.db.transaction import reading
from runtime.records.people import PEOPLE
from runtime.records.plan import Query, typed
from runtime.records.plan import where as rows_of
from runtime.security import policy
from runtime.tables import published
from runtime.values import Actor

MOST_CANDIDATES = 100


@dataclass(frozen=True)
class Hit:
    """module; id; title: the record's name; meta: another search field that is filled, for telling two apart."""
    module: Module
    id: int
    title: str
    meta: str | None


@dataclass(frozen=True)
class Group:
    module: Module
    hits: list[Hit]
    more: bool


def search(actor: Actor, text: str, *, modules: tuple[str, ...] | None = None, limit: int = 5,
           criteria: Any = None) -> list[Group]:
    """Groups in menu order, best hits first: those whose name begins with the words. One SQL statement for all modules."""
    text = typed(text)
    if not any(character.isalnum() for character in text):
        return []
    now = published.current()
    wanted = [module for module in sorted(now.definitions.modules.values(), key=lambda module: (module.position, module.name))
              if (modules is None or module.name in modules) and module.search_fields
              and policy.may(actor, "read", module) and module.name_field in policy.readable(actor, module)]
    parts = [_part(actor, module, text, limit + 1, criteria) for module in wanted]
    if not parts:
        return []
    with reading() as connection:
        rows = connection.execute(parts[0] if len(parts) == 1 else sa.union_all(*parts)).all()
    found: dict[str, list[Hit]] = {}
    by_name = {module.name: module for module in wanted}
    for row in rows:
        found.setdefault(row.module, []).append(Hit(by_name[row.module], row.id, row.title or f"#{row.id}", row.meta))
    return [Group(module, found[module.name][:limit], len(found[module.name]) > limit)
            for module in wanted if module.name in found]


def _part(actor: Actor, module: Module, text: str, limit: int, criteria: Any) -> Any:
    """One module's best hits: a bounded number of candidates, those that begin with the words before the others."""
    scope, where = rows_of(actor, Query(module.name, criteria=criteria, text=text))
    readable = policy.readable(actor, module)
    others = [name for name in module.search_fields if name != module.name_field and name in readable]
    meta = sa.func.coalesce(*[sa.cast(scope.column((name,)), sa.Text) for name in others]) if others else sa.null()
    candidates = (sa.select(scope.table.c.id.label("id"), sa.cast(scope.column((module.name_field,)), sa.Text).label("title"),
                            sa.cast(meta, sa.Text).label("meta"))
                  .select_from(scope.source()).where(*where).limit(MOST_CANDIDATES)).subquery()
    begins = sa.func.starts_with(sa.func.house.words(candidates.c.title), sa.func.house.words(text))
    best = (sa.select(sa.literal(module.name).label("module"), candidates.c.id, candidates.c.title, candidates.c.meta)
            .order_by(begins.desc(), candidates.c.id.desc()).limit(limit)).subquery()
    return sa.select(best)


def options(actor: Actor, module: str, text: str, limit: int = 12, criteria: Any = None) -> list[Hit]:
    """Choices for a lookup's type-ahead: matching records, or the newest where nothing is typed yet."""
    now = published.current()
    if module == "users":
        return people(text, limit)
    target = now.module(module)
    policy.require(actor, "read", target)
    if any(character.isalnum() for character in text):
        groups = search(actor, text, modules=(module,), limit=limit, criteria=criteria)
        return groups[0].hits if groups else []
    scope, where = rows_of(actor, Query(module, criteria=criteria))
    title = scope.column((target.name_field,)) if target.name_field in policy.readable(actor, target) else sa.null()
    with reading() as connection:
        rows = connection.execute(sa.select(scope.table.c.id, sa.cast(title, sa.Text).label("title"))
                                  .select_from(scope.source()).where(*where).order_by(scope.table.c.id.desc()).limit(limit)).all()
    return [Hit(target, row.id, row.title or f"#{row.id}", None) for row in rows]


def people(text: str, limit: int = 12, active_only: bool = True) -> list[Hit]:
    """People by the beginning of any word of their name or address."""
    person = published.current().table("users")
    where = [person.c.active.is_(True)] if active_only else []
    if any(character.isalnum() for character in text):
        words = sa.func.to_tsvector(sa.literal_column("'simple'::regconfig"),
                                    sa.func.house.words(sa.func.concat_ws(" ", person.c.name, person.c.email)))
        where.append(words.op("@@")(sa.func.house.prefixes(typed(text))))
    with reading() as connection:
        rows = connection.execute(sa.select(person.c.id, person.c.name, person.c.email).where(*where)
                                  .order_by(person.c.name).limit(limit)).all()
    return [Hit(PEOPLE, row.id, row.name, row.email) for row in rows]
