"""Indexes: which ones a module needs, and building them without holding anybody up.

Links and owners, unique fields, the views' conditions and orders, the search words. Names come from ids, so a rename
builds nothing anew.
"""
import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from metadata import paths
from metadata.definitions import Definitions
from metadata.model.field import Field
from metadata.model.module import Module
from metadata.model.view import View
from runtime.db.transaction import engine
from runtime.tables import build
from runtime.tables.published import Published

log = logging.getLogger("banyan.tables")
MOST_PER_MODULE = 40
_EXACT = frozenset({"is", "is_me", "is_true"})
"""Operators that hold a column to one value, so that an index may go on with the order behind it."""
_FEW = frozenset({"one_of"})
"""Operators that hold it to a few; the rows found still have to be sorted, so they come second."""


@dataclass(frozen=True)
class Index:
    """columns: (name, descending). live: only records outside the recycle bin."""
    name: str
    table: str
    columns: tuple[tuple[str, bool], ...]
    unique: bool = False
    using: str = "btree"
    live: bool = True
    key: tuple[str, ...] = field(default=(), compare=False)

    def construct(self, table: sa.Table, *, concurrently: bool = False) -> sa.Index:
        """As the query compiler orders: DESC NULLS LAST, and the id, never empty, plainly DESC; ASC puts empty values last."""
        columns = [(table.c[name].desc() if name == "id" else table.c[name].desc().nulls_last()) if descending else table.c[name]
                   for name, descending in self.columns]
        options: dict[str, Any] = {"postgresql_using": self.using, "postgresql_concurrently": concurrently}
        if self.live:
            options["postgresql_where"] = table.c.deleted_at.is_(None)
        return sa.Index(self.name, *columns, unique=self.unique, _table=table, **options)


def orders(kind: Any, field: Field) -> bool:
    """Can an ordered index hold the field's main value, however long it gets?"""
    return kind.stored and (_small(kind.columns(field).get("")) or kind.brief(field))


def unique(module: Module, field: Field) -> Index:
    """The index that holds a field's values unique among the records outside the recycle bin."""
    return Index(f"uq_{field.id}", module.name, ((field.name, False),), unique=True)


def wanted(module: Module, definitions: Definitions, catalogue: Any) -> list[Index]:
    """The module's indexes, most needed first."""
    made: dict[tuple[Any, ...], Index] = {}
    for index in _wanted(module, definitions, catalogue):
        made.setdefault((index.columns, index.unique, index.using), index)
    return list(made.values())[:MOST_PER_MODULE]


def _wanted(module: Module, definitions: Definitions, catalogue: Any) -> Iterator[Index]:
    for each in module.fields:
        kind = catalogue.get("field_types", each.type)
        if kind.stored and each.unique:
            yield unique(module, each)
    for each in module.all_fields:
        kind = catalogue.get("field_types", each.type)
        if kind.stored and kind.target(each) and each.name not in ("created_by", "updated_by"):
            yield _named(module, [(each.id, each.name, False)])
    if module.search_fields:
        yield Index(_name(module, ("search",)), module.name, (("search", False),), using="gin")
    yield Index(_name(module, ("bin",)), module.name, (("deleted_at", True), ("id", True)), live=False)
    for view in definitions.views_of(module.name):
        if columns := list(_of_view(module, view, definitions, catalogue)):
            yield _named(module, columns)


def _of_view(module: Module, view: View, definitions: Definitions, catalogue: Any) -> Iterator[tuple[str, str, bool]]:
    """(key, column, descending): what the view holds equal, then what it sorts by, then the id."""
    seen = set()
    lanes = catalogue.get("view_kinds", view.kind).held(view) if catalogue.has("view_kinds", view.kind) else ()
    for path in [*_held(view.criteria, _EXACT), *lanes] or _held(view.criteria, _FEW):
        place = paths.find(definitions, catalogue, module, path)
        if place and not place.through and place.kind.stored and path not in seen:
            seen.add(path)
            yield place.field.id + place.part, build.column_name(path), False
    sort = view.sort[:1]
    if not sort:
        if seen:
            yield "sys_id", "id", True
        return
    path, descending = sort[0]["field"], bool(sort[0].get("descending"))
    place = paths.find(definitions, catalogue, module, path)
    if place is None or place.through or not place.kind.stored:
        return
    if not _small(place.kind.columns(place.field).get(place.part)) and not (not place.part and place.kind.brief(place.field)):
        return
    if path not in seen and path != "id":
        yield place.field.id + place.part, build.column_name(path), descending
    yield "sys_id", "id", descending


