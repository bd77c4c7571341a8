"""Bulk: many records in few statements, through the same steps as one record. For imports and mass changes.

Values arrive clean (loaded by the field types). The good rows are written, the others come back with their problem.
A batch's rows carry its import_id instead of one history entry each; a change of an existing record always has its own.
"""
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from runtime.db import clock
from runtime.db.transaction import Transaction
from runtime.errors import Invalid, Refused, RuntimeProblem
from runtime.kinds.record_step import RecordStep
from runtime.locale.text import _
from runtime.records import history
from runtime.records.copying import copied
from runtime.records.pipeline import Pipeline, moment_of, pipeline, refused_by_database
from runtime.security import policy
from runtime.tables import labels
from runtime.values import Actor, Change
from runtime.web import json

HISTORY = sa.text("""
INSERT INTO house.history (module_id, record_id, version, verb, at, actor_id, channel, import_id, changed)
SELECT :module_id, r.record_id, r.version, 'update', :at, :actor_id, :channel, :import_id, r.changed
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(record_id bigint, version integer, changed jsonb)""")


def create_many(tx: Transaction, actor: Actor, module: str, values: Sequence[Mapping[str, Any]], *,
                import_id: int | None = None) -> list[int | RuntimeProblem]:
    """One new record per mapping {path: clean value}; answers an id or the problem, in order."""
    pipe = pipeline(module)
    policy.require(actor, "create", pipe.module)
    moment, at = moment_of(actor), clock.now()
    same: dict[tuple[str, ...], frozenset[str]] = {}        # rows of one file mostly say the same fields
    changes = [Change(actor, pipe.module, "create", None, {}, {"owner": actor.user_id, **row},
                      same.get(said := tuple(row)) or same.setdefault(said, frozenset(said)), moment) for row in values]
    answers = _through_steps(tx, pipe, changes)
    good = [at_row for at_row, problem in enumerate(answers) if problem is None]
    for row, record_id in zip(good, _insert(tx, pipe, [changes[row] for row in good], answers, good, import_id, at), strict=True):
        answers[row] = record_id
        changes[row].record_id = record_id if isinstance(record_id, int) else None
    written = [change for change in changes if change.record_id is not None]
    for step in _doing(pipe.steps, "after"):
        if "create" in step.verbs:
            for change in written:
                step.after(tx, change)
    if written:
        tx.emit("records.imported", actor=actor, module=module,
                payload={"import_id": import_id, "ids": [change.record_id for change in written]})
    return answers


def update_many(tx: Transaction, actor: Actor, module: str, changes: Sequence[tuple[int, Mapping[str, Any]]], *,
                import_id: int | None = None) -> list[str | RuntimeProblem]:
    """Change existing records; answers "updated", "unchanged" or the problem, in order.

    Rows that already hold the values are not touched: no version, no history.
    """
    pipe = pipeline(module)
    policy.require(actor, "edit", pipe.module)
    moment, at = moment_of(actor), clock.now()
    held = _held(tx, actor, pipe, [record_id for record_id, _ in changes])
    answers: list[Any] = [None] * len(changes)
    made: list[Change] = []
    rows: list[int] = []
    for row, (record_id, given) in enumerate(changes):
        before = held.get(record_id)
        if before is None:
            answers[row] = Refused(_("You may not change this record."))
            continue
        change = Change(actor, pipe.module, "update", record_id, before, before | dict(given), frozenset(given), moment)
        if not change.touched:
            answers[row] = "unchanged"
            continue
        made.append(change)
        rows.append(row)
    problems = _through_steps(tx, pipe, made) if made else []
    written = []
    for change, row, problem in zip(made, rows, problems, strict=True):
        if problem is None and change.touched:
            problem = _write_one(tx, pipe, change, at)
        answers[row] = problem or ("updated" if change.touched else "unchanged")
        if answers[row] == "updated":
            written.append(change)
    _remember(tx, pipe, written, actor, import_id, at)
    return answers


def _through_steps(tx: Transaction, pipe: Pipeline, changes: list[Change]) -> list[Any]:
    """None or the first problem per change."""
    problems: list[Any] = [None] * len(changes)
    if not changes:
        return problems
    verb = changes[0].verb
    steps = [step for step in pipe.steps if verb in step.verbs]
    standing = list(range(len(changes)))
    for step in _doing(steps, "derive", "derive_all"):
        answers = step.derive_all(tx, [changes[row] for row in standing])
        for row, problem in zip(standing, answers, strict=True):
            problems[row] = problem
        standing = [row for row, problem in zip(standing, answers, strict=True) if problem is None]
    for step in _doing(steps, "guard", "guard_all"):
        if standing:
            answers = step.guard_all(tx, [changes[row] for row in standing])
            for row, problem in zip(standing, answers, strict=True):
                if problem is not None:
                    problems[row] = _joined(problems[row], problem)
    may_give = policy.may(changes[0].actor, "give", pipe.module)
    for row, change in enumerate(() if may_give else changes):
        owner = change.before.get("owner") if change.verb == "update" else change.actor.user_id
        if problems[row] is None and change.after.get("owner") != owner:
            problems[row] = Refused(_("You may not give a %(label)s to somebody else.", label=labels.of_module(pipe.module)))
    return problems


def _doing(steps: Sequence[RecordStep], *verbs: str) -> list[RecordStep]:
    """The steps that do one of these at all; a thousand rows need not ask the others."""
    return [step for step in steps if any(getattr(type(step), verb) is not getattr(RecordStep, verb) for verb in verbs)]


