"""Loading: rows of cells as clean values, column by column. Compiled once per import; links and keys are looked up once
per batch."""
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from metadata.model.module import Module
from runtime.exchange.mapping import Mapping_, Target
from runtime.exchange.reading import LONGEST_CELL
from runtime.locale.text import _
from runtime.records import service
from runtime.records.form import form_of, sentences
from runtime.records.people import PEOPLE
from runtime.security import policy
from runtime.tables import labels
from runtime.tables.published import Published
from runtime.values import Actor

Swift = Callable[[str], Any]
MEMO = 20_000
LINKS = 100_000
"""How many texts a reader, and how many names a link remembers, before they forget and begin anew."""


@dataclass(slots=True)
class Loaded:
    """One row on its way. blank: paths whose cell is empty; links: {path: (target, text, heading)};
    problems and warnings: [(heading, cell, sentence)]; later: links to records that may follow in the same file."""
    row_no: int
    values: dict[str, Any] = field(default_factory=dict)
    blank: list[str] = field(default_factory=list)
    links: dict[str, tuple[Target, str, str]] = field(default_factory=dict)
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str, str]] = field(default_factory=list)
    later: list[tuple[str, str, str]] = field(default_factory=list)


class Loader:
    """For one import: module, mapping, headings, hints. Memory is bounded: memos forget when they are full."""

    def __init__(self, now: Published, actor: Actor, module: Module, mapping: Mapping_, headings: Sequence[str],
                 hints: Mapping[str, Mapping[str, Any]]):
        self.now, self.actor, self.module, self.mapping = now, actor, module, mapping
        self.headings = {target.path: heading for heading, targets in mapping.columns.items() for target in targets}
        self.made: dict[int, int] = {}
        """{id: row} of the records a trial made."""
        self.known: dict[tuple[str, str], dict[str, int | None]] = defaultdict(dict)
        self.places: dict[str, tuple[str, str]] = {}
        self.readers: list[tuple[int, str, Target, Swift | None, Swift | None]] = []
        """(place in the row, heading, target, the short way, the long way); no long way = a link, found by the batch."""
        self.beginnings = _beginnings(actor, module, {path.partition(".")[0] for path in self.headings})
        self.times = Counter(target.path for targets in mapping.columns.values() for target in targets)
        entries = form_of(now, module).entries
        for at, heading in enumerate(headings):
            for target in mapping.columns.get(heading, ()):
                name, _dot, part = target.path.partition(".")
                found = module.by_name[name]
                kind = now.type(found)
                if kind.target(found):
                    self.readers.append((at, heading, target, None, None))
                    continue
                value = entries[target.path][2] if target.path in entries else kind.value(found)
                merged = {**hints.get(heading, {}), **(target.hints or {})}
                swift = value.swift(merged) if hasattr(value, "swift") and not target.values else None
                self.readers.append((at, heading, target, swift, _reader(kind, found, part, value, merged)))

    def new(self, row: Loaded) -> Mapping[str, Any]:
        """A row's values as those of a new record."""
        return {**self.beginnings, **row.values} if self.beginnings else row.values

    def load(self, row_no: int, cells: Sequence[str]) -> Loaded:
        """cells: as wide as the headings, without blanks around them."""
        return self.load_all([(row_no, cells)])[0]

    def load_all(self, rows: Sequence[tuple[int, Sequence[str]]]) -> list[Loaded]:
        """Rows, each with its number. A column that is clean all the way down costs next to nothing per row."""
        if not rows:
            return []
        loaded = [Loaded(row_no) for row_no, _cells in rows]
        columns = list(zip(*[cells for _row_no, cells in rows], strict=False))
        clean_paths, clean_columns = [], []
        for at, heading, target, swift, read in self.readers:
            column = columns[at]
            clean = _swiftly(swift, column) if swift is not None else (None,) * len(column)
            if swift is not None and None not in clean and self.times[target.path] == 1:
                clean_paths.append(target.path)
                clean_columns.append(clean)
                continue
            for row, text, value in zip(loaded, column, clean, strict=True):
                if value is not None:
                    row.values[target.path] = value
                else:
                    self._slowly(row, text, heading, target, read)
        for row, values in zip(loaded, zip(*clean_columns, strict=True), strict=False):     # none where no column is clean
            row.values.update(zip(clean_paths, values, strict=True))
        return loaded

    def _slowly(self, row: Loaded, text: str, heading: str, target: Target, read: Swift | None) -> None:
        """A cell that is blank, a link, or written in a way that needs a closer look."""
        if target.values:
            text = target.values.get(text, text)
        text = text or target.default
        if not text:
            row.blank.append(target.path)
        elif read is None:
            row.links[target.path] = (target, text, heading)
        else:
            try:
                clean = read(text)
            except ma.ValidationError as problem:
                row.problems += [(heading, text[:200], sentence) for sentence in sentences(problem)]
            else:
                if clean is None:
                    row.blank.append(target.path)
                else:
                    row.values[target.path] = clean

    def link(self, connection: sa.Connection, rows: Sequence[Loaded]) -> None:
        """Find what the links of a batch point to: one question per module and key, remembered for the next batch."""
        wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in rows:
            for path, (target, text, _heading) in row.links.items():
                place = self._place(path, target)
                if text not in self.known[place]:
                    wanted[place].add(text)
        for place, texts in wanted.items():
            memo = self.known[place]
            if len(memo) + len(texts) > LINKS:
                memo.clear()
                texts = {text for row in rows for path, (target, text, _heading) in row.links.items()
                         if self._place(path, target) == place}
            memo.update(dict.fromkeys(texts))
            memo.update(self._find(connection, *place, texts))
        for row in rows:
            for path, (target, text, heading) in row.links.items():
                self._put(row, path, target, text, heading)

    def _put(self, row: Loaded, path: str, target: Target, text: str, heading: str) -> None:
        place = self._place(path, target)
        found = self.known[place].get(text)
        if found is not None and found > 0:
            row.values[path] = found
            return
        row.blank.append(path)
        module = place[0]
        if found is not None:
            sentence = _("There are several “%(text)s” in %(module)s; which one is meant cannot be said.",
                         module=self.plural(module), text=text[:80])
        else:
            sentence = self.not_there(module, text)
            if module == self.module.name:
                self.known[place].pop(text, None)
                row.later.append((path, heading, text))
                return
        (row.problems if target.if_missing == "refuse" else row.warnings).append((heading, text[:200], sentence))
        if path == "owner":
            row.blank.remove(path)          # the importing person keeps what nobody can be found for

    def not_there(self, module: str, text: str) -> str:
        return _("There is no “%(text)s” in %(module)s.", module=self.plural(module), text=text[:80])

    def plural(self, module: str) -> str:
        return _("users") if module == PEOPLE.name else labels.of_modules(self.now.module(module))

    def _place(self, path: str, target: Target) -> tuple[str, str]:
        """(module, field) in which a link's text is looked for."""
        if path not in self.places:
            found = self.module.by_name[path]
            module = self.now.type(found).target(found)
            own = "name" if module == PEOPLE.name else self.now.module(module).name_field
            self.places[path] = (module, target.match or own)
        return self.places[path]

    def _find(self, connection: sa.Connection, module: str, match: str, texts: set[str]) -> dict[str, int]:
        """{text: id}, -1 where several fit. People by name, address or, for "me", oneself."""
        if module == PEOPLE.name:
            return self._people(connection, texts)
        table = self.now.table(module)
        found: dict[str, int] = {}
        if match in policy.readable(self.actor, self.now.module(module)):
            column = table.c[match] if isinstance(table.c[match].type, sa.String) else sa.cast(table.c[match], sa.Text)
            asked = _asked(texts, sa.Text())
            where = [table.c.deleted_at.is_(None), column == asked.c.key]
            visible = policy.visible(self.actor, self.now.module(module), table)
            if visible is not None:
                where.append(visible)
            for text, record_id in connection.execute(sa.select(asked.c.key, table.c.id).where(*where)).all():
                found[text] = -1 if text in found else record_id
        return found

    def _people(self, connection: sa.Connection, texts: set[str]) -> dict[str, int]:
        person = self.now.table(PEOPLE.name)
        folded = {text.casefold(): text for text in texts}
        found: dict[str, int] = {}
        names = sa.func.lower(person.c.name)
        asked = sa.select(person.c.id, person.c.name, person.c.email).where(
            sa.or_(names.in_(folded), sa.func.lower(person.c.email).in_(folded), person.c.name.in_(texts)))
        for record_id, name, email in connection.execute(asked):
            for key in {name.casefold(), (email or "").casefold()}:
                if key in folded:
                    found[folded[key]] = record_id
        if "me" in texts and self.actor.user_id is not None:
            found["me"] = self.actor.user_id
        return found

    def existing(self, connection: sa.Connection, rows: Sequence[Loaded]) -> dict[Any, int]:
        """{key value: id} of the records a batch's rows match; -1 where several do."""
        match = self.mapping.match
        if not match:
            return {}
        keys = {row.values.get(match) for row in rows} - {None}
        table = self.now.table(self.module.name)
        asked = _asked(keys, table.c[match].type)
        where = [table.c.deleted_at.is_(None), table.c[match] == asked.c.key]
        visible = policy.visible(self.actor, self.module, table)
        if visible is not None:
            where.append(visible)
        found: dict[Any, int] = {}
        for key, record_id in connection.execute(sa.select(table.c[match], table.c.id).where(*where)).all() if keys else ():
            found[key] = -1 if key in found else record_id
        return found


