"""The verbs of the exchange room: upload, look, check, start, undo; a whole file from the command line."""
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from metadata.model.module import Module
from runtime.db.transaction import in_transaction, transaction, unhurried
from runtime.errors import Conflict, Invalid, NotFound
from runtime.exchange import cells, choices, forgetting, homes, keeping, problem_file, reading, run, store, undo
from runtime.exchange import mapping as mappings
from runtime.exchange.keeping import Kept
from runtime.exchange.mapping import KEY, Mapping_
from runtime.exchange.reading import Sheet
from runtime.exchange.store import Run
from runtime.locale.text import _
from runtime.security import policy
from runtime.tables import published
from runtime.values import Actor

SOON = timedelta(seconds=20)
TRIED = 2_000
COUNTERS = ("created", "updated", "unchanged", "skipped", "refused", "warned")
_QUOTED = re.compile("[‘“'].*[’”']")
"""Reasons that differ only in what they quote are told as one, with an example."""


@dataclass(frozen=True)
class Check:
    """What an import would do. rows: how many were tried (all, or the first TRIED); counts as of a run.

    reasons: [{kind, heading, reason, times, row_no, example}], the commonest first. duplicates: {fields of the rule: the rows that
    are like a record by it, as notes}.
    """
    rows: int
    all_rows: bool
    counts: Mapping[str, int]
    reasons: list[dict[str, Any]]
    duplicates: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)


def upload(actor: Actor, module: str, stream: BinaryIO, name: str) -> Run:
    """Keep the file and guess how its columns map; module "": that whose fields its headings name best. Raises NotFound, Refused,
    Invalid (no table), TooLarge."""
    try:
        return _upload(actor, module, stream, name)
    except FileNotFoundError:                       # the same file was forgotten between our keeping it and our beginning
        stream.seek(0)
        return _upload(actor, module, stream, name)


def _upload(actor: Actor, module: str, stream: BinaryIO, name: str) -> Run:
    now = published.current()
    if module:
        policy.require(actor, "import", now.module(module))
    possible = [now.module(module)] if module else homes.possible(now, actor)
    tables = keeping.keep(stream)
    read: dict[Kept, Sheet] = {}
    for one in tables:
        try:
            read[one] = reading.sheet(one.path)
            if not read[one].samples:
                raise Invalid({"file": [_("The file has column headings and no rows below them.")]})
        except Invalid:
            one.path.unlink(missing_ok=True)
            read.pop(one, None)
            if one is tables[-1] and not read:
                raise
    now = published.current()
    try:
        definition, sure = (possible[0], None) if module else homes.guessed(now, actor, possible, list(read.values()), name)
    except Invalid:
        forgetting.unlink(str(one.path) for one in read)
        raise
    kept = max(read, key=lambda one: len(mappings.guess(now, actor, definition, read[one])))
    return begin(actor, definition, kept, Path(name).name[:200], read[kept], mappings.guessed(now, actor, definition, read[kept]),
                 rows=reading.count(kept.path), guesses=mappings.guess(now, actor, definition, read[kept]), sheets=list(read),
                 sure=sure)


def choose_sheet(actor: Actor, import_id: int, name: str) -> Run:
    """Import another sheet of the workbook; its columns are guessed anew. Raises Invalid, Conflict once it has started."""
    found, now = find(actor, import_id), published.current()
    one = next((one for one in found.sheets if one["name"] == name), None)
    if one is None:
        raise Invalid({"sheet": [_("The workbook has no sheet “%(sheet)s”.", sheet=name[:80])]})
    path, module = Path(one["path"]), run.module_of(now, found)
    sheet = reading.sheet(path)
    mapping = _mapping(actor, sheet, mappings.guessed(now, actor, module, sheet), mappings.guess(now, actor, module, sheet))
    with transaction() as tx:
        locked = store.get(import_id, tx)
        require_new(locked)
        store.change(tx, import_id, file_path=str(path), file_hash=one["hash"], headers=list(sheet.headings),
                     rows=reading.count(path), mapping={**locked.mapping, **mapping, "sheet": name})
    return store.get(import_id)


