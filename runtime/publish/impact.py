"""Impact: what a plan would do to the records there are. How each step is carried out, how many rows it touches, how long
it may take, what uses what goes, and the hazards that somebody has to tick first."""
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from metadata import check, store, take_out
from metadata.changes import (
    AddField,
    Change,
    ChangeDocument,
    ChangeField,
    ChangeFieldType,
    RenameField,
    RenameModule,
    RetireDocument,
    RetireField,
    RetireModule,
)
from metadata.definitions import Definitions
from metadata.model.module import Module
from metadata.model.role import Role
from runtime.db.transaction import reading
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, ngettext
from runtime.publish.service import Plan
from runtime.tables import build, labels
from runtime.tables.forecast import Forecast
from runtime.tables.storage import parts_of

COUNTED = 100_000
"""Rows are counted up to here; above, the table's own statistics have to do."""
INDEXED, CONVERTED = 400_000, 20_000
"""Rows a second, carefully."""
LONG = 5_000
"""Values that convert: from here on a worker does it, and nobody waits for an answer."""

INSTANT, INDEX, CONVERT, NOTHING = "instant", "index", "convert", "nothing"


@dataclass(frozen=True)
class Step:
    """work: how it is carried out (INSTANT … NOTHING); rows: of the module, about; seconds: about."""
    key: str
    change: Change
    work: str
    rows: int
    seconds: float = 0.0
    forecast: Forecast | None = None


