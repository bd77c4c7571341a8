"""Exports: a small one is answered at once, a larger one is written by a worker and waits to be fetched by who asked for it.

What may be read is asked of the rights of the moment: when somebody asks, when the worker writes, and when the file is fetched.
"""
import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from metadata.model.module import Module
from runtime.db import clock
from runtime.db.transaction import transaction
from runtime.errors import BadQuery, Conflict, NotFound, Refused, RuntimeProblem, TooMany
from runtime.exchange import export_store
from runtime.exchange.export_store import DONE, EXPIRED, FAILED, RUNNING, SENT, Export
from runtime.kinds.export_format import ExportFormat
from runtime.kinds.kind import catalogue
from runtime.locale import reader as locales
from runtime.locale.text import _, speaking
from runtime.records import export, list_state, query, shown
from runtime.security import policy, users
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor

AT_ONCE = 2_000
"""Up to so many rows nobody waits for a worker."""
MOST = 1_000_000
WAITING_TOGETHER = 5
"""So many exports of one person may be under way."""
KEPT = timedelta(days=7)
REMEMBERED = timedelta(days=365)
LEFT_BEHIND = timedelta(days=1)
TOLD = 1_000
"""After so many rows the page learns how far it is."""


class Removed(Exception):
    """Nobody wants this export any more."""


@dataclass(frozen=True)
class Ask:
    """Rows somebody wants as a file. given: a list's state as its address says it; ids: the ticked records, none = every match."""
    module: str
    format: str
    given: Mapping[str, str]
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Question:
    """What an Ask means by the rights of this moment."""
    module: Module
    kind: ExportFormat
    state: list_state.ListState
    query: query.Query
    fields: list[shown.ShownField]


def question(now: Published, actor: Actor, ask: Ask) -> Question:
    """Raises NotFound, Refused, BadQuery."""
    module = now.module(ask.module)
    policy.require(actor, "export", module)
    kind = format_of(ask.format)
    state = list_state.read(now, actor, module, ask.given)
    asked = query.replace(state.query(), after=None, before=None)
    if ask.ids:
        asked = query.replace(asked, ids=ask.ids, criteria=None, text="")
    return Question(module, kind, state, asked, [shown.field(now, actor, module, path) for path in state.shown_columns])


def format_of(name: str) -> ExportFormat:
    known = [each.name for each in catalogue().all("export_formats")]
    if name not in known:
        raise BadQuery(_("There is no export format '%(name)s'. Known: %(known)s.", name=name[:40], known=", ".join(known)))
    return catalogue().get("export_formats", name)


def counted(actor: Actor, asked: Question) -> int:
    """How many rows it would have. Raises Refused where they are too many for one file."""
    number, more = query.count(actor, asked.query, cap=MOST)
    if more:
        raise Refused(_("More than %(most)s records match. Narrow the list first.", most=locales.current().number(MOST)))
    return number


def at_once(actor: Actor, ask: Ask, asked: Question, target: BinaryIO, said: str) -> int:
    """Write it here and now; who took what is remembered all the same. Returns the row count."""
    rows = export.write(actor, asked.kind, target, asked.query, asked.fields, locales.current())
    with transaction() as tx:
        at = clock.now()
        number = export_store.add(tx, **_kept(actor, ask, asked, said), state=SENT, rows=rows, total=rows, begun_at=at,
                                  finished_at=at)
        _tell(tx, actor, asked.module, number, asked.kind, rows)
    return rows


def begin(actor: Actor, ask: Ask, asked: Question, said: str) -> Export:
    """Have a worker write it. Raises Refused, BadQuery, TooMany."""
    total = counted(actor, asked)
    with transaction() as tx:
        if export_store.under_way(tx, actor.user_id or 0) >= WAITING_TOGETHER:
            raise TooMany(_("%(count)s of your exports are under way. Wait for one to finish, or remove it.",
                            count=WAITING_TOGETHER))
        number = export_store.add(tx, **_kept(actor, ask, asked, said), total=total, begun_at=clock.now())
        tx.emit("export.requested", actor=actor, module=asked.module.name, payload={"export_id": number})
    return export_store.get(number)


def _kept(actor: Actor, ask: Ask, asked: Question, said: str) -> dict[str, Any]:
    return {"actor_id": actor.user_id, "module_id": asked.module.id, "said": said[:500], "format": asked.kind.name,
            "asked": dict(ask.given), "ids": list(ask.ids), "paths": list(asked.state.shown_columns)}


