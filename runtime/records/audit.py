"""Audit: walks the chain of seals over the history, and names the first row or seal that is not as it was sealed."""
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runtime.db.transaction import reading
from runtime.errors import BadQuery
from runtime.locale.text import _
from runtime.records import seals
from runtime.records.seals import Seal
from runtime.tables import labels, published

SHOWN = 20
"""After so many differences it is known well enough that somebody was there."""
AT_ONCE = 20
_SEALS = sa.text("SELECT number, at, ids, digests, previous, hash FROM house.history_seal WHERE number > :after "
                 "ORDER BY number LIMIT :most")
_ROWS = sa.text(f"SELECT h.id, h.module_id, h.record_id, h.verb, {seals.DIGESTED} AS digest FROM house.history AS h "
                "WHERE h.id > :after AND h.id <= :upto ORDER BY h.id")
_PURGED = sa.text("""
SELECT p.history_id, t.module_id, t.record_id FROM house.history_purge AS p JOIN house.history AS t ON t.id = p.tombstone_id
WHERE p.history_id = ANY (:ids) AND t.verb = 'purge' AND t.id > p.history_id AND t.changed->'purged'->0 @> to_jsonb(p.history_id)
ORDER BY p.history_id""")


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was sealed. what: a row "changed", "missing", "added" or "purged" (its record is there, though);
    a "seal" that was changed, "no_seal", "no_end" (seals after it are gone), "other_head" (not the one that was written down)."""
    what: str
    seal: int
    row: int | None = None
    module: str = ""
    record_id: int | None = None

    @property
    def sentence(self) -> str:
        told = {"seal": self.seal, "row": self.row, "module": self.module, "record": self.record_id}
        match self.what:
            case "changed":
                return _("Row %(row)s of the history (%(module)s %(record)s) was changed after seal %(seal)s.", **told)
            case "missing":
                return _("Row %(row)s of the history was taken away after seal %(seal)s.", **told)
            case "added":
                return _("Row %(row)s of the history (%(module)s %(record)s) was put in after seal %(seal)s.", **told)
            case "purged":
                return _("Row %(row)s of the history is said to be purged, but %(module)s %(record)s is there.", **told)
            case "seal":
                return _("Seal %(seal)s is not as it was made.", **told)
            case "no_seal":
                return _("Seal %(seal)s is missing.", **told)
            case "no_end":
                return _("The seals from %(seal)s on are missing.", **told)
            case _:
                return _("Seal %(seal)s is not the one that was written down.", **told)


@dataclass
class Report:
    """rows: compared with their seal. purged: gone for good, and said so. waiting: not sealed yet. since: the first seal."""
    rows: int = 0
    seals: int = 0
    purged: int = 0
    waiting: int = 0
    since: datetime | None = None
    head: str = ""
    differences: list[Difference] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.differences


def verify(since: str = "", told: Callable[[int], None] = lambda seals: None) -> Report:
    """Look at every seal and every row, in one snapshot and little memory.

    since: a head that was written down elsewhere; the chain must still lead through it. told: hears how many seals are done.
    Raises BadQuery for a head that cannot be read.
    """
    kept = read_head(since)
    report = Report()
    with reading(snapshot=True) as connection:
        running, number, last = seals.NOTHING, 0, 0
        for seal in _each(connection):
            if seal.number != number + 1:
                report.differences.append(Difference("no_seal", number + 1))
                last = max(last, seal.ids[0] - 1)
            elif seal.previous != running:
                report.differences.append(Difference("seal", seal.number))
            if seal.worked_out != seal.hash:
                report.differences.append(Difference("seal", seal.number))
            else:
                _compare(connection, report, seal, last)
            if kept and kept[0] == seal.number and kept[1] != seal.hash:
                report.differences.append(Difference("other_head", seal.number))
            running, number, last = seal.hash, seal.number, max(last, seal.ids[-1])
            report.since = report.since or seal.at
            report.seals += 1
            told(report.seals)
            if len(report.differences) >= SHOWN:
                break
        else:
            standing = seals.standing(connection)
            if (standing.number, standing.hash) != (number, running):
                report.differences.append(Difference("no_end" if standing.number > number else "seal",
                                                     number + 1 if standing.number > number else number))
            if kept and kept[0] > number:
                report.differences.append(Difference("other_head", kept[0]))
            report.waiting = standing.waiting
        report.head = seals.head(number, running)
    return report


def read_head(since: str) -> tuple[int, bytes] | None:
    """A head as it was printed, or none. Raises BadQuery."""
    if not since:
        return None
    number, _colon, hash = since.strip().partition(":")
    try:
        kept = int(number), bytes.fromhex(hash)
    except ValueError:
        kept = 0, b""
    if kept[0] < 1 or len(kept[1]) != seals.DIGEST:
        raise BadQuery(_("A head looks like 42:9f86d0…, as it was printed: a number, a colon and 64 letters and digits."))
    return kept


def _each(connection: sa.Connection) -> Iterator[Seal]:
    after = 0
    while some := [Seal(**row._mapping) for row in connection.execute(_SEALS, {"after": after, "most": AT_ONCE})]:
        yield from some
        after = some[-1].number


def _compare(connection: sa.Connection, report: Report, seal: Seal, last: int) -> None:
    """A sound seal with the rows between the one before it and its own last."""
    sealed = seal.rows()
    for row in connection.execute(_ROWS, {"after": last, "upto": seal.ids[-1]}):
        digest = sealed.pop(row.id, None)
        if digest == row.digest:
            report.rows += 1
        else:
            report.differences.append(Difference("added" if digest is None else "changed", seal.number, row.id,
                                                 _label(row.module_id), row.record_id))
    if not sealed:
        return
    for row in connection.execute(_PURGED, {"ids": list(sealed)}):
        del sealed[row.history_id]
        report.purged += 1
        if _there(connection, row.module_id, row.record_id):
            report.differences.append(Difference("purged", seal.number, row.history_id, _label(row.module_id), row.record_id))
    report.differences += [Difference("missing", seal.number, id) for id in sealed]


def _there(connection: sa.Connection, module_id: str, record_id: int) -> bool:
    module = _module(module_id)
    if module is None:
        return False
    table = published.current().table(module.name)
    return connection.scalar(sa.select(sa.exists().where(table.c.id == record_id)))


def _label(module_id: str) -> str:
    module = _module(module_id)
    return labels.of_module(module) if module else module_id


def _module(module_id: str) -> Any:
    return next((module for module in published.current().definitions.modules.values() if module.id == module_id), None)
