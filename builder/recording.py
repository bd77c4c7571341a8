"""A recording: what somebody did with records, step by step.

Lines are JSON: {"verb", "module", "record", "values", "button", "before", "after", "made": [[module, id]], "refused"}.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from metadata.model.module import Module
from runtime.db import setting
from runtime.db.engine import dumps, loads
from runtime.db.transaction import reading, transaction
from runtime.errors import Invalid, RuntimeProblem
from runtime.fields.uploads import FileId
from runtime.records import service
from runtime.records.facts import ValueScope
from runtime.records.form import form_of
from runtime.records.stage import told
from runtime.tables.published import Published, current
from runtime.values import Actor, Record

MOST = 30
"""Lines of one recording; what comes after them is not noted."""
_NAME = "recording."


# Kept between requests

def begin(actor: Actor, role: str) -> None:
    _keep(actor, {"role": role, "lines": []})


def drop(actor: Actor) -> None:
    with transaction() as tx:
        setting.remove(tx, f"{_NAME}{actor.user_id}")


def of(actor: Actor) -> dict[str, Any] | None:
    """{"role", "lines"}; None where nothing is recorded."""
    with reading() as connection:
        found = setting.read(connection, f"{_NAME}{actor.user_id}")
    return found if isinstance(found, dict) else None


def add(actor: Actor, lines: Sequence[Mapping[str, Any]]) -> None:
    """To what is recorded so far, where something is."""
    with transaction() as tx:
        found = setting.read(tx, f"{_NAME}{actor.user_id}", lock=True)
        if isinstance(found, dict):
            _keep(actor, {**found, "lines": [*found["lines"], *lines][:MOST]})


def _keep(actor: Actor, value: Mapping[str, Any]) -> None:
    with transaction() as tx:
        setting.keep(tx, f"{_NAME}{actor.user_id}", value)


# Watched

@dataclass
class Recorder:
    """Watches the verbs of one request (runtime/records/watch.py). actor: who records, all rights kept. lines: what it saw."""
    actor: Actor
    lines: list[dict[str, Any]] = field(default_factory=list)
    _before: dict[str, Any] = field(default_factory=dict)

    def asked(self, verb: str, arguments: tuple[Any, ...]) -> None:
        module = arguments[0]
        self._before = {} if verb == "create" else shown(current(), self.actor, module, arguments[1])

    def ended(self, verb: str, arguments: tuple[Any, ...], answer: Any) -> None:
        now, module = current(), arguments[0]
        record = answer.id if isinstance(answer, Record) else None if verb == "create" else arguments[1]
        line: dict[str, Any] = {"verb": verb, "module": module, "record": record, "before": self._before}
        if verb in ("create", "update"):
            line["values"] = _clean(now, now.module(module), arguments[-1], self._before)
        if verb == "press":
            line["button"] = arguments[2]
        if isinstance(answer, RuntimeProblem):
            where = next(iter(answer.errors), "") if isinstance(answer, Invalid) else ""
            line["refused"] = {"field": where, "message": told(answer)[:500]}
        else:
            line["after"] = {} if verb == "delete" else shown(now, self.actor, module, record)
            line["made"] = answer if verb == "convert" else []
        self.lines.append(loads(dumps(line)))


def shown(now: Published, actor: Actor, module: str, record_id: int) -> dict[str, Any]:
    """{path: value in plain JSON} of everything this actor may read of a record; {} where it is not there for them."""
    home = now.module(module)
    try:
        record = service.read(actor, module, record_id)
    except RuntimeProblem:
        return {}
    scope, found = ValueScope(now, home), {}
    for path, value in record.values.items():
        if value is not None:
            known, part = scope.find(tuple(path.split(".")))
            found[path] = now.type(known).to_json(known, part, value)
    return found


def _clean(now: Published, module: Module, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody typed, as the API would send it; without what they left as it was."""
    form, found = form_of(now, module), {}
    flat = form.flat(given)
    for path, raw in flat.items():
        entry = form.entries.get(path)
        if entry is None or isinstance(entry[2], FileId):
            continue
        if entry[1] and entry[0].name in form.entries and flat.get(entry[0].name) in (None, ""):
            continue                                # the currency of no amount
        try:
            value = form.load({path: raw})[path]
            value = None if value is None else now.type(entry[0]).to_json(entry[0], entry[1], value)
        except Invalid:
            value = raw if isinstance(raw, (str, int, float, bool, list)) else str(raw)
        if loads(dumps(value)) != loads(dumps(before.get(path))):
            found[path] = value
    return found
