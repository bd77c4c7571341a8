"""Duplicates: records that are probably the same as one about to be saved, by the module's duplicate rules.

Candidates come from the search index, so that looking for them costs the same in a small module and in a large one.
"""
import difflib
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa

from metadata.model.duplicate_rule import DuplicateRule
from runtime.errors import Duplicates
from runtime.locale.text import _
from runtime.security import policy
from runtime.tables import labels
from runtime.tables.published import Published
from runtime.values import Change

MOST_LOOKED_AT = 200
MOST_TOLD = 5
ALIKE = 0.85
"""How alike two texts must be, as sets of words and letter by letter, to count as similar."""

_allowed: ContextVar[bool] = ContextVar("duplicates allowed", default=False)


@contextmanager
def allowed(yes: bool = True) -> Iterator[None]:
    """What is saved inside was looked at: a rule that warns lets it pass; one that blocks does not."""
    token = _allowed.set(yes or _allowed.get())
    try:
        yield
    finally:
        _allowed.reset(token)


def rules(now: Published, module: str) -> list[DuplicateRule]:
    return [rule for rule in now.definitions.of(DuplicateRule, module) if rule.active]


def refuse(tx: Any, now: Published, change: Change) -> None:
    """Raises Duplicates naming the likely ones; those the actor may not see are told of without their name."""
    for rule in rules(now, change.module.name):
        names = [asked["field"] for asked in rule.compare]
        if rule.action == "warn" and _allowed.get():
            continue
        if change.verb == "update" and not set(names) & set(change.touched):
            continue
        if any(change.after.get(name) is None for name in names):
            continue
        found = _like(tx, now, change, rule)
        if found:
            raise Duplicates(_("This %(label)s may be there already.", label=labels.of_module(change.module)),
                             candidates=found, may_save=rule.action == "warn")


def _like(tx: Any, now: Published, change: Change, rule: DuplicateRule) -> list[dict[str, Any]]:
    module, table = change.module, now.table(change.module.name)
    title = module.name_field
    visible = policy.visible(change.actor, module, table)
    columns = [table.c.id, table.c[title].label("title"), (sa.true() if visible is None else visible).label("seen"),
               *(table.c[asked["field"]].label(f"f{at}") for at, asked in enumerate(rule.compare))]
    asked = sa.select(*columns).where(table.c.deleted_at.is_(None), *_near(table, rule, change.after)).limit(MOST_LOOKED_AT)
    if change.record_id is not None:
        asked = asked.where(table.c.id != change.record_id)
    named = title in policy.readable(change.actor, module)
    found = []
    for row in tx.execute(asked):
        values = row._mapping
        if all(agree(one.get("by", "folded"), change.after[one["field"]], values[f"f{at}"]) for at, one in enumerate(rule.compare)):
            seen = bool(row.seen)
            found.append({"id": row.id, "title": str(row.title) if named and row.title else f"#{row.id}"} if seen
                         else {"id": None, "title": _("a record you cannot see")})
    return found[:MOST_TOLD]


def _near(table: Any, rule: DuplicateRule, values: Mapping[str, Any]) -> Iterator[sa.ColumnElement]:
    """What the search index can narrow down: records with the words of each field, or with any of them where similar will do."""
    for asked in rule.compare:
        text = str(values[asked["field"]])
        if asked.get("by") == "similar":
            yield sa.or_(*(table.c.search.op("@@")(sa.func.house.prefixes(word)) for word in words(text)[:6]))
        else:
            yield table.c.search.op("@@")(sa.func.house.prefixes(text))


def agree(by: str, mine: Any, theirs: Any) -> bool:
    if theirs is None:
        return False
    if by == "exact":
        return bool(mine == theirs)
    mine, theirs = words(str(mine)), words(str(theirs))
    if by == "folded":
        return mine == theirs
    shared = len(set(mine) & set(theirs)) / max(1, len(set(mine) | set(theirs)))
    return max(shared, difflib.SequenceMatcher(None, " ".join(sorted(mine)), " ".join(sorted(theirs))).ratio()) >= ALIKE


def words(text: str) -> list[str]:
    """Small letters without accents, cut at what is no letter or digit."""
    plain = "".join(letter for letter in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(letter))
    return "".join(letter if letter.isalnum() else " " for letter in plain.replace("đ", "d")).split()