def _tell(tx: Any, actor: Actor, module: Module, number: int, kind: ExportFormat, rows: int) -> None:
    tx.emit("records.exported", actor=actor, module=module.name, payload={"export_id": number, "format": kind.name, "rows": rows})


# The worker's part

def run(export_id: int) -> None:
    """Write the file, from its beginning; begun twice, it is the same file."""
    try:
        found = export_store.get(export_id)
    except NotFound:
        return
    if not found.under_way:
        return
    try:
        actor = users.actor_for(found.actor_id, "export")
        own = locales.reader(actor.language, actor.time_zone)
        with speaking(actor.language), locales.reading_as(own):
            _write(found, actor)
    except Removed:
        return
    except RuntimeProblem as problem:
        _fail(export_id, problem.message)
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        _fail(export_id, _("The disk is full. Ask your administrator."))


def _fail(export_id: int, problem: str) -> None:
    export_store.change(export_id, state=FAILED, problem=problem, finished_at=clock.now())


def _write(found: Export, actor: Actor) -> None:
    now = published.refresh()
    module = module_of(now, found)
    asked = question(now, actor, Ask(module.name, found.format, found.asked, tuple(found.ids)))
    total = counted(actor, asked)
    _note(found.id, state=RUNNING, rows=0, total=total, paths=list(asked.state.shown_columns))

    def told(rows: int) -> None:
        if rows % TOLD == 0:
            _note(found.id, rows=rows)

    with _whole(found.path) as target:
        rows = export.write(actor, asked.kind, target, asked.query, asked.fields, locales.current(), told=told)
    with transaction() as tx:
        done = tx.execute(export_store.exports.update().where(export_store.exports.c.id == found.id).values(
            state=DONE, rows=rows, total=rows, size=found.path.stat().st_size, finished_at=clock.now())).rowcount
        if done:
            _tell(tx, actor, module, found.id, asked.kind, rows)
    if not done:
        found.path.unlink(missing_ok=True)


def _note(export_id: int, **values: Any) -> None:
    if not export_store.change(export_id, **values):
        raise Removed


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that is there only once all of it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with open(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, path)
    except BaseException:
        Path(half).unlink(missing_ok=True)
        raise


# Afterwards

def module_of(now: Published, found: Export) -> Module:
    module = now.definitions.module_by_id(found.module_id)
    if module is None:
        raise NotFound(_("The module of this export is no longer published."))
    return module


def find(actor: Actor, export_id: int) -> Export:
    """One's own. Raises NotFound, with the same words for somebody else's."""
    found = export_store.get(export_id)
    if found.actor_id != actor.user_id:
        raise NotFound(_("There is no export with this number."))
    return found


def file_of(actor: Actor, export_id: int) -> tuple[Export, Path, str]:
    """(export, file, what to call it), for who asked for it and may still read all that is in it.

    Raises NotFound, Refused; Conflict while it is not there yet, or not any more.
    """
    found, now = find(actor, export_id), published.current()
    module = module_of(now, found)
    policy.require(actor, "export", module)
    if found.state == EXPIRED or (found.state == DONE and not found.path.exists()):
        raise Conflict(_("This file was there for %(days)s days and is gone. Export again.", days=KEPT.days))
    if found.state != DONE:
        raise Conflict(_("This export has no file to fetch."))
    if not all(path == "id" or list_state.may_read(now, actor, module, path) for path in found.paths):
        raise Refused(_("Your rights have changed since this file was written. Export again."))
    called = f"{module.name}-{locales.current().local(found.begun_at):%Y-%m-%d}.{format_of(found.format).extension}"
    return found, found.path, called


def remove(actor: Actor, export_id: int) -> None:
    """The file and the wish for it; a worker that writes it stops. What was taken stays remembered."""
    found = find(actor, export_id)
    if found.state in (DONE, EXPIRED):
        export_store.change(export_id, state=EXPIRED)
    else:
        export_store.remove(export_id)
    found.path.unlink(missing_ok=True)


def sweep() -> None:
    """Files that were there long enough go; so do halves that a lost worker left, and what is a year old."""
    now = clock.now()
    with transaction() as tx:
        export_store.expire(tx, now - KEPT)
        export_store.forget(tx, now - REMEMBERED)
    with transaction() as tx:
        stay = {str(number) for number in export_store.with_files(tx)}
    for path in export_store.folder().glob("*"):
        half = "." in path.name
        with contextlib.suppress(FileNotFoundError):
            if (path.stat().st_mtime < (now - LEFT_BEHIND).timestamp()) if half else path.name not in stay:
                path.unlink()


