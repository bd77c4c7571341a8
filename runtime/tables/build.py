"""A module's definition as a SQL table: the house's columns, then one per part of each stored field."""
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from metadata.model.field import Field
from metadata.model.module import USERS, Module

SCHEMA = "records"
SYSTEM_COLUMNS: Mapping[str, Any] = {
    "id": sa.BigInteger, "version": sa.Integer, "owner": sa.BigInteger,
    "created_at": sa.DateTime(timezone=True), "created_by": sa.BigInteger,
    "updated_at": sa.DateTime(timezone=True), "updated_by": sa.BigInteger,
    "deleted_at": sa.DateTime(timezone=True), "deleted_by": sa.BigInteger,
    "import_id": sa.BigInteger, "search": postgresql.TSVECTOR,
}


def column_name(path: str) -> str:
    """"amount.currency" -> "amount__currency". A single field and its part, never a path through a link."""
    return path.replace(".", "__")


def path_of(column: str) -> str:
    """"amount__currency" -> "amount.currency"; names have no double underscore."""
    return column.replace("__", ".")


def part_column(name: str, part: str) -> str:
    return f"{name}__{part}" if part else name


def retired_name(id: str, part: str = "", version: int | None = None) -> str:
    """What a retired table or column is called. Long ids are shortened by their hash: PostgreSQL cuts names at 63 bytes."""
    name = f"retired_{id}" + (f"_v{version}" if version else "") + (f"__{part}" if part else "")
    return name if len(name) <= 63 else f"retired_{hashlib.sha256(name.encode()).hexdigest()[:40]}"


def types(field: Field, catalogue: Any) -> dict[str, Any]:
    """{part: SQL type} of what is stored; empty where nothing is. A text's length is advice (see indexes.py), not SQL."""
    kind = catalogue.get("field_types", field.type)
    stored = kind.columns(field) if kind.stored else {}
    return {part: sa.Text() if isinstance(type_, sa.Text) and type_.length else type_ for part, type_ in stored.items()}


def columns(field: Field, catalogue: Any, name: str | None = None) -> Iterator[sa.Column]:
    """The field's own columns, under another name where one is given; none where nothing is stored."""
    for part, type_ in types(field, catalogue).items():
        yield sa.Column(part_column(name or field.name, part), type_, nullable=True)


def target(field: Field, catalogue: Any) -> str | None:
    """The module whose records the field's main column points to; None for people and for everything else."""
    kind = catalogue.get("field_types", field.type)
    found = kind.target(field) if kind.stored else None
    return None if found == USERS.name else found


def table(module: Module, meta: sa.MetaData, catalogue: Any) -> sa.Table:
    """Every column of the module. Foreign keys stand in the database only (see migrate.py): queries never need them."""
    if module.name == USERS.name:
        return people(meta)
    return sa.Table(
        module.name, meta, *_system_columns(),
        *(column for field in module.fields for column in columns(field, catalogue)), schema=SCHEMA)


def people(meta: sa.MetaData) -> sa.Table:
    """The users, as the SQL view house.person shows them."""
    return sa.Table("person", meta, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("name", sa.Text),
                    sa.Column("email", sa.Text), sa.Column("active", sa.Boolean), schema="house")


def _system_columns() -> Iterator[sa.Column]:
    for name, type_ in SYSTEM_COLUMNS.items():
        if name == "id":
            yield sa.Column("id", type_, sa.Identity(), primary_key=True)
        elif name == "version":
            yield sa.Column("version", type_, nullable=False, server_default="1")
        else:
            yield sa.Column(name, type_, nullable=True)
