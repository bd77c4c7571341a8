"""Sample records of a bundle: CSV files by api name, with days counted from today, taken in through the import itself.

`today-3` is a day, `today+10 09:30` a moment in the reader's zone; `me` is whoever installs. The people of users.csv
become inactive users, so that lists look like a team's; an owner nobody knows is whoever installs.
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
from runtime.exchange.mapping import KEY, Mapping_, Target
from runtime.security import users
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor

_DAY = re.compile(r"today(?:([+-])(\d{1,4}))?(?:\s+(\d{1,2}):(\d{2}))?")


def take(actor: Actor, folder: Path) -> list[dict[str, Any]]:
    """Every records/<module>.csv, parents before children, and for administrators the people of records/users.csv: the reports.

    Taken again, records that are here by their name are left alone.
    """
    now = published.refresh()
    if actor.everything:                                # nobody else looks after accounts
        _people(folder / "users.csv")
    files = {file.stem: file for file in sorted(folder.glob("*.csv")) if file.stem in now.definitions.modules}
    return [_one(actor, now.module(name), files[name]) for name in _in_order(now, files)]


def _people(file: Path) -> None:
    """name,email: colleagues that own records, and whom nobody can log in as."""
    for name, email, *_more in list(_read(file))[1:] if file.exists() else ():
        if not users.find(email):
            users.create(email, email=email, full_name=name, active=False)


def _read(file: Path) -> list[list[str]]:
    with open(file, encoding="utf-8-sig", newline="") as source:
        return [line for line in csv.reader(source) if any(line)]


def _in_order(now: Published, files: dict[str, Path]) -> list[str]:
    needs = {name: {target for field in now.module(name).fields if now.type(field).stored
                    and (target := now.type(field).target(field)) in files and target != name} for name in files}
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError:
        return sorted(files, key=lambda name: now.module(name).position)


def _one(actor: Actor, module: Module, file: Path) -> dict[str, Any]:
    headings, *written = _read(file)
    lines = [[_day(cell, actor) for cell in line] for line in written]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / file.name
        with open(copy, "w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows([headings, *lines])
        mapping = _mapping(module, headings, written)
        return service.import_file(actor, copy, module.name, mapping=mapping)


def _mapping(module: Module, headings: list[str], lines: list[list[str]]) -> Mapping_:
    """Samples are known by the first field that tells them apart; where none does, by what stands in all their cells."""
    columns = {heading: (Target(heading),) for heading in headings}
    unique = [field.name for field in module.fields if field.unique]
    for name in (*unique, *module.match_fields, module.name_field):
        if name in headings:
            cells = [line[headings.index(name)] for line in lines]
            if all(cells) and len(set(cells)) == len(cells):
                return Mapping_(columns, name, "skip")
    if free := [name for name in unique if name not in headings]:
        steady = [heading for at, heading in enumerate(headings) if not any(line[at].startswith("today") for line in lines)]
        return Mapping_(columns | {KEY: (Target(free[0]),)}, free[0], "skip", {"path": free[0], "columns": steady})
    return Mapping_(columns)


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
