"""Loading: rows of cells as clean values, column by column. Compiled once per import; links and keys are looked up once
per batch."""
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from metadata.model.module import Module
from runtime.exchange.mapping import Mapping_, Target
from runtime.exchange.reading import LONGEST_CELL
from runtime.exchange.rows import UNSAID, Columns, Loaded
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


class Loader:
    """For one import: module, mapping, headings, hints. Memory is bounded: memos forget when they are full."""

    def __init__(self, now: Published, actor: Actor, module: Module, mapping: Mapping_, headings: Sequence[str],
                 hints: Mapping[str, Mapping[str, Any]]):
        self.now, self.actor, self.module, self.mapping = now, actor, module, mapping
        self.headings = {target.path: heading for heading, targets in mapping.columns.items() for target in targets}
        self.made: dict[int, int] = {}
        """{id: row} of the records a trial made."""
        self.known: dict[tuple[str, str], dict[str, int | None]] = defaultdict(dict)
        self.places: dict[tuple[str, str], tuple[str, str]] = {}
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

    def load(self, connection: sa.Connection, rows: Sequence[tuple[int, Sequence[str]]]) -> list[Loaded]:
        """Rows, each with its number, and with their links."""
        columns = self.read(rows)
        self.link(connection, columns)
        return columns.rows()

    def read(self, rows: Sequence[tuple[int, Sequence[str]]]) -> Columns:
        """Rows of cells as wide as the headings, without blanks around them. A column that is clean all the way down costs next
        to nothing per row; links are still to be found."""
        made = Columns([number for number, _cells in rows])
        columns = list(zip(*[cells for _number, cells in rows], strict=False))
        for at, heading, target, swift, read in self.readers if rows else ():
            column: Sequence[str] = columns[at]
            if read is None:
                if target.values or target.default:
                    column = [self.meant(target, text) for text in column]
                made.links.append((target, heading, column))
                continue
            clean = _swiftly(swift, column) if swift is not None else [None] * len(column)
            if None in clean:
                for row, text in enumerate(column):
                    if clean[row] is None:
                        clean[row] = self._slowly(made, row, text, heading, target, read)
            made.put(target.path, clean, alone=self.times[target.path] == 1)
        return made

    @staticmethod
    def meant(target: Target, text: str) -> str:
        """What a cell stands for."""
        if target.values:
            text = target.values.get(text, text)
        return text or target.default

    def _slowly(self, made: Columns, row: int, text: str, heading: str, target: Target, read: Swift) -> Any:
        """The value of a cell that is blank, or written in a way that needs a closer look."""
        text = self.meant(target, text)
        if not text:
            return None
        try:
            return read(text)
        except ma.ValidationError as problem:
            made.of(row).problems += tuple((heading, text[:200], sentence) for sentence in sentences(problem))
            return None

    def link(self, connection: sa.Connection, columns: Columns) -> None:
        """Find what the links of a batch point to: one question per module and key, remembered for the next batch."""
        wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
        for target, _heading, column in columns.links:
            wanted[self._place(target)].update(column)
        known = {place: self._learn(connection, place, texts - {""}) for place, texts in wanted.items()}
        for target, heading, column in columns.links:
            memo = known[self._place(target)]
            found = [memo.get(text) for text in column]
            for row, (text, record_id) in enumerate(zip(column, found, strict=True)):
                if text and (record_id is None or record_id < 0):
                    found[row] = self._lost(columns, row, target, text, heading, record_id)
            columns.put(target.path, found, alone=self.times[target.path] == 1)
        columns.links = []

    def ids(self, connection: sa.Connection, target: Target, texts: set[str]) -> Mapping[str, int | None]:
        """The records that texts of one link mean: {text: id}, -1 where several fit, None where none does."""
        return self._learn(connection, self._place(target), texts)

    def _learn(self, connection: sa.Connection, place: tuple[str, str], texts: set[str]) -> Mapping[str, int | None]:
        """What is known of these texts; records of the imported module that are missing may come yet, and are asked for again."""
        memo = self.known[place]
        wanted = texts - memo.keys()
        if len(memo) + len(wanted) > LINKS:
            memo.clear()
            wanted = texts
        found = self._find(connection, *place, wanted) if wanted else {}
        memo.update(found)
        if place[0] != self.module.name:
            memo.update(dict.fromkeys(wanted - found.keys()))
        return memo

    def _lost(self, columns: Columns, at: int, target: Target, text: str, heading: str, record_id: int | None) -> Any:
        """Say of a link that nothing, or more than one record, was found for it."""
        row, path = columns.of(at), target.path
        module = self._place(target)[0]
        if record_id is not None:
            sentence = _("There are several “%(text)s” in %(module)s; which one is meant cannot be said.",
                         module=self.plural(module), text=text[:80])
        elif module == self.module.name:
            row.later += ((path, heading, text),)
            return None
        else:
            sentence = self.not_there(module, text)
        said = ((heading, text[:200], sentence),)
        if target.if_missing == "refuse":
            row.problems += said
        else:
            row.warnings += said
        return UNSAID if path == "owner" else None      # the importing person keeps what nobody can be found for

    def not_there(self, module: str, text: str) -> str:
        return _("There is no “%(text)s” in %(module)s.", module=self.plural(module), text=text[:80])

    def plural(self, module: str) -> str:
        return _("users") if module == PEOPLE.name else labels.of_modules(self.now.module(module))

    def _place(self, target: Target) -> tuple[str, str]:
        """(module, field) in which a link's text is looked for."""
        key = target.path, target.match
        if key not in self.places:
            found = self.module.by_name[target.path]
            module = self.now.type(found).target(found)
            own = "name" if module == PEOPLE.name else self.now.module(module).name_field
            self.places[key] = (module, target.match or own)
        return self.places[key]

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
