"""The stage of a scenario: its people, the records it calls by name, and what its values mean."""
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from metadata.definitions import Definitions
from metadata.model.module import Module
from runtime.db import clock
from runtime.db.engine import dumps, loads
from runtime.errors import Invalid, NotFound, RuntimeProblem
from runtime.locale.text import _
from runtime.records import query, service
from runtime.records.facts import ValueScope
from runtime.records.form import form_of
from runtime.tables import labels
from runtime.tables.published import current
from runtime.values import Actor

ADMIN = 1
CHANNEL = "scenario"
_DAY = re.compile(r"today(?:([+-])(\d{1,4}))?(?:\s+(\d{1,2}):(\d{2}))?")


def people(definitions: Definitions) -> dict[str, Actor]:
    """{role id: somebody who has just this role}; "" is an administrator."""
    found = {"": Actor(ADMIN, "Admin", everything=True, channel=CHANNEL)}
    for number, role in enumerate(sorted(definitions.roles.values(), key=lambda role: role.id), ADMIN + 1):
        found[role.id] = Actor(number, role.label, roles=(role.name,), channel=CHANNEL)
    return found


class Stage:
    """records: {name: (module, id)}; steps: how many there are; refusals: {step, from 0: what it was refused with}."""

    def __init__(self, cast: Mapping[str, Actor]):
        self.cast = cast
        self.records: dict[str, tuple[str, int]] = {}
        self.steps = 0
        self.refusals: dict[int, RuntimeProblem] = {}

    def actor(self, role: str | None) -> Actor:
        """Raises NotFound."""
        found = self.cast.get(role or "")
        if found is None:
            raise NotFound(_("There is no role with the id '%(id)s'.", id=role))
        return found

    def admin(self) -> Actor:
        return self.cast[""]

    def call(self, name: str | None, module: str, record_id: int) -> None:
        if name:
            self.records[name] = (module, record_id)

    def find(self, name: str, module: str | None = None) -> tuple[str, int]:
        """Raises NotFound: no record is called so, or it is one of another module."""
        found = self.records.get(name)
        if found is None:
            raise NotFound(_("No record is called '%(name)s' at this point.", name=name))
        if module and found[0] != module:
            raise NotFound(_("'%(name)s' is no record of %(module)s.", name=name,
                             module=labels.of_modules(current().module(module))))
        return found

    def give(self, given: Mapping[str, Any]) -> None:
        """A record that is there from the start: made with every right, and owned by the person it says."""
        owner = self.actor(given.get("as"))
        module = given["module"]
        made = service.create(replace(owner, everything=True), module, self.values(module, given.get("values", {})))
        self.call(given["name"], module, made.id)

    def values(self, module: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Raw input for the record pipeline."""
        home = current().module(module)
        return {path: self.value(home, path, value) for path, value in values.items()}

    def value(self, module: Module, path: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            if set(value) == {"record"}:
                return self.find(value["record"])[1]
            if set(value) == {"person"}:
                return self.actor(value["person"]).user_id
            return {part: self.value(module, f"{path}.{part}", inner) for part, inner in value.items()}
        day = _DAY.fullmatch(value.strip()) if isinstance(value, str) else None
        if day and ValueScope(current(), module).type(tuple(path.split("."))) in ("date", "datetime"):
            return self._day(*day.groups())
        return value

    def shown(self, actor: Actor, module: str, record_id: int, paths: list[str]) -> dict[str, Any]:
        """{path: value in its plain JSON form}, as this actor may read them."""
        now, home = current(), current().module(module)
        record, scope, told = query.one(actor, module, record_id, tuple(paths)), ValueScope(now, home), {}
        for path in paths:
            field, part = scope.find(tuple(path.split(".")))
            value = record.values.get(path)
            told[path] = None if value is None else now.type(field).to_json(field, part, value)
        return told

    def meant(self, module: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Expected values in the form `shown` gives: dates as days, amounts as numbers."""
        now, home = current(), current().module(module)
        flat = form_of(now, home).flat(self.values(module, values))
        found = {}
        for path, value in flat.items():
            field, part = ValueScope(now, home).find(tuple(path.split(".")))
            entry = form_of(now, home).entries.get(path)
            if entry is not None and value is not None:
                value = now.type(field).to_json(field, part, form_of(now, home).load({path: value})[path])
            found[path] = value
        return found

    def _day(self, sign: str | None, days: str | None, hour: str | None, minute: str | None) -> str:
        zone = ZoneInfo(self.admin().time_zone)
        day = clock.now().astimezone(zone).date() + timedelta(days=int(f"{sign or ''}{days or 0}"))
        return day.isoformat() if hour is None else datetime.combine(day, time(int(hour), int(minute or 0)), zone).isoformat()


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to whoever reads the API: 1000 and "1000.00", a list in another order."""
    one, other = loads(dumps(one)), loads(dumps(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(item in other for item in one)
    if isinstance(one, str) != isinstance(other, str):
        return _written(one) == _written(other)
    return bool(one == other)


def _written(value: Any) -> Any:
    """Words that say a number or yes and no, as that."""
    if isinstance(value, bool) or value in ("true", "false"):
        return value in (True, "true")
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return value


def told(problem: RuntimeProblem) -> str:
    """Everything a refusal says, in one line."""
    if isinstance(problem, Invalid):
        return " ".join(sentence for sentences in problem.errors.values() for sentence in sentences) or problem.message
    return problem.message
