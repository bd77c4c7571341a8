"""Running an import: batches of rows through the record pipeline, each with its checkpoint in its own transaction.

Killed at any moment, it goes on behind the last row that was committed. Nothing is done twice.
"""
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from metadata.model.duplicate_rule import DuplicateRule
from metadata.model.module import Module
from runtime.db import clock
from runtime.db.transaction import Transaction, in_transaction
from runtime.errors import Conflict, Invalid, NotFound, Refused, RuntimeProblem
from runtime.exchange import ahead, alike, later, store
from runtime.exchange import mapping as mappings
from runtime.exchange.loading import Loader
from runtime.exchange.mapping import Mapping_
from runtime.exchange.rows import Loaded
from runtime.exchange.store import Run
from runtime.locale import reader as locales
from runtime.locale.text import _
from runtime.records import bulk
from runtime.security import users
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import HOUSE, Actor

BATCH, NEW = 1_000, 2
"""How many rows one transaction takes; so many times that where all are new, for they lock nothing that others wait for."""
Report = Callable[[Run], None]


class Busy(Conflict):
    """Another process runs this import just now."""


class _Undone(Exception):
    """Takes a trial back."""


def actor_of(run: Run) -> Actor:
    """Whoever began it, with the rights they have now; the house where no person did."""
    return HOUSE.through("import") if run.actor_id is None else users.actor_for(run.actor_id, "import", inactive=False)


def module_of(now: Published, run: Run) -> Module:
    for module in now.definitions.modules.values():
        if module.id == run.module_id:
            return module
    raise NotFound(_("The module of this import is no longer published."))


def loader_of(run: Run, actor: Actor, *, unmatched: bool = False) -> Loader:
    """Asks again what this person may set: the rights may have changed since the columns were chosen.

    unmatched: also while no column goes anywhere yet.
    """
    now = published.refresh()
    module = module_of(now, run)
    mapping = mappings.check(now, actor, module, Mapping_.from_json(run.mapping["fields"]), run.headers, published_map=True,
                             unmatched=unmatched)
    return Loader(now, actor, module, mapping, run.headers, run.mapping["hints"])


def batch_of(mapping: Mapping[str, Any]) -> int:
    """How many rows of a run with this mapping are taken at once."""
    changes = (mapping.get("match") and mapping.get("on_match") == "update") or mapping.get("on_duplicate") == "update"
    return BATCH if changes else BATCH * NEW


def go(import_id: int, report: Report | None = None) -> Run:
    """Run an import that is staged to its end.

    Raises Busy while another process runs it, RuntimeProblem where nothing more can be done (rights were taken away).
    """
    with store.alone(import_id) as alone:
        if not alone:
            raise Busy(_("The same file is being imported already (import %(number)s). Wait for it to finish.", number=import_id))
        return _go(import_id, report)


def _go(import_id: int, report: Report | None) -> Run:
    run = store.get(import_id)
    if run.state not in ("staged", "running"):
        return run
    try:
        actor = actor_of(run)
        with locales.reading_as(locales.reader(actor.language, actor.time_zone)):      # reasons in their language
            loader = loader_of(run, actor)
            _batches(loader, run, report)
            while in_transaction(lambda tx: later.look_again(tx, loader, import_id, BATCH)):
                pass
    except RuntimeProblem as problem:
        sentence = problem.message
        in_transaction(lambda tx: store.change(tx, import_id, state="failed", problem=sentence, finished_at=clock.now()))
        raise
    in_transaction(lambda tx: _finish(tx, import_id))
    return store.get(import_id)


def _batches(loader: Loader, run: Run, report: Report | None) -> None:
    """Batch after batch; while the database writes one, the next is read."""
    def now_acting() -> Actor:
        return actor_of(store.get(run.id))

    with ahead.reading(loader, run, now_acting) as batches:
        for rows in batches:
            after = rows[0].row_no - 1
            tries = [rows]      # a transaction that is tried again begins with rows that were read again

            def write(tx: Transaction, tries: list[list[Loaded]] = tries, after: int = after) -> bool:
                return batch(tx, loader, run.id, tries.pop() if tries else ahead.load(loader, run.id, after).rows())

            if not in_transaction(write):
                return
            if report:
                report(store.get(run.id))


def batch(tx: Transaction, loader: Loader, import_id: int, rows: list[Loaded]) -> bool:
    """One batch; False when the import is no longer under way, or somebody else took these rows."""
    run = store.get(import_id, tx)
    if run.state not in ("staged", "running") or run.done_to >= rows[0].row_no:
        return False
    if run.actor_id is not None:
        loader.actor = actor_of(run)                 # rights are those of this moment, not of the beginning
    last = rows[-1].row_no
    counts, notes = take(tx, loader, rows, import_id)
    store.note(tx, import_id, notes)
    store.count(tx, import_id, **counts)
    store.change(tx, import_id, state="running", done_to=last)
    return True


def trial(tx: Transaction, loader: Loader, rows: list[tuple[int, list[str]]]) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """What a batch would do, taken back at once."""
    answer: tuple[dict[str, int], list[dict[str, Any]]] | None = None
    try:
        with tx.savepoint():
            answer = take(tx, loader, loader.load(tx.connection, rows), None, looking=True)
            raise _Undone
    except _Undone:
        loader.known.clear()
        loader.made.clear()
    assert answer is not None
    return answer