def begin(actor: Actor, module: Module, kept: Kept, name: str, sheet: Sheet, mapping: Mapping_, *, rows: int = 0,
          guesses: Mapping[str, tuple[str, float]] | None = None, sheets: Sequence[Kept] = (), sure: float | None = None
          ) -> Run:
    """An import in its first state: a file, its headings, a mapping that can still be changed; guesses: how sure it is;
    sheets: the tables of the workbook that can be imported instead; sure: how well the module fits where it was guessed.

    Raises FileNotFoundError where the file was forgotten since it was kept."""
    others = [{"name": one.sheet, "path": str(one.path), "hash": one.hashed} for one in sheets if one.sheet]
    known = _mapping(actor, sheet, mapping, guesses or {}) | {"sheets": others, "sheet": kept.sheet, "module_sure": sure}
    with transaction() as tx:
        store.hold_files(tx)
        for one in (kept, *sheets):
            one.path.stat()
        number = store.add(tx, actor_id=actor.user_id, module_id=module.id, file_name=name, file_path=str(kept.path),
                           file_hash=kept.hashed, state="new", headers=list(sheet.headings), rows=rows, mapping=known)
    return store.get(number)


def _mapping(actor: Actor, sheet: Sheet, mapping: Mapping_, guesses: Mapping[str, tuple[str, float]]) -> dict[str, Any]:
    """How a run keeps it. Times without an offset are on the clock of whoever imports."""
    hints = {heading: {"zone": actor.time_zone, **shown} for heading, shown in mappings.hints_of(sheet, sheet.headings).items()}
    return {"fields": mapping.to_json(), "hints": hints, "guesses": dict(guesses)}


def find(actor: Actor, import_id: int) -> Run:
    """An import the actor may see: their own; administrators see all (safety T20)."""
    found = store.get(import_id)
    if not actor.everything and found.actor_id != actor.user_id:
        raise NotFound(_("There is no import with this number."))
    return found


def require_new(found: Run) -> None:
    if found.state != "new":
        raise Conflict(_("This import has started; its columns cannot be changed any more."))


def change(actor: Actor, import_id: int, mapping: Mapping_) -> Run:
    """Another mapping. Raises Invalid naming what cannot be set, Conflict once it has started."""
    found = find(actor, import_id)
    now = published.current()
    checked = mappings.check(now, actor, run.module_of(now, found), mapping, found.headers)
    with transaction() as tx:
        locked = store.get(import_id, tx)
        require_new(locked)
        store.change(tx, import_id, mapping={**locked.mapping, "fields": checked.to_json()})
    return store.get(import_id)


@unhurried()
def check(actor: Actor, import_id: int) -> Check:
    """Try the first rows for real and take them back: the same rules, the same reasons, nothing kept."""
    found = find(actor, import_id)
    _may(actor, found)
    loader = run.loader_of(found, actor.through("import"))
    counts: Counter[str] = Counter()
    reasons: Counter[tuple[str, str, str]] = Counter()
    examples: dict[tuple[str, str, str], dict[str, Any]] = {}
    rows, whole = 0, True
    batch: list[tuple[int, list[str]]] = []
    alike: dict[str, list[dict[str, Any]]] = {}

    def try_batch() -> None:
        def tried(tx: Any) -> Any:
            answer = run.trial(tx, loader, batch)
            tx.events.clear()
            return answer
        more, notes = in_transaction(tried)
        counts.update(more)
        for note in notes:
            if note["kind"] == "duplicate":
                alike.setdefault(note["heading"], []).append(note)
            elif note["kind"] != "later":
                reason = (note["kind"], note["heading"], _QUOTED.sub("", note["reason"]))
                reasons[reason] += 1
                examples.setdefault(reason, note)

    for number, row in enumerate(cells.of(found), 2):
        rows += 1
        batch.append((number, row))
        if rows >= TRIED:
            whole = False
            break
    if batch:
        try_batch()
    return Check(rows, whole, dict(counts), [
        {"kind": reason[0], "heading": reason[1], "reason": examples[reason]["reason"], "times": times,
         "row_no": examples[reason]["row_no"], "example": examples[reason]["value"]}
        for reason, times in reasons.most_common(20)], alike)


@unhurried()
def start(actor: Actor, import_id: int, *, here: bool = False) -> Run:
    """Put the rows in waiting and ask a worker to take them (or, here, take them at once).

    The same file for the same module under way: Conflict naming that import.
    """
    found = find(actor, import_id)
    _may(actor, found)
    number = in_transaction(lambda tx: _stage(tx, actor, import_id, here))
    return run.go(number) if here else store.get(number)


