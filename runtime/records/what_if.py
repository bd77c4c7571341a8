"""What if this draft were published: which of the records there are could then not be saved as they are, and whose.

Nothing is written. Every what-if (what_ifs/) turns changes into questions; each is counted in one statement over the live
tables seen through the draft, as the record pipeline would see them: by the house, whoever asks. Who asks is shown examples
of records they may see, and nothing that is told by fields they may not; who designs only some nouns counts only those.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from metadata.definitions import Definitions
from runtime.db import clock
from runtime.db.transaction import reading
from runtime.errors import RuntimeProblem
from runtime.kinds.kind import catalogue
from runtime.kinds.what_if import Question
from runtime.locale.text import _
from runtime.records.people import PEOPLE
from runtime.records.scope import Scope
from runtime.security import policy
from runtime.tables import preview, published
from runtime.values import HOUSE, Actor

EXAMPLES = 20
MOST_OWNERS = 50
PATIENCE = 10_000
"""Milliseconds one count may take; on millions of records a finding then says that it could not be counted."""


@dataclass(frozen=True)
class Example:
    id: int
    title: str


@dataclass(frozen=True)
class Owner:
    """id and name: None for records that nobody owns."""
    id: int | None
    name: str | None
    count: int


@dataclass(frozen=True)
class Finding:
    """The answer to one question. count: None where it took too long; total: how many records there are.

    refuses: False where only a value that is shown changes. module: as the draft calls it; live: as it is called now.
    """
    kind: str
    id: str
    path: str
    module: str
    live: str
    label: str
    says: str
    refuses: bool
    count: int | None
    total: int | None
    examples: tuple[Example, ...] = ()
    owners: tuple[Owner, ...] = ()
    problem: str = ""


def what_if(definitions: Definitions, *, actor: Actor = HOUSE, only: Sequence[str] = (), patience: int = PATIENCE) -> list[Finding]:
    """Of every change in a sound draft that may matter to records, those it touches first. only: ids of documents and fields."""
    live = published.current()
    with preview.shown(definitions, live) as now:
        asked = [question for kind in catalogue().all("what_ifs") for question in kind.questions(live.definitions, definitions)
                 if not only or question.id in only]
        found = [answer(question, now, actor, patience) for question in asked]
    return sorted(found, key=lambda each: (not each.refuses, -(each.count if each.count is not None else 1)))


def answer(question: Question, now: Any, actor: Actor = HOUSE, patience: int = PATIENCE) -> Finding:
    """One question, asked of the records seen through `now`."""
    module = now.module(question.module)
    old = now.live.definitions.module_by_id(module.id) if isinstance(now, preview.Preview) else module
    known = {"kind": question.kind, "id": question.id, "path": question.path, "module": module.name,
             "live": old.name if old else "", "label": question.label, "says": question.says, "refuses": question.refuses}
    if old is None:
        return Finding(**known, count=0, total=0)
    moment = actor.moment(clock.now())
    try:
        question.condition(Scope(now, actor, module, moment))
    except RuntimeProblem:
        return Finding(**known, count=None, total=None, problem=_("This asks about fields that your role does not show you."))
    partly = policy.buildable(actor) is not None
    scope = HouseScope(now, actor if partly else HOUSE, module, moment)      # nor what stands behind links
    condition = question.condition(scope)
    table, named = scope.table, module.name_field in policy.readable(actor, module)
    title = scope.column((module.name_field,)) if named else sa.cast(sa.null(), sa.Text)
    rows, mine = [*scope.rows(), condition], policy.visible(actor, module, table)
    seen = [table.c.deleted_at.is_(None)]
    if partly and mine is not None:
        rows, seen = [*rows, mine], [*seen, mine]       # who cannot publish every rule does not learn by rules what others have
    counted = (sa.select(table.c.owner, sa.func.count()).select_from(scope.source()).where(*rows).group_by(table.c.owner)
               .order_by(sa.func.count().desc()))
    first = sa.select(table.c.id, title).select_from(scope.source()).where(
        *rows, *([] if mine is None else [mine])).order_by(table.c.id).limit(EXAMPLES)
    whole = sa.select(sa.func.count()).select_from(table).where(*seen)
    try:
        with reading(snapshot=True) as connection, connection.begin_nested():
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(patience)}")
            by_owner = connection.execute(counted).all()
            examples = connection.execute(first).all()
            total = connection.scalar(whole)
            names = _names(connection, [owner for owner, _count in by_owner[:MOST_OWNERS] if owner is not None])
            connection.exec_driver_sql("SET LOCAL statement_timeout TO DEFAULT")
    except sa.exc.OperationalError as problem:
        if getattr(problem.orig, "sqlstate", "") != "57014":
            raise
        return Finding(**known, count=None, total=None, problem=_("There are too many records to count this while you wait."))
    return Finding(**known, count=sum(count for _owner, count in by_owner), total=total,
                   examples=tuple(Example(id, str(name) if name is not None else f"#{id}") for id, name in examples),
                   owners=tuple(Owner(owner, names.get(owner), count) for owner, count in by_owner[:MOST_OWNERS]))


def _names(connection: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    people = published.current().table(PEOPLE.name)
    if not ids:
        return {}
    return {row.id: row.name for row in connection.execute(sa.select(people.c.id, people.c.name).where(people.c.id.in_(ids)))}


class HouseScope(Scope):
    """What the pipeline's rules know: everything, but nothing of people beyond who they are (records/facts.py)."""

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement:
        module = self._find(path)[1]
        return sa.cast(sa.null(), super().column(path).type) if module is PEOPLE else super().column(path)
