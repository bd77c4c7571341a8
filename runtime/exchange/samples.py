"""Sample records of a bundle: CSV files by api name, with days counted from today, taken in through the import itself.

`today-3` is a day, `today+10 09:30` a moment in the reader's zone; `me` is whoever installs. Owners nobody knows yet
become inactive people, so that lists look like a team's.
"""
import csv
import re
import tempfile
from datetime import datetime, time, timedelta
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from metadata.model.module import Module
from runtime.db import clock
from runtime.exchange import service
from runtime.exchange.mapping import Mapping_, Target
from runtime.fields.dirt import folded
from runtime.records.search import people
from runtime.security import users
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor

_DAY = re.compile(r"today(?:([+-])(\d{1,4}))?(?:\s+(\d{1,2}):(\d{2}))?")


def take(actor: Actor, folder: Path) -> list[dict[str, Any]]:
    """Every records/<module>.csv, parents before children. Returns the imports' reports."""
    now = published.refresh()
    files = {file.stem: file for file in sorted(folder.glob("*.csv")) if file.stem in now.definitions.modules}
    return [_one(actor, now, now.module(name), files[name]) for name in _in_order(now, files)]


def _in_order(now: Published, files: dict[str, Path]) -> list[str]:
    needs = {name: {target for field in now.module(name).fields if now.type(field).stored
                    and (target := now.type(field).target(field)) in files and target != name} for name in files}
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError:
        return sorted(files, key=lambda name: now.module(name).position)


def _one(actor: Actor, now: Published, module: Module, file: Path) -> dict[str, Any]:
    with open(file, encoding="utf-8", newline="") as source:
        headings, *lines = list(csv.reader(source))
    lines = [[_day(cell, actor) for cell in line] for line in lines]
    if "owner" in headings and actor.everything:
        at = headings.index("owner")
        for name in {line[at] for line in lines} - {"", "me"}:
            if not users.find(name) and not _known(now, name):
                users.create(_login(name), full_name=name, active=False)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / file.name
        with open(copy, "w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows([headings, *lines])
        mapping = Mapping_({heading: (Target(heading),) for heading in headings})
        return service.import_file(actor, copy, module.name, mapping=mapping)


def _known(now: Published, name: str) -> bool:
    return any(hit.title == name for hit in people(name, active_only=False))


def _login(name: str) -> str:
    return folded(name)


def _day(cell: str, actor: Actor) -> str:
    found = _DAY.fullmatch(cell.strip())
    if not found:
        return cell
    sign, days, hour, minute = found.groups()
    zone = ZoneInfo(actor.time_zone)
    day = clock.now().astimezone(zone).date() + timedelta(days=int(f"{sign or ''}{days or 0}"))
    if hour is None:
        return day.isoformat()
    return datetime.combine(day, time(int(hour), int(minute)), zone).isoformat()