def _stage(tx: Any, actor: Actor, import_id: int, here: bool) -> int:
    """The import to run: this one, or (here) the same one that was interrupted and only needs to go on.

    A worker looks after it in any case: at once, or soon after, in case this process is lost meanwhile.
    """
    found = store.get(import_id, tx)
    if found.state != "new":
        return import_id
    if other := store.same(tx, found.module_id, found.file_hash):
        if here:
            return other
        raise Conflict(_("The same file is being imported already (import %(number)s). Wait for it to finish.", number=other))
    key = found.mapping["fields"].get("key")
    rows = store.stage(tx, import_id, cells.of(found), run.batch_of(found.mapping["fields"]))
    headers = [*found.headers, KEY] if key else list(found.headers)
    store.change(tx, import_id, state="staged", rows=rows, headers=headers)
    tx.emit("import.requested", actor=actor, payload={"import_id": import_id}, after=SOON if here else None)
    return import_id


def request_undo(actor: Actor, import_id: int, *, here: bool = False) -> Run:
    """Undo a finished import, by a worker or here."""
    found = find(actor, import_id)
    _may(actor, found)
    if found.state not in ("done", "failed", "undoing"):
        raise Conflict(_("Only a finished import can be undone."))
    if here:
        return undo.go(import_id)
    with transaction() as tx:
        store.change(tx, import_id, state="undoing")
        tx.emit("import.undo_requested", actor=actor, payload={"import_id": import_id})
    return store.get(import_id)


def discard(actor: Actor, import_id: int) -> None:
    """Give up an import that was not started. Raises Conflict for one that was: it can be undone instead."""
    find(actor, import_id)
    if not forgetting.forget(import_id, ("new",)):
        raise Conflict(_("This import has started. When it is finished, it can be undone."))


def problems_file(actor: Actor, import_id: int) -> Iterator[str]:
    """The problem file of an import the actor may see, line by line."""
    find(actor, import_id)
    return problem_file.lines(import_id)


# Whole files, here and now

def import_file(actor: Actor, path: Path, module: str, *, mapping: Mapping_ | None = None, match: str | None = None,
                on_match: str | None = None, corrections: choices.Corrections = choices.NONE,
                on_duplicate: str | None = None) -> dict[str, Any]:
    """One file into one module, to its end, by a mapping or by guesses and what corrects them. Returns what `report` gives."""
    begun = _begin_file(actor, path, module, mapping, match, on_match, corrections, on_duplicate)
    return report(start(actor, begun.id, here=True), module)


def try_file(actor: Actor, path: Path, module: str, *, match: str | None = None, on_match: str | None = None,
             corrections: choices.Corrections = choices.NONE, on_duplicate: str | None = None) -> dict[str, Any]:
    """What `import_file` would do with the first rows; nothing is kept."""
    begun = _begin_file(actor, path, module, None, match, on_match, corrections, on_duplicate)
    try:
        checked = check(actor, begun.id)
    finally:
        forgetting.forget(begun.id)
    columns = {heading: [target["path"] for target in targets] for heading, targets in begun.mapping["fields"]["columns"].items()}
    return {"file": path.name, "module": module, "state": "tried", "rows": checked.rows, "all_rows": checked.all_rows,
            "columns": columns, "match": begun.mapping["fields"]["match"],
            **{name: checked.counts.get(name, 0) for name in COUNTERS}, "reasons": checked.reasons, "error_file": None}


def _begin_file(actor: Actor, path: Path, module: str, mapping: Mapping_ | None, match: str | None, on_match: str | None,
                corrections: choices.Corrections, on_duplicate: str | None = None) -> Run:
    now = published.refresh()
    definition = now.module(module)
    policy.require(actor, "import", definition)
    with open(path, "rb") as stream:
        kept, *others = keeping.keep(stream)
    for one in others:
        one.path.unlink(missing_ok=True)
    sheet = reading.sheet(kept.path)
    chosen = corrections.of(mapping or mappings.guessed(now, actor, definition, sheet), sheet.headings)
    chosen = replace(chosen, match=chosen.match if match is None else match, on_match=on_match or chosen.on_match,
                     on_duplicate=on_duplicate or chosen.on_duplicate)
    chosen = mappings.check(now, actor, definition, chosen, sheet.headings, published_map=mapping is not None)
    return begin(actor, definition, kept, path.name, sheet, chosen)


def report(found: Run, module: str) -> dict[str, Any]:
    """A finished import as the command line shows it."""
    return {"file": found.file_name, "module": module, "import_id": found.id, "state": found.state, "rows": found.rows,
            **{name: getattr(found, name) for name in COUNTERS}, "reasons": store.reasons(found.id),
            "error_file": problem_file.kept(found) if found.refused or found.warned else None}


def _may(actor: Actor, found: Run) -> None:
    policy.require(actor, "import", run.module_of(published.current(), found))