def take(tx: Transaction, loader: Loader, loaded: list[Loaded], import_id: int | None, *, looking: bool = False
         ) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Match and write some rows. Returns ({counter: more}, notes of problems).

    looking: tell of likely duplicates also where they are taken all the same.
    """
    asked = alike.applying(loader, looking=looking)
    counts = dict.fromkeys(("created", "updated", "unchanged", "skipped", "refused", "warned"), 0)
    notes: list[dict[str, Any]] = []
    good: list[Loaded] = []
    for row in loaded:
        if row.problems:
            _refuse(row, counts, notes)
        else:
            good.append(row)
    while good:
        good = _write(tx, loader, good, import_id, counts, notes, asked)
    return counts, notes


def _write(tx: Transaction, loader: Loader, rows: list[Loaded], import_id: int | None, counts: dict[str, int],
           notes: list[dict[str, Any]], asked: Sequence[DuplicateRule]) -> list[Loaded]:
    """Write the rows; those whose key or like came before in the same batch are handed back for the next round."""
    match, on_match = loader.mapping.match, loader.mapping.on_match
    existing = loader.existing(tx.connection, rows) if match else {}
    new, known, again, seen = [] if match else rows, [], [], set()
    for row in rows if match else ():
        key = row.values.get(match)
        if key is not None and key in seen:
            again.append(row)
            continue
        if key is not None:
            seen.add(key)
        found = existing.get(key) if key is not None else None
        if found is None or on_match == "create":
            new.append(row)
        elif found < 0:
            row.problems += ((loader.headings.get(match, ""), str(key)[:200], _("Several records already have this value.")),)
            _refuse(row, counts, notes)
        elif on_match == "skip":
            counts["skipped"] += 1
        else:
            known.append((found, row))
    if new and asked:
        made = alike.sort_out(tx.connection, loader, asked, new)
        new, known, again = made.new, _each_once(known + made.known, again), again + made.again
        counts["skipped"] += len(made.left)
        notes += made.told
        for row in made.wrong:
            _refuse(row, counts, notes)
    if new:
        answers = bulk.create_many(tx, loader.actor, loader.module.name, [loader.new(row) for row in new], import_id=import_id)
        for row, answer in zip(new, answers, strict=True):
            _settle(loader, row, answer, "created", counts, notes)
        if import_id is None:
            loader.made |= {answer: row.row_no for row, answer in zip(new, answers, strict=True) if isinstance(answer, int)}
    if known:
        changes = [(record_id, _changes(loader, row)) for record_id, row in known]
        answers = bulk.update_many(tx, loader.actor, loader.module.name, changes, import_id=import_id)
        for (record_id, row), answer in zip(known, answers, strict=True):
            said = answer if isinstance(answer, str) else ""
            _settle(loader, row, record_id if said else answer, said, counts, notes)
    return again


def _each_once(known: list[tuple[int, Loaded]], again: list[Loaded]) -> list[tuple[int, Loaded]]:
    """One row per record; another that means it as well waits for the next round."""
    first: dict[int, Loaded] = {}
    for record_id, row in known:
        if first.setdefault(record_id, row) is not row:
            again.append(row)
    return list(first.items())


def _changes(loader: Loader, row: Loaded) -> dict[str, Any]:
    """What a row says of a known record; links that are looked at later, and what the house sets, are left as they are."""
    waiting = {path for path, _heading, _text in row.later}
    said = dict.fromkeys(row.blank) | row.values
    return {path: value for path, value in said.items() if path not in waiting and path != "created_at"}


def _settle(loader: Loader, row: Loaded, answer: int | RuntimeProblem, counter: str, counts: dict[str, int],
            notes: list[dict[str, Any]]) -> None:
    if isinstance(answer, RuntimeProblem):
        errors = answer.errors if isinstance(answer, Invalid) else {"": [answer.message]}
        row.problems += tuple((loader.headings.get(path, loader.headings.get(path.partition(".")[0], "")), "", sentence)
                              for path, sentences in errors.items() for sentence in sentences)
        _refuse(row, counts, notes)
        return
    counts[counter] += 1
    for heading, value, sentence in row.warnings:
        counts["warned"] += 1
        notes.append({"row_no": row.row_no, "kind": "warning", "heading": heading, "value": value, "reason": sentence,
                      "record_id": answer})
    for path, heading, text in row.later:
        notes.append({"row_no": row.row_no, "kind": "later", "heading": heading, "value": text, "reason": path,
                      "record_id": answer})


def _refuse(row: Loaded, counts: dict[str, int], notes: list[dict[str, Any]]) -> None:
    counts["refused"] += 1
    notes += [{"row_no": row.row_no, "kind": "refused", "heading": heading, "value": value, "reason": sentence}
              for heading, value, sentence in row.problems]


def _finish(tx: Transaction, import_id: int) -> None:
    run = store.get(import_id, tx)
    if run.state in ("staged", "running"):
        store.forget_rows(tx, import_id)
        store.change(tx, import_id, state="done", finished_at=clock.now())
        tx.emit("import.finished", actor=actor_or_house(run), payload={"import_id": import_id, "created": run.created,
                                                                       "updated": run.updated, "refused": run.refused})


def actor_or_house(run: Run) -> Actor:
    try:
        return actor_of(run)
    except (NotFound, Refused):
        return HOUSE