def _asked(keys: Collection[Any], type: sa.types.TypeEngine) -> sa.TableValuedAlias:
    """Many keys as a table to join: a hash for PostgreSQL, where `= ANY` of a prepared statement compares one by one."""
    return sa.func.unnest(sa.cast(list(keys), ARRAY(type))).table_valued(sa.column("key", type), name="asked").render_derived()


def _swiftly(swift: Swift, column: Sequence[str]) -> list[Any]:
    """Clean values of a column's cells, None for those that need the long way. What repeats itself is read once."""
    different = set(column)
    if len(different) * 2 < len(column) or "" in different:
        known = {text: _swift_or_none(swift, text) if text else None for text in different}
        return [known[text] for text in column]
    try:
        return list(map(swift, column))
    except ma.ValidationError:
        return [_swift_or_none(swift, text) for text in column]


def _swift_or_none(swift: Swift, text: str) -> Any:
    try:
        return swift(text)
    except ma.ValidationError:
        return None         # the long way finds the words for it, or another reading


def _beginnings(actor: Actor, module: Module, mapped: Collection[str]) -> dict[str, Any]:
    """What required fields that the file says nothing of begin with. Others stay empty: it is for the file to say."""
    needed = {field.name for field in module.fields if field.required and field.name not in mapped}
    if not needed:
        return {}
    return {path: value for path, value in service.defaults(actor, module.name).items() if path.partition(".")[0] in needed}


def _reader(kind: Any, found: Any, part: str, value: ma.fields.Field, hints: Mapping[str, Any]) -> Swift:
    """text -> clean value, whatever wrote it, remembered, because columns repeat themselves."""
    memo: dict[str, Any] = {}
    deserialize, dirty = value.deserialize, kind.parse_dirty

    def read(text: str) -> Any:
        if text in memo:
            return memo[text]
        if "\x00" in text or len(text) > LONGEST_CELL:
            raise ma.ValidationError(_("This text is too long or has a character that cannot be kept."))
        clean = deserialize(text if part else dirty(found, text, hints))
        if clean == "" or clean == []:
            clean = None
        if len(memo) > MEMO:
            memo.clear()
        memo[text] = clean
        return clean

    return read
