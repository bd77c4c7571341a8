"""Look: what an import's first rows show of its mapping, column by column, before anything is written."""
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from metadata.model.module import Module
from runtime.db.transaction import reading as reading_database
from runtime.exchange import choices, reading, run
from runtime.exchange import mapping as mappings
from runtime.exchange.loading import Loader
from runtime.exchange.mapping import KEY, Mapping_
from runtime.exchange.rows import Loaded
from runtime.exchange.store import Run
from runtime.exchange.tally import Tally
from runtime.fields.dirt import folded
from runtime.records import shown
from runtime.records.people import PEOPLE
from runtime.security import policy
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor

LOOKED = 20_000
WHOLE, DIFFERENT, LISTED = 500_000, 20_000, 200
"""How many rows are looked at.

Where values are fixed: how many rows are read, how many different cells are tried, how many are listed."""


@dataclass(frozen=True)
class Column:
    """One column of the file. choice: what its select shows; wrong: cells nobody can read; missing: links not found.

    sentence: the first reason; unread: {cell text: how often}, the commonest first.
    samples: some different cells.
    sure: how alike heading and field are where the house guessed it, 0 to 1; None where a person chose it.
    """
    number: int
    heading: str
    first: str
    choice: str
    fine: int
    empty: int
    wrong: int
    missing: int
    sentence: str
    unread: Mapping[str, int]
    sure: float | None = None
    samples: Sequence[str] = ()


@dataclass(frozen=True)
class Look:
    """rows: how many rows were looked at; preview: [(label, text)] of one row as a record; known: rows that match a record."""
    columns: Sequence[Column]
    rows: int
    preview: Sequence[tuple[str, str]]
    at: int
    known: int

    @property
    def matched(self) -> int:
        return sum(1 for column in self.columns if column.choice)

    @property
    def by_us(self) -> int:
        return sum(1 for column in self.columns if column.sure is not None)


def look(actor: Actor, found: Run, reader: Any, at: int = 1) -> Look:
    """at: which row to show as the record it will become."""
    now = published.current()
    loader = run.loader_of(found, actor.through("import"), unmatched=True)
    tallies = [Tally() for _heading in found.headers]
    count = known = 0
    sample: tuple[Loaded, list[str]] | None = None
    for rows, cells in _batches(found, loader):
        if sample is None or count < at <= count + len(rows):
            place = at - count - 1 if count < at <= count + len(rows) else 0
            sample = rows[place], cells[place]
        count += len(rows)
        for heading, tally, column in zip(found.headers, tallies, zip(*cells, strict=False), strict=False):
            tally.take(heading, column, rows)
        with reading_database() as connection:
            existing = loader.existing(connection, rows)
        known += sum(1 for row in rows if row.values.get(loader.mapping.match) in existing)
    guesses = found.mapping.get("guesses", {})
    columns = [_column(number, heading, loader.mapping, count, tally, guesses.get(heading))
               for number, (heading, tally) in enumerate(zip(found.headers, tallies, strict=True))]
    preview = _preview(now, actor, loader, *sample, reader) if sample else ()
    return Look(columns, count, preview, min(max(at, 1), max(count, 1)), known)


def _batches(found: Run, loader: Loader) -> Iterator[tuple[list[Loaded], list[list[str]]]]:
    """The first LOOKED rows, loaded and with their links, beside their cells."""
    with reading.rows(Path(found.file_path)) as lines:
        next(lines, None)
        numbered = enumerate(islice(lines, LOOKED), 2)
        while batch := list(islice(numbered, run.BATCH)):
            cells = [[cell[:reading.SAMPLE_CELL].strip() for cell in reading.fitted(line, len(found.headers))]
                     for _number, line in batch]
            with reading_database() as connection:
                rows = loader.load(connection, [(number, [*row, ""]) for (number, _line), row in zip(batch, cells, strict=True)])
            yield rows, cells


def _column(number: int, heading: str, mapping: Mapping_, rows: int, seen: Tally, guess: Sequence[Any] | None) -> Column:
    targets = mapping.columns.get(heading, ())
    sure = float(guess[1]) if guess and targets and targets[0].path == guess[0] else None
    return Column(number, heading, " · ".join(list(seen.first)[:3])[:120], choices.written(targets[0]) if targets else "",
                  rows - seen.empty - seen.wrong - seen.missing, seen.empty, seen.wrong, seen.missing, seen.sentence,
                  dict(seen.unread.most_common(50)), sure, [cell[:200] for cell in seen.first])


