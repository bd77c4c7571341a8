"""Conversion: a record becomes others by a convert map, in one transaction through the pipeline, once and for all."""
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from metadata import expression
from metadata.model.convert_map import ConvertMap
from metadata.model.module import Module
from runtime.db import clock
from runtime.db.transaction import Transaction, reading, transaction
from runtime.errors import Conflict, Invalid, NotFound, Refused, Stale
from runtime.locale.text import _
from runtime.records import duplicates, query, service
from runtime.records.facts import Facts, ValueScope, paths_of
from runtime.records.form import form_of
from runtime.records.list_state import may_read
from runtime.records.pipeline import moment_of
from runtime.records.watch import watched
from runtime.security import policy
from runtime.tables import criteria, expressions, labels, published
from runtime.tables.published import Published
from runtime.values import Actor, Record

MOST_CARRIED = 1_000
_CLAIM = sa.text("""INSERT INTO house.conversion (module_id, record_id, map_id, at, actor_id, made)
VALUES (:module, :record, :map, :at, :actor, '[]') ON CONFLICT DO NOTHING RETURNING record_id""")
_MADE = sa.text("UPDATE house.conversion SET made = :made WHERE module_id = :module AND record_id = :record").bindparams(
    sa.bindparam("made", type_=sa.JSON))
_ASKED = sa.text("SELECT made FROM house.conversion WHERE module_id = :module AND record_id = :record")


@dataclass(frozen=True)
class Target:
    """What would be made: given: {path: raw value}; matches: (id, name) of existing records that may be it."""
    module: Module
    given: Mapping[str, Any]
    optional: bool
    matches: tuple[tuple[int, str], ...]
    match: str | None


def map_of(now: Published, actor: Actor, module: str) -> ConvertMap | None:
    """The module's convert map, where the actor may change the source and create every target that must be made."""
    found = next(iter(now.definitions.of(ConvertMap, module)), None)
    if found is None or not policy.may(actor, "edit", now.module(module)):
        return None
    needed = [target["module"] for target in found.targets if not target.get("optional")]
    return found if all(policy.may(actor, "create", now.module(name)) for name in needed) else None


def fits(actor: Actor, now: Published, found: ConvertMap, record_id: int) -> bool:
    """Whether the map takes this record as it stands now."""
    if not found.when:
        return True
    try:
        return bool(_source(actor, now, found, record_id))
    except Conflict:
        return False


def became(module: Module, record_id: int) -> list[tuple[str, int]] | None:
    """(module id, record) of what a record was converted into; None where it was not."""
    with reading() as connection:
        made = connection.scalar(_ASKED, {"module": module.id, "record": record_id})
    return None if made is None else [(one["module"], one["record"]) for one in made]


def planned(actor: Actor, module: str, record_id: int) -> tuple[Record, list[Target]]:
    """What converting this record would make, with existing records that match. Writes nothing."""
    now, found = _map(actor, module)
    record = _source(actor, now, found, record_id)
    _may_change(actor, now.module(module), record_id)
    targets = []
    for target in found.targets:
        wanted = now.module(target["module"])
        if not policy.may(actor, "create", wanted) or not _holds(now, actor, found, target.get("when"), record):
            continue
        given = _given(now, actor, found, target["fields"], record, {}, wanted)
        matches = _matches(actor, wanted, target.get("match"), given)
        targets.append(Target(wanted, given, bool(target.get("optional")), matches, target.get("match")))
    return record, targets


@watched("convert")
def convert(actor: Actor, module: str, record_id: int, *, seen_version: int | None, chosen: Mapping[str, int] | None = None,
            without: Collection[str] = ()) -> list[tuple[str, int]]:
    """(module, id) of what the record became. chosen: {module: an existing record instead of a new one}; without: optional
    targets to leave out. Raises NotFound, Refused, Invalid, Stale, and Conflict where it was converted before."""
    now, found = _map(actor, module)
    chosen = chosen or {}
    with transaction() as tx:
        service.hold(tx, actor, module, record_id)
        record = _source(actor, now, found, record_id)
        if seen_version is not None and record.version != seen_version:
            raise Stale(_("Someone saved this %(label)s while you were editing it.", label=labels.of_module(now.module(module))),
                        version=record.version, current={}, who=None, when=None, base={})
        _claim(tx, actor, now.module(module), found, record_id)
        made: dict[str, int] = {module: record_id}
        said = []
        for target in found.targets:
            wanted = now.module(target["module"])
            if (target.get("optional") and wanted.name in without) or not _holds(now, actor, found, target.get("when"), record):
                continue
            if wanted.name in chosen:
                made[wanted.name] = query.one(actor, wanted.name, chosen[wanted.name], ("id",)).id
            else:
                given = _given(now, actor, found, target["fields"], record, made, wanted)
                made[wanted.name] = _created(actor, wanted, given)
            said.append({"module": wanted.id, "record": made[wanted.name], "new": wanted.name not in chosen})
        house = replace(actor, everything=True)
        marks = _given(now, house, found, found.mark, record, made, now.module(module))
        if marks:
            service.update(house, module, record_id, marks, seen_version=record.version)
        _carry(actor, found, record_id, made)
        tx.execute(_MADE, {"made": said, "module": now.module(module).id, "record": record_id})
    return [(name, number) for name, number in made.items() if name != module]


def _map(actor: Actor, module: str) -> tuple[Published, ConvertMap]:
    now = published.current()
    policy.require(actor, "edit", now.module(module))
    found = map_of(now, actor, module)
    if found is None:
        raise NotFound(_("%(plural)s are not converted here, or you may not create what they become.",
                         plural=labels.of_modules(now.module(module))))
    return now, found