def _held(criteria: Any, operators: frozenset[str]) -> Iterator[str]:
    """The paths a condition asks one of these operators of, whatever else it says."""
    if not isinstance(criteria, Mapping):
        return
    if criteria.get("operator") in operators and isinstance(criteria.get("field"), str):
        yield criteria["field"]
    for inner in criteria.get("all", ()):
        yield from _held(inner, operators)


def _small(type_: Any) -> bool:
    """Long texts, lists and JSON do not fit into an ordered index."""
    if isinstance(type_, sa.String):
        return type_.length is not None and type_.length <= 500
    return isinstance(type_, (sa.Numeric, sa.Integer, sa.Date, sa.DateTime, sa.Boolean))


def _named(module: Module, columns: Sequence[tuple[str, str, bool]]) -> Index:
    key = tuple(f"{id}{'-' if descending else ''}" for id, _, descending in columns)
    return Index(_name(module, key), module.name, tuple((name, descending) for _, name, descending in columns), key=key)


def _name(module: Module, key: Sequence[str]) -> str:
    return f"ix_{module.id[:40]}_{hashlib.sha256('/'.join((module.id, *key)).encode()).hexdigest()[:12]}"


# Building

_EXISTING = sa.text("""
SELECT class.relname AS name, entry.indisvalid AS valid,
       array(SELECT attribute.attname FROM unnest(entry.indkey) WITH ORDINALITY AS key(number, place)
             JOIN pg_attribute AS attribute ON attribute.attrelid = entry.indrelid AND attribute.attnum = key.number
             ORDER BY key.place) AS columns
FROM pg_index AS entry JOIN pg_class AS class ON class.oid = entry.indexrelid
JOIN pg_class AS owner ON owner.oid = entry.indrelid JOIN pg_namespace AS space ON space.oid = owner.relnamespace
WHERE space.nspname = 'records' AND owner.relname = :table AND (class.relname LIKE 'ix\\_%' OR class.relname LIKE 'uq\\_%')
""")


def stands(connection: sa.Connection, index: Index) -> bool:
    """Is this index there, whole, and over the columns it should be over?"""
    return any(row.name == index.name and row.valid and list(row.columns) == [column for column, _ in index.columns]
               for row in connection.execute(_EXISTING, {"table": index.table}))


def bring_up_to_date(published: Published, modules: Sequence[str] | None = None) -> list[str]:
    """Build what is missing and drop what nobody wants any more, one at a time, blocking no reader and no writer.

    May be repeated and interrupted: an index left invalid is built anew. Returns what was done. Unique indexes come with
    the publish itself (migrate.py); one that got lost, and whose values repeat since, is reported and left out.
    """
    done: list[str] = []
    with engine().connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        if not connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtext('banyan.indexes'))")):
            return done
        try:
            for name in modules if modules is not None else published.definitions.modules:
                if name in published.definitions.modules:
                    done += _of_module(connection, published, published.module(name))
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(hashtext('banyan.indexes'))"))
    return done


def _of_module(connection: sa.Connection, published: Published, module: Module) -> Iterator[str]:
    table = published.table(module.name)
    there = {row.name: row for row in connection.execute(_EXISTING, {"table": module.name})}
    needed = {index.name: index for index in wanted(module, published.definitions, published.catalogue)}
    for name, row in there.items():
        index = needed.get(name)
        if index is None or not row.valid or list(row.columns) != [column for column, _ in index.columns]:
            gone = sa.Index(name, _table=sa.Table(module.name, sa.MetaData(), sa.Column("id"), schema=build.SCHEMA),
                            postgresql_concurrently=True)
            connection.execute(sa.schema.DropIndex(gone, if_exists=True))
            yield f"Dropped {name}."
        else:
            del needed[name]
    for index in needed.values():
        try:
            construct = index.construct(sa.Table(module.name, sa.MetaData(), *(
                sa.Column(column.name, column.type) for column in table.c), schema=build.SCHEMA), concurrently=True)
            connection.execute(sa.schema.CreateIndex(construct, if_not_exists=True))
            yield f"Built {index.name}."
        except sa.exc.IntegrityError:
            log.warning("Values of %s repeat, so they cannot be held unique by the database yet.", index.columns[0][0])
            yield f"Could not build {index.name}: values of '{index.columns[0][0]}' repeat."
