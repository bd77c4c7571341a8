"""Sample records out of what is live, written as `samples.take` reads them: days from today, links by name, owners as "me"."""
import csv
import io
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import marshmallow as ma

from metadata.model.field import Field
from metadata.model.module import Module
from runtime.db import clock
from runtime.errors import RuntimeProblem
from runtime.records import query
from runtime.security import policy
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor, Record

MOST = 50
LONGEST = 9_999
"""Days from today that a sample can be away; what lies further off is written as it is."""


def sample(actor: Actor, modules: Collection[str], most: int = MOST) -> dict[str, bytes]:
    """{"deals.csv": bytes}: of each module the newest records this actor sees, in the fields they may read. Links that lead to
    no record among them stay empty. Raises Refused where they may not export one of them."""
    now = published.current()
    homes = [now.module(name) for name in sorted(modules) if policy.may(actor, "read", now.module(name))]
    for home in homes:
        policy.require(actor, "export", home)           # a package leaves the house
    asked = {home.name: _paths(now, actor, home, modules) for home in homes}
    found = {home.name: query.find(actor, query.Query(
        home.name, tuple(dict.fromkeys((home.name_field, *asked[home.name]))), sort=(("id", True),), limit=most,
        labels=True)).rows for home in homes}
    there = {home.name: {str(record.values.get(home.name_field)) for record in found[home.name]} for home in homes}
    return {f"{home.name}.csv": _file(now, actor, home, asked[home.name], found[home.name], there) for home in homes
            if found[home.name]}


def _paths(now: Published, actor: Actor, home: Module, modules: Collection[str]) -> dict[str, Field]:
    """{path: its field} of what can be written and read again."""
    readable, paths = policy.readable(actor, home), {}
    for field in home.fields:
        kind = now.type(field)
        target = kind.target(field)
        if not (kind.stored and kind.writable and field.name in readable) or (target is not None and target not in modules):
            continue
        parts = kind.columns(field)
        for part in ("",) if "" in parts else parts:
            paths[f"{field.name}.{part}" if part else field.name] = field
    return paths


def _file(now: Published, actor: Actor, home: Module, paths: Mapping[str, Field], records: list[Record],
          there: Mapping[str, set[str]]) -> bytes:
    lines = [[_cell(now, actor, field, path, record.values, there) for path, field in paths.items()]
             for record in reversed(records)]
    used = [at for at in range(len(paths)) if any(line[at] for line in lines)]
    names = list(paths)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([*(names[at] for at in used), "owner"])
    writer.writerows([*(line[at] for at in used), "me"] for line in lines)
    return written.getvalue().encode()


def _cell(now: Published, actor: Actor, field: Field, path: str, values: Mapping[str, Any], there: Mapping[str, set[str]]) -> str:
    value, kind = values.get(path), now.type(field)
    if value is None:
        return ""
    if (target := kind.target(field)) is not None:
        label = str(values.get(f"{path}:label") or "")
        return label if label in there.get(target, ()) else ""
    if isinstance(value, date):
        return _day(value, actor)
    text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else (
        str(value).lower() if isinstance(value, bool) else str(value))
    if path == field.name:
        try:
            kind.parse_dirty(field, text, {})
        except (ma.ValidationError, RuntimeProblem, ValueError):
            return ""                           # a file, a picture: no cell can hold it
    return text


def _day(value: date, actor: Actor) -> str:
    zone = ZoneInfo(actor.time_zone)
    local = value.astimezone(zone) if isinstance(value, datetime) else None
    days = ((local.date() if local else value) - clock.now().astimezone(zone).date()).days
    if abs(days) > LONGEST:
        return value.isoformat()
    return f"today{f'{days:+d}' if days else ''}" + (f" {local:%H:%M}" if local else "")