def _joined(first: RuntimeProblem | None, second: RuntimeProblem) -> RuntimeProblem:
    """Two steps' findings on one row as one problem."""
    if isinstance(first, Invalid) and isinstance(second, Invalid):
        return Invalid({path: first.errors.get(path, []) + second.errors.get(path, [])
                        for path in dict.fromkeys((*first.errors, *second.errors))})
    return first or second


def _insert(tx: Transaction, pipe: Pipeline, changes: list[Change], answers: list[Any], rows: list[int],
            import_id: int | None, at: Any) -> list[int | RuntimeProblem]:
    """All rows in one COPY or INSERT … SELECT; one by one when a unique value is taken, so that only its row is refused."""
    if not changes:
        return []
    try:
        with tx.savepoint():
            return list(_insert_all(tx, pipe, changes, import_id, at))
    except IntegrityError as problem:
        if len(changes) == 1:
            return [refused_by_database(pipe, problem)]
    middle = len(changes) // 2
    return [answer for half in (changes[:middle], changes[middle:])
            for answer in _insert(tx, pipe, half, answers, rows, import_id, at)]


def _insert_all(tx: Transaction, pipe: Pipeline, changes: list[Change], import_id: int | None, at: Any) -> list[int]:
    ids = copied(tx, pipe, changes, import_id, at)
    if ids is not None:
        return ids
    statement, columns = pipe.now.once(("bulk insert", pipe.module.name), lambda: _statement(pipe))
    pairs = [(f"c{number}", path) for number, path in enumerate(columns)]
    search, words = pipe.module.search_fields, f"c{len(columns)}"
    rows = []
    for change in changes:
        after = change.after
        row = {name: value for name, path in pairs if (value := after.get(path)) is not None}
        if search:
            row[words] = " ".join([str(value) for name in search if (value := after.get(name)) is not None])[:20_000]
        if (made := after.get("created_at")) is not None:       # records of another system keep their age
            row["created"] = made
        rows.append(row)
    actor = changes[0].actor
    return list(tx.scalars(statement, {"rows": json.dumps(rows).decode(), "at": at, "by": actor.user_id,
                                       "import_id": import_id}).all())


def _statement(pipe: Pipeline) -> tuple[sa.TextClause, list[str]]:
    """INSERT INTO … SELECT … FROM jsonb_to_recordset; ids come back in the order of the rows."""
    paths = list(pipe.columns)
    types = [_sql_type(pipe, path) for path in paths]
    quote = pipe.table.bind.dialect.identifier_preparer.quote if getattr(pipe.table, "bind", None) else (lambda name: f'"{name}"')
    names = [quote(pipe.columns[path]) for path in paths]
    given = ", ".join(f"c{number} {type}" for number, type in enumerate(types))
    search = ", search" if pipe.module.search_fields else ""
    words = f", to_tsvector('simple', house.words(r.c{len(paths)}))" if pipe.module.search_fields else ""
    text = (f'INSERT INTO records."{pipe.table.name}" ({", ".join(names)}, created_at, created_by, updated_at, updated_by, '
            f"import_id{search}) SELECT {', '.join(f'r.c{number}' for number in range(len(paths)))}, "
            f"coalesce(r.created, CAST(:at AS timestamptz)), CAST(:by AS bigint), CAST(:at AS timestamptz), CAST(:by AS bigint), "
            f"CAST(:import_id AS bigint){words} "
            f"FROM json_to_recordset(CAST(:rows AS json)) AS r({given}, c{len(paths)} text, created timestamptz) "
            f"RETURNING id")
    return sa.text(text.replace(":=", r"\:=")), paths


def _sql_type(pipe: Pipeline, path: str) -> str:
    from sqlalchemy.dialects import postgresql  # the dialect only compiles type names here
    return pipe.table.c[pipe.columns[path]].type.compile(dialect=postgresql.dialect())


def _held(tx: Transaction, actor: Actor, pipe: Pipeline, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The rows this actor may edit, locked, in order of id so that two batches never wait for each other."""
    table = pipe.table
    where = [table.c.id.in_(set(ids)), table.c.deleted_at.is_(None)]
    for verb in ("read", "edit"):
        visible = policy.visible(actor, pipe.module, table, verb)
        if visible is not None:
            where.append(visible)
    found = tx.execute(sa.select(*pipe.selected).where(*where).order_by(table.c.id).with_for_update(key_share=True))
    return {row.id: pipe.values(row) for row in found}


def _write_one(tx: Transaction, pipe: Pipeline, change: Change, at: Any) -> RuntimeProblem | None:
    try:
        with tx.savepoint():
            pipe.update(tx, change, change.before["version"] + 1, at)
            pipe.after_steps(tx, change)
    except RuntimeProblem as problem:
        return problem
    return None


def _remember(tx: Transaction, pipe: Pipeline, changes: list[Change], actor: Actor, import_id: int | None, at: Any) -> None:
    """History of every change in one statement, and an event each."""
    if not changes:
        return
    rows = []
    for change in changes:
        touched = [path for path in change.touched if path in pipe.columns]
        changed = history.as_json(pipe.now, pipe.module, change.before, change.after, touched)
        version = change.before["version"] + 1
        rows.append({"record_id": change.record_id, "version": version, "changed": changed})
        tx.emit("record.updated", actor=actor, module=pipe.module.name, record_id=change.record_id,
                payload={"version": version, "changed": dict(zip(touched, changed.values(), strict=True))})
    tx.execute(HISTORY, {"module_id": pipe.module.id, "at": at, "actor_id": actor.user_id, "channel": actor.channel,
                         "import_id": import_id, "rows": json.dumps(rows).decode()})
