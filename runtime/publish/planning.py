"""Planning: what publishing a set of definitions would do, in sentences and numbers. Nothing is touched."""
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from metadata import check, store
from metadata.changes import (
    Change,
    ChangeDocument,
    ChangeField,
    ChangeFieldType,
    RenameModule,
    RestoreField,
    RestoreModule,
    between,
)
from metadata.definitions import Definitions
from metadata.errors import Problem
from metadata.model.module import Module
from metadata.rename import carried
from runtime.db.transaction import reading, unhurried
from runtime.kinds.kind import catalogue
from runtime.publish import conditions, fields, uniqueness, value_checks
from runtime.publish.value_checks import Check
from runtime.tables import build
from runtime.tables import forecast as forecasts
from runtime.tables.conversion import Conversion
from runtime.tables.forecast import Forecast
from runtime.tables.retired import retired_columns
from runtime.tables.storage import needs_conversion, parts_of, relinked, storage
from runtime.values import Actor


@dataclass(frozen=True)
class Plan:
    """What publishing would do. Publishable when there are no problems."""
    base: int
    definitions: Definitions
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    forecasts: Mapping[str, Forecast] = field(default_factory=dict)
    """{field id: how its values convert}, for changes of type."""
    relinked: frozenset[str] = frozenset()
    """Ids of fields that point to another module from now on; their values cannot follow."""

    following: frozenset[str] = frozenset()
    """Ids of what changes only because it names something that is renamed."""

    checking: tuple[Check, ...] = ()
    """What a worker still finds out: `forecasts` lacks these fields until then."""

    @property
    def tables(self) -> set[str]:
        """What is to be held while this is carried out, as the tables are called now."""
        return {name for change in self.changes if (module := getattr(change, "module", None)) is not None
                for name in (module.name, build.retired_name(module.id), getattr(getattr(change, "before", None), "name", ""))}

    @property
    def sentences(self) -> list[str]:
        """One per change; what merely follows a rename is summed up in one."""
        told, follow = [], Counter[str]()
        for change in self.changes:
            noun = getattr(change, "field", None) or getattr(change, "document", None)
            if noun is not None and noun.id in self.following and isinstance(change, (ChangeField, ChangeDocument)):
                follow[noun.noun] += 1
            else:
                forecast = self._forecast(change)
                told.append(f"{change} {forecast}" if forecast else str(change))
        if follow:
            counts = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in sorted(follow.items()))
            told.append(f"What uses a renamed name follows: {counts}.")
        return told

    def _forecast(self, change: Change) -> str:
        changed = getattr(change, "field", None)
        forecast = self.forecasts.get(changed.id) if changed and changes_field(change) else None
        return str(forecast) if forecast else ""


@dataclass(frozen=True)
class State:
    """What is live, read at one moment."""
    number: int
    live: Definitions
    retired: Mapping[str, store.Retired]
    former: Mapping[str, Sequence[str]]

    @property
    def nouns(self) -> dict[str, Any]:
        """{id: module or field as it was}, of those that can still be brought back."""
        return {id: known.document for id, known in self.retired.items() if known.document is not None and not known.purged}


@unhurried()
def plan(definitions: Definitions, *, forecast: bool = True, progress: Callable[[str, int, int], None] | None = None) -> Plan:
    """What publishing these definitions would do; touches nothing. forecast: count the values that change type.

    progress: (field label, last id looked at, last id) meanwhile.
    """
    with reading(snapshot=True) as connection:
        state = state_of(connection)
        made = planned(definitions, state, connection if forecast else None)
        if forecast and not made.problems:
            made = replace(made, forecasts=_left_behind(connection, made) | {
                each.after.id: forecasts.forecast(connection, each, catalogue(), partial(progress, each.after.label)
                                                  if progress else None) for each in conversions_of(connection, made)})
    return made


def look(actor: Actor, definitions: Definitions, *, fresh: timedelta = value_checks.FRESH) -> Plan:
    """As `plan`, for somebody who waits: values of large modules are checked by a worker, `checking` says how far it is.

    fresh: how old a check may be where records have changed since.
    """
    with reading(snapshot=True) as connection:
        state = state_of(connection)
        made = planned(definitions, state, connection)
        if made.problems:
            return made
        told, waiting = value_checks.known(actor, connection, conversions_of(connection, made), fresh)
        return replace(made, forecasts=_left_behind(connection, made) | told, checking=waiting)


def _left_behind(connection: sa.Connection, made: Plan) -> dict[str, Forecast]:
    return {change.field.id: forecasts.left_behind(connection, change, catalogue())
            for change in made.changes if changes_field(change) and change.field.id in made.relinked}


def state_of(connection: sa.Connection) -> State:
    number, live = store.published(connection)
    return State(number, live, store.retired(connection), store.former_names(connection))


def problems_of(definitions: Definitions, retired: Mapping[str, store.Retired] | None = None) -> list[Problem]:
    """What keeps these definitions from being published: shapes, names, links, settings, formulas, conditions, defaults."""
    return check.problems(definitions, catalogue(), retired) or [
        *conditions.problems(definitions, catalogue()), *fields.problems(definitions, catalogue())]


def planned(definitions: Definitions, state: State, connection: sa.Connection | None) -> Plan:
    """With a connection the values that are there are looked at too."""
    draft = carried(state.live, definitions, catalogue(), state.former)
    problems = problems_of(draft, {**state.retired, **store.former(state.live, draft)})
    changes = () if problems else between(state.live, draft, state.nouns)
    if connection is not None:
        problems = problems or list(uniqueness.repeated(connection, changes, catalogue()))
    elsewhere = frozenset(change.field.id for change in changes if changes_field(change)
                          and relinked(change.before, change.field, state.live, draft, catalogue()))
    return Plan(state.number, draft, tuple(problems), tuple(check.warnings(draft)), tuple(changes), relinked=elsewhere,
                following=_following(state.live, definitions) if draft is not definitions else frozenset())


def _following(live: Definitions, given: Definitions) -> frozenset[str]:
    """Ids of documents and fields that say what they said before, so that only the names in them can have changed."""
    before = {document.id: document for document in live.documents.values()}
    same = {document.id for document in given.documents.values()
            if not isinstance(document, Module) and before.get(document.id) == document}
    for module in given.modules.values():
        old = live.module_by_id(module.id)
        same |= {field.id for field in module.fields if old and old.by_id.get(field.id) == field}
    return frozenset(same)


def changes_field(change: Change) -> bool:
    return isinstance(change, (ChangeField, ChangeFieldType))


def conversions_of(connection: sa.Connection, made: Plan) -> list[Conversion]:
    """The changes that need every value read and written."""
    changes = made.changes
    tables = {change.module.id: change.before.name for change in changes if isinstance(change, RenameModule)}
    tables |= {change.module.id: build.retired_name(change.module.id) for change in changes if isinstance(change, RestoreModule)}
    aside = {change.field.id for change in changes if isinstance(change, RestoreField)}
    found = []
    for change in changes:
        if (not changes_field(change) or change.field.id in made.relinked
                or not needs_conversion(change.before, change.field, catalogue())):
            continue
        table = tables.get(change.module.id, change.module.name)
        source = {part: build.part_column(change.before.name, part)
                  for part in parts_of(change.before, catalogue())}
        if change.field.id in aside:
            kept = next((row for row in retired_columns(connection, change.field.id)
                         if storage(row.field, catalogue()) == storage(change.before, catalogue())), None)
            if kept is None:
                continue
            source = dict(kept.columns)
        found.append(Conversion(change.module, table, change.before, change.field, source, change.field.id not in aside))
    return found
