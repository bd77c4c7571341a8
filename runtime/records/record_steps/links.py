"""Links: a reference must point to a record that exists and that the actor may see (safety T16)."""
from collections import defaultdict
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from metadata.model.field import Field
from runtime.errors import Invalid, RuntimeProblem
from runtime.kinds.record_step import RecordStep
from runtime.locale.text import _
from runtime.records.people import PEOPLE
from runtime.security import policy
from runtime.tables import labels
from runtime.tables.kept import Kept
from runtime.tables.published import Published, current
from runtime.values import Actor, Change


class Links(RecordStep):
    name = "links"
    label = "Linked records"
    order = 50

    def guard(self, tx: Any, change: Change) -> None:
        problem, = self.guard_all(tx, [change])
        if problem is not None:
            raise problem

    def guard_all(self, tx: Any, changes: list[Change]) -> list[RuntimeProblem | None]:
        """One question for all links of all changes."""
        now = current()
        asked: dict[str, set[int]] = defaultdict(set)
        fields = now.once(("links", changes[0].module.name), lambda: _references(now, changes[0].module))
        links: list[list[tuple[Field, str, int]]] = []
        for change in changes:
            mine = []
            for field, target in fields:
                value = change.after.get(field.name)
                if value is not None and value != change.before.get(field.name) and not (
                        target == PEOPLE.name and value == change.actor.user_id):
                    mine.append((field, target, value))
                    asked[target].add(value)
            links.append(mine)
        known = _known(now, tx, changes[0].actor, asked) if asked else set()
        answers: list[RuntimeProblem | None] = []
        for mine in links:
            wrong = {field.name: [_("There is no such record for %(label)s, or it is not shared with you. Choose another.",
                                    label=labels.of_field(changes[0].module, field))]
                     for field, target, value in mine if (target, value) not in known}
            answers.append(Invalid(wrong) if wrong else None)
        return answers


def _references(now: Published, module: Any) -> list[tuple[Field, str]]:
    return [(field, target) for field in module.all_fields
            if (target := now.type(field).target(field)) and not (field.system and field.read_only)]


def _known(now: Published, tx: Any, actor: Actor, asked: dict[str, set[int]]) -> set[tuple[str, int]]:
    """The (module, id) pairs of those asked for that the actor may see."""
    targets = tuple(asked)
    kept = now.once("links asked", partial(Kept, 300))
    key = (targets, actor.everything, actor.roles, actor.user_id)
    question = kept.get(key)
    if question is None:
        question = _question(now, actor, targets)
        kept.keep(key, question)
    return set(map(tuple, tx.execute(question, {f"ids_{at}": list(asked[target]) for at, target in enumerate(targets)}).all()))


def _question(now: Published, actor: Actor, targets: tuple[str, ...]) -> sa.CompoundSelect:
    """Takes ids_0, ids_1, … as arrays, one per target."""
    parts = []
    for at, target in enumerate(targets):
        table = now.table(target)
        ids = sa.bindparam(f"ids_{at}", type_=ARRAY(sa.BigInteger))
        part = sa.select(sa.literal(target).label("module"), table.c.id).where(table.c.id == sa.any_(ids))
        if target != PEOPLE.name:
            part = part.where(table.c.deleted_at.is_(None))
            visible = policy.visible(actor, now.module(target), table)
            if visible is not None:
                part = part.where(visible)
        parts.append(part)
    return sa.union_all(*parts)