@dataclass(frozen=True)
class Hazard:
    """What cannot be undone by a click, or surprises others. samples: (record id, value), of so many."""
    key: str
    title: str
    text: str
    module: str = ""
    samples: tuple[tuple[int, str], ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Use:
    """Something that still names a field or module which goes."""
    path: str
    message: str


@dataclass(frozen=True)
class Impact:
    steps: tuple[Step, ...] = ()
    following: int = 0
    hazards: tuple[Hazard, ...] = ()

    @property
    def rows(self) -> int:
        """Rows whose values are read and written."""
        return sum(step.rows for step in self.steps if step.work == CONVERT)

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    @property
    def long(self) -> bool:
        return self.rows > LONG

    def unticked(self, ticked: Sequence[str]) -> list[Hazard]:
        return [hazard for hazard in self.hazards if hazard.key not in ticked]


def of(plan: Plan) -> Impact:
    """Reads and counts; touches nothing. Without hazards where the plan has problems: it cannot be published anyway."""
    with reading(snapshot=True) as connection:
        live = store.published(connection)[1]
        counts = _Counts(connection, live)
        told = [change for change in plan.changes if not follows(plan, change)]
        converting = {*plan.forecasts, *(each.field_id for each in plan.checking)} - plan.relinked
        steps = tuple(_step(change, counts, plan.forecasts, converting) for change in told)
        hazards = tuple(found for step in steps for found in _hazards(step, counts, plan.relinked))
    return Impact(steps, len(plan.changes) - len(told), hazards)


def follows(plan: Plan, change: Change) -> bool:
    """It changes only because it names something that is renamed."""
    return isinstance(change, (ChangeField, ChangeDocument)) and take_out.noun(change).id in plan.following


def uses(live: Definitions, changes: Sequence[Change]) -> Iterator[Use]:
    """What is live and would no longer work without the fields and modules that go: each with its reason."""
    gone = {change.field.id for change in changes if isinstance(change, RetireField)}
    modules = {change.module.path for change in changes if isinstance(change, RetireModule)}
    if not gone and not modules:
        return
    left = {}
    for path, document in live.documents.items():
        if path in modules:
            continue
        if isinstance(document, Module) and any(field.id in gone for field in document.fields):
            document = take_out.with_fields(document, [field for field in document.fields if field.id not in gone])
        left[path] = document
    for problem in check.problems(Definitions(left), catalogue()):
        yield Use(problem.path, problem.message)


def _step(change: Change, counts: "_Counts", forecasts: Mapping[str, Forecast], converting: Collection[str]) -> Step:
    key = take_out.key(change)
    field = getattr(change, "field", None)
    turned = field is not None and isinstance(change, (ChangeField, ChangeFieldType))
    forecast = forecasts.get(field.id) if turned else None
    module = getattr(change, "module", None)
    rows = counts.rows(module.id) if module is not None else 0
    if turned and field.id in converting:
        return Step(key, change, CONVERT, rows, rows / CONVERTED, forecast)
    if rows and field is not None and _wants_index(change):
        return Step(key, change, INDEX, rows, rows / INDEXED, forecast)
    touches = module is not None and not isinstance(change, ChangeDocument)
    return Step(key, change, INSTANT if touches else NOTHING, rows, 0.0, forecast)


def _wants_index(change: Change) -> bool:
    field, before = change.field, getattr(change, "before", None)
    if isinstance(change, RetireField):
        return False
    kind = catalogue().get("field_types", field.type)
    new = isinstance(change, AddField)
    return (field.unique and not (before and before.unique)) or (new and kind.target(field) is not None)


def _hazards(step: Step, counts: "_Counts", relinked: frozenset[str]) -> Iterator[Hazard]:
    change = step.change
    if isinstance(change, RetireModule) and step.rows:
        yield Hazard(step.key, ngettext("%(n)s record of %(module)s goes away", "%(n)s records of %(module)s go away", step.rows,
                                        n=f"{step.rows:,}", module=labels.of_modules(change.module)),
                     _("They are kept for 30 days and can be brought back until then, then they are deleted."), change.module.name)
    elif isinstance(change, RetireField) and (values := counts.values(change.module.id, change.field)):
        yield Hazard(step.key, ngettext("%(n)s value in '%(field)s' will be lost after 30 days",
                                        "%(n)s values in '%(field)s' will be lost after 30 days", values, n=f"{values:,}",
                                        field=labels.of_field(change.module, change.field)),
                     _("Until then they can be brought back. Export them first if you need them elsewhere."),
                     counts.name(change.module.id))
    elif isinstance(change, RenameModule):
        yield Hazard(step.key, _("Addresses and the API say '%(new)s' instead of '%(old)s'", new=change.module.name,
                                 old=change.before.name),
                     _("Links, bookmarks and programs that use the old name stop working until they are changed."))
    elif isinstance(change, RenameField):
        yield Hazard(step.key, _("The API says '%(new)s' instead of '%(old)s'", new=change.field.name, old=change.before.name),
                     _("Programs and files that use the old name stop working until they are changed. Views, rules and "
                       "formulas follow by themselves."))
    elif step.forecast is not None and step.forecast.fails:
        away = change.field.id in relinked
        yield Hazard(step.key, ngettext("%(n)s value of '%(field)s' does not convert", "%(n)s values of '%(field)s' do not convert",
                                        step.forecast.fails, n=f"{step.forecast.fails:,}",
                                        field=labels.of_field(change.module, change.field)),
                     _("The field points to another module from now on; it will be empty there.") if away else
                     _("The field will be empty in these records. The old values are kept for 30 days."),
                     counts.name(change.module.id), tuple(step.forecast.samples), step.forecast.fails)
    elif isinstance(change, ChangeField) and (left := _left(change, counts)):
        values = ", ".join(f"{label} ({count:,})" for label, count in left)
        yield Hazard(step.key, _("Records hold values of '%(field)s' that are taken off the list: %(values)s",
                                 field=labels.of_field(change.module, change.field), values=values),
                     _("They keep them, but nobody can choose them any more. Give each another value in its place in the "
                       "field's settings, if you mean that."), counts.name(change.module.id))
    elif isinstance(change, (ChangeDocument, RetireDocument)) and isinstance(change.document, Role):
        yield Hazard(step.key, _("The role '%(role)s' changes what people may see and do", role=labels.of_role(change.document)),
                     _("It holds from the next click of everybody who has it."))


def _left(change: ChangeField, counts: "_Counts") -> list[tuple[str, int]]:
    """(label, records) of the choices that go with nothing in their place while records hold them."""
    kind = catalogue().get("field_types", change.field.type)
    kept = {each["value"] for each in kind.stages(change.field)} | (kind.moved(change.before, change.field) or {}).keys()
    gone = {each["value"]: labels.of_choice(change.module, change.before, each["value"], each.get("label") or each["value"])
            for each in kind.stages(change.before) if each["value"] not in kept}
    held = counts.held(change.module.id, change.before) if gone else {}
    return [(label, held[value]) for value, label in gone.items() if held.get(value)]


def holding(connection: sa.Connection, table: str, field: Any) -> Counter[str]:
    """{choice: how many records hold it} of a field that has choices; each different value is counted once."""
    kind, found = catalogue().get("field_types", field.type), Counter[str]()
    column = sa.column(build.part_column(field.name, ""), parts_of(field, catalogue())[""])
    asked = sa.select(column, sa.func.count()).select_from(sa.table(table, column, schema=build.SCHEMA)).where(
        column.is_not(None)).group_by(column)
    for value, count in connection.execute(asked):
        for each in kind.held(value):
            found[each] += count
    return found


class _Counts:
    """Of the tables as they are called now, each counted once."""

    def __init__(self, connection: sa.Connection, live: Definitions):
        self._connection, self._live = connection, live
        self._rows: dict[str, int] = {}

    def name(self, module_id: str) -> str:
        module = self._live.module_by_id(module_id)
        return module.name if module else ""

    def rows(self, module_id: str) -> int:
        if module_id not in self._rows:
            module = self._live.module_by_id(module_id)
            self._rows[module_id] = self._count(module.name) if module else 0
        return self._rows[module_id]

    def values(self, module_id: str, field: Any) -> int:
        module = self._live.module_by_id(module_id)
        parts = parts_of(field, catalogue())
        if module is None or not parts:
            return 0
        columns = [sa.column(build.part_column(field.name, part)) for part in parts]
        table = sa.table(module.name, sa.column("deleted_at"), *columns, schema=build.SCHEMA)
        return self._connection.scalar(sa.select(sa.func.count()).select_from(table).where(
            sa.or_(*(table.c[column.name].is_not(None) for column in columns))))

    def held(self, module_id: str, field: Any) -> Counter[str]:
        """{choice: how many records hold it}."""
        module = self._live.module_by_id(module_id)
        return holding(self._connection, module.name, field) if module else Counter()

    def _count(self, name: str) -> int:
        table = sa.table(name, sa.column("deleted_at"), schema=build.SCHEMA)
        some = sa.select(sa.literal(1)).select_from(table).where(table.c.deleted_at.is_(None)).limit(COUNTED).subquery()
        counted = self._connection.scalar(sa.select(sa.func.count()).select_from(some))
        if counted < COUNTED:
            return counted
        known = self._connection.scalar(sa.text("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(:name)"),
                                        {"name": f'{build.SCHEMA}."{name}"'})
        return max(counted, known or 0)


__all__ = ["Hazard", "Impact", "Step", "Use", "follows", "holding", "of", "uses"]