def counted(actor: Actor, found: Run, column: Column) -> Column:
    """The column with its unread cells counted over the whole file (its first WHOLE rows), each different cell tried once."""
    times: Counter[str] = Counter()
    with reading.rows(Path(found.file_path)) as lines:
        next(lines, None)
        for line in islice(lines, WHOLE):
            if column.number < len(line) and (cell := line[column.number].strip()):
                times[cell[:reading.SAMPLE_CELL]] += 1
    loader = run.loader_of(found, actor.through("import"))
    row = [""] * (len(found.headers) + 1)
    cells = [cell for cell, _times in times.most_common(DIFFERENT)]
    with reading_database() as connection:
        loaded = loader.load(connection, [(0, [*row[:column.number], cell, *row[column.number + 1:]]) for cell in cells])
    tried = dict(zip(cells, loaded, strict=True))
    said = {cell: one for cell, read in tried.items() for one in (*read.problems, *read.warnings) if one[0] == column.heading}
    unread = {cell: times[cell] for cell in tried if cell in said}
    sentence = next((said[cell][2] for cell in unread), "")
    return replace(column, unread=dict(islice(unread.items(), LISTED)), sentence=sentence)


def _preview(now: Published, actor: Actor, loader: Loader, row: Loaded, cells: Sequence[str], reader: Any
             ) -> list[tuple[str, str]]:
    links = {target.path: loader.meant(target, cells[at]) for at, _heading, target, _swift, read in loader.readers if read is None}
    values = {**row.values, **{f"{path}:label": text for path, text in links.items() if text}}
    made = []
    for path in dict.fromkeys(target.path for _at, _heading, target, *_ways in loader.readers):     # in the file's order
        field = shown.field(now, actor, loader.module, path)
        wrong = next((said for heading, _value, said in row.problems if heading == loader.headings.get(path)), None)
        text = wrong or (str(values.get(f"{path}:label")) if values.get(path) and f"{path}:label" in values else
                         shown.plain(field, values, reader) if values.get(path) is not None else "")
        if path != KEY and text:
            made.append((field.label, text))
    return made


def suggestions(actor: Actor, found: Run, column: Column) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """What the unread cells of a column may stand for: ([(value, label)] of a list of choices, {cell: best guess})."""
    now = published.current()
    module = run.module_of(now, found)
    path, _bar, match = column.choice.partition("#")[0].partition("|")
    field = module.by_name[path.partition(".")[0]]
    kind = now.type(field)
    target = kind.target(field)
    if target and target != PEOPLE.name:
        other = now.module(target)
        words = _names(actor, other, match or other.name_field, list(column.unread))
        options: list[tuple[str, str]] = []
    else:
        one = shown.field(now, actor, module, path)
        options = [(str(choice["value"]), str(choice["label"])) for choice in one.choices]
        words = {label: value for value, label in options}
    bare = {folded(word): meant for word, meant in words.items()}
    guesses = {}
    for cell in column.unread:
        if near := get_close_matches(folded(cell), bare, 1, 0.8):
            guesses[cell] = bare[near[0]]
    return options, guesses


def _names(actor: Actor, module: Module, match: str, cells: Sequence[str]) -> dict[str, str]:
    """The names of a module's records this actor may see that could be meant: the first thousand, and those that differ
    from a cell by case, accents, blanks and marks alone."""
    now = published.current()
    if match not in policy.readable(actor, module):
        return {}
    table = now.table(module.name)
    where = [table.c.deleted_at.is_(None), table.c[match].is_not(None)]
    visible = policy.visible(actor, module, table)
    if visible is not None:
        where.append(visible)
    name = sa.cast(table.c[match], sa.Text)
    alike = sa.func.regexp_replace(sa.func.house.fold(name), "[^[:alnum:]]", "", "g") == sa.any_(
        sa.cast([folded(cell) for cell in cells], ARRAY(sa.Text)))
    with reading_database() as connection:
        first = connection.scalars(sa.select(name).where(*where).order_by(table.c.id).limit(1_000)).all()
        return {word: word for word in (*first, *connection.scalars(sa.select(name).where(*where, alike).limit(1_000)))}


def keys(now: Published, actor: Actor, module: Module, mapping: Mapping_) -> list[tuple[str, str]]:
    """(path, label) of the mapped fields existing records can be found by; those the module names for it first."""
    readable = policy.readable(actor, module)
    paths = [path for path in mapping.paths if path in readable and "." not in path and path != mappings.CREATED
             and not now.type(module.by_name[path]).target(module.by_name[path])]
    best = (*module.match_fields, module.name_field)
    paths.sort(key=lambda path: best.index(path) if path in best else len(best))
    return [(path, shown.label(now, actor, module, module.by_name[path])) for path in paths]