def _source(actor: Actor, now: Published, found: ConvertMap, record_id: int) -> Record:
    """The record with everything the map asks of it that the actor may read."""
    module = now.module(found.module)
    paths = list(service.readable_paths(actor, module))
    for value in [*found.mark, *(value for target in found.targets for value in target["fields"])]:
        if value.get("from") and may_read(now, actor, module, value["from"]):
            paths.append(value["from"])
    record = query.one(actor, found.module, record_id, tuple(dict.fromkeys(paths)))
    if not _holds(now, actor, found, found.when, record):
        raise Conflict(_("This %(label)s cannot be converted as it stands now.", label=labels.of_module(module)))
    return record


def _may_change(actor: Actor, module: Module, record_id: int) -> None:
    """Who only sees a record converts it no more than they change it. Raises Refused."""
    scope, rows = query.where(actor, query.Query(module.name, ids=(record_id,)))
    asked = sa.select(sa.true()).select_from(scope.source()).where(*rows, *scope.rows("edit"))
    with reading() as connection:
        if connection.execute(asked, {"record_id": record_id}).first() is None:
            raise Refused(_("You may look at this %(label)s, but not change it.", label=labels.of_module(module)))


def _claim(tx: Transaction, actor: Actor, module: Module, found: ConvertMap, record_id: int) -> None:
    """Only one conversion gets in; a second one waits for the first, and is refused."""
    claimed = tx.execute(_CLAIM, {"module": module.id, "record": record_id, "map": found.id, "at": clock.now(),
                                  "actor": actor.user_id}).first()
    if claimed is None:
        raise Conflict(_("This %(label)s was converted already.", label=labels.of_module(module)))


def _holds(now: Published, actor: Actor, found: ConvertMap, condition: Any, record: Record) -> bool:
    if not condition:
        return True
    module = now.module(found.module)
    facts = Facts(now, module, paths_of(condition))
    moment = moment_of(actor)
    test = criteria.as_python(condition, ValueScope(now, module))
    return bool(test(facts.gather(record.values, moment, actor), moment))


def _given(now: Published, actor: Actor, found: ConvertMap, values: Any, record: Record, made: Mapping[str, int],
           target: Module) -> dict[str, Any]:
    """Raw input for a new record: only what the actor may set there, and nothing that is empty."""
    editable, form = policy.editable(actor, target), form_of(now, target)
    moment, given = moment_of(actor), {}
    for value in values:
        name = value["field"]
        if name not in editable:
            continue
        if "made" in value:
            given[name] = made.get(value["made"])
        elif "value" in value:
            given[name] = value["value"]
        elif "expression" in value:
            node = expression.parse(value["expression"])
            facts = Facts(now, now.module(found.module), set(expression.names(node)))
            known = facts.gather(record.values, moment, actor)
            given[name] = expressions.as_python(node, facts.scope)(known, moment)
        else:
            given |= _taken(now, now.module(found.module), value["from"], name, record)
    return {path: value for path, value in given.items() if value is not None and path in form.entries}


def _taken(now: Published, module: Module, path: str, name: str, record: Record) -> dict[str, Any]:
    """A value with all its parts, as raw input under another name."""
    field, part = ValueScope(now, module).find(tuple(path.split(".")))
    kind = now.type(field)
    parts = (part,) if part else tuple(kind.columns(field)) or ("",)
    return {f"{name}.{each}" if each and not part else name:
            kind.to_json(field, each, value) for each in parts
            if (value := record.values.get(f"{path}.{each}" if each and not part else path)) is not None}


def _created(actor: Actor, module: Module, given: Mapping[str, Any]) -> int:
    """Raises Invalid with the module's name before each sentence: the person stands on another record's page."""
    try:
        with duplicates.allowed():                  # the page has shown what is there already
            made = service.create(actor, module.name, given).id
    except Invalid as problem:
        label = labels.title(module)
        said = [f"{label}: {sentence}" for sentences in problem.errors.values() for sentence in sentences]
        raise Invalid({"": said}) from None
    return made


def _matches(actor: Actor, module: Module, match: str | None, given: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    readable = policy.readable(actor, module)
    if not match or given.get(match) is None or not {match, module.name_field} <= readable:
        return ()
    asked = query.Query(module.name, (module.name_field,), {"field": match, "operator": "is", "operand": given[match]}, limit=5)
    return tuple((row.id, str(row.values.get(module.name_field) or row.id)) for row in query.find(actor, asked).rows)


def _carry(actor: Actor, found: ConvertMap, record_id: int, made: Mapping[str, int]) -> None:
    """What hangs on the source and the actor may change hangs on what was made as well, where nothing stands there yet."""
    now = published.current()
    for carried in found.carry:
        module = now.module(carried["module"])
        links = {value["field"]: made[value["made"]] for value in carried["set"] if value["made"] in made}
        if not links or not policy.may(actor, "edit", module) or not {carried["through"], *links} <= policy.readable(actor, module):
            continue
        asked = query.Query(module.name, tuple(links), pointing=(carried["through"], record_id))
        for number, row in enumerate(query.stream(actor, asked)):
            fresh = {name: target for name, target in links.items()
                     if row.values.get(name) is None and name in policy.editable(actor, module)}
            if number < MOST_CARRIED and fresh:
                service.update(actor, module.name, row.id, fresh, seen_version=None)
