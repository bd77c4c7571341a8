"""Duplicates: records that are probably the same as one about to be saved, by the module's duplicate rules.

Candidates come from the search index, so that looking for them costs the same in a small module and in a large one. Many rows
are looked for in one statement.
"""
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from metadata.model.duplicate_rule import DuplicateRule
from metadata.model.module import Module
from runtime.errors import Duplicates
from runtime.locale.text import _
from runtime.records import guesses
from runtime.records.likeness import agree, narrowed
from runtime.security import policy
from runtime.tables import labels
from runtime.tables.published import Published
from runtime.values import Actor, Change

MOST_LOOKED_AT = 200
MOST_TOLD = 5
MANY = 20
_SETTLE = sa.text(
    "SELECT gin_clean_pending_list(entry.indexrelid) FROM pg_index AS entry JOIN pg_class AS owner ON owner.oid = entry.indrelid "
    "JOIN pg_namespace AS space ON space.oid = owner.relnamespace JOIN pg_class AS made ON made.oid = entry.indexrelid "
    "JOIN pg_am AS kind ON kind.oid = made.relam "
    "WHERE space.nspname = 'records' AND owner.relname = :table AND kind.amname = 'gin' AND entry.indisvalid")
"""What was written lately waits in a list beside the index, which every search reads whole: ten milliseconds a row after an
import, a hundred times what the index itself takes. From MANY rows on it is put into the index first."""

_allowed: ContextVar[bool] = ContextVar("duplicates allowed", default=False)


@dataclass(frozen=True)
class Match:
    """id: of the record that is like the row; seen: whether the actor may see it; title: "" where they may not."""
    id: int
    seen: bool
    title: str

    def told(self) -> dict[str, Any]:
        return {"id": self.id, "title": self.title} if self.seen else {"id": None, "title": _("a record you cannot see")}


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
    guesses.refuse_guessing(change.actor)
    for rule in rules(now, change.module.name):
        if rule.action == "warn" and _allowed.get():
            continue
        if change.verb == "update" and not set(fields(rule)) & set(change.touched):
            continue
        found = likes(tx.connection, now, change.actor, change.module, rule, [change.after], but=change.record_id).get(0)
        if found:
            if not all(match.seen for match in found):
                guesses.answered(change.actor)
            raise Duplicates(_("This %(label)s may be there already.", label=labels.of_module(change.module)),
                             candidates=[match.told() for match in found[:MOST_TOLD]], may_save=rule.action == "warn")


def fields(rule: DuplicateRule) -> list[str]:
    return [asked["field"] for asked in rule.compare]


def said(module: Module, rule: DuplicateRule) -> str:
    """What the rule compares, for people: "Name, Company"."""
    return ", ".join(labels.of_field(module, found) for name in fields(rule) if (found := module.field(name)))


def alike(rule: DuplicateRule, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    return all(agree(asked.get("by", "folded"), mine.get(asked["field"]), theirs.get(asked["field"])) for asked in rule.compare)


def complete(rule: DuplicateRule, values: Mapping[str, Any]) -> bool:
    """Whether there is something to compare; a blank is like nothing."""
    return all(values.get(name) is not None for name in fields(rule))


def likes(connection: sa.Connection, now: Published, actor: Actor, module: Module, rule: DuplicateRule,
          rows: Sequence[Mapping[str, Any]], *, but: int | None = None) -> dict[int, list[Match]]:
    """{place of the row: records that are like it}, all of them in one statement. but: a record not to look at."""
    asked = [(at, row, words) for at, row in enumerate(rows)
             if complete(rule, row) and (words := _words(module, rule, row)) is not None]
    if not asked:
        return {}
    if len(asked) >= MANY:
        connection.execute(_SETTLE, {"table": module.name})
    named = module.name_field in policy.readable(actor, module)
    found: dict[int, list[Match]] = {}
    for row in connection.execute(_statement(now, actor, module, rule, asked, but)):
        values = row._mapping
        if alike(rule, rows[row.at], {name: values[f"f{place}"] for place, name in enumerate(fields(rule))}):
            title = (str(row.title) if named and row.title else f"#{row.id}") if row.seen else ""
            found.setdefault(row.at, []).append(Match(row.id, bool(row.seen), title))
    return found


def _words(module: Module, rule: DuplicateRule, row: Mapping[str, Any]) -> str | None:
    """What the search index is asked for; None where a value has no words."""
    parts = [narrowed(asked.get("by", "folded"), row[asked["field"]]) for asked in rule.compare
             if asked["field"] in module.search_fields]
    return " & ".join(f"({part})" for part in parts) if parts and all(parts) else None


def _statement(now: Published, actor: Actor, module: Module, rule: DuplicateRule, rows: Sequence[tuple[int, Any, str]],
               but: int | None) -> sa.Select:
    table = now.table(module.name)
    plain = [name for name in fields(rule) if name not in module.search_fields]      # compared as they are, beside the words
    places, values, words = zip(*rows, strict=True)
    given = [sa.cast(list(places), ARRAY(sa.Integer)), sa.cast(list(words), ARRAY(sa.Text)),
             *(sa.cast([row[name] for row in values], ARRAY(table.c[name].type)) for name in plain)]
    asked = sa.func.unnest(*given).table_valued(
        sa.column("at", sa.Integer), sa.column("words", sa.Text),
        *(sa.column(f"p{place}", table.c[name].type) for place, name in enumerate(plain)), name="asked").render_derived()
    visible = policy.visible(actor, module, table)
    near = sa.select(
        table.c.id, table.c[module.name_field].label("title"), (sa.true() if visible is None else visible).label("seen"),
        *(table.c[name].label(f"f{place}") for place, name in enumerate(fields(rule)))).where(
        table.c.deleted_at.is_(None), table.c.search.op("@@")(sa.func.to_tsquery("simple", asked.c.words, type_=TSQUERY)),
        *(table.c[name] == asked.c[f"p{place}"] for place, name in enumerate(plain)))
    if but is not None:
        near = near.where(table.c.id != but)
    close = near.limit(MOST_LOOKED_AT).lateral("near")
    return sa.select(asked.c.at, *close.c).select_from(asked.join(close, sa.true())).order_by(asked.c.at, close.c.id)
