"""Storage: what a field looks like to the database, and whether its values can stay as they lie when the field changes."""
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from metadata.definitions import Definitions
from metadata.model.field import Field
from runtime.tables import build

DIALECT = postgresql.dialect()


def parts_of(field: Field, catalogue: Any) -> Mapping[str, Any]:
    return build.types(field, catalogue)


def storage(field: Field, catalogue: Any) -> tuple[Any, ...]:
    """What a field looks like to the database: its parts with their SQL types, and where it points."""
    return (tuple((part, type_.compile(dialect=DIALECT)) for part, type_ in parts_of(field, catalogue).items()),
            build.target(field, catalogue))


def same_place(before: Field, after: Field, catalogue: Any) -> bool:
    return bool(parts_of(before, catalogue)) and bool(parts_of(after, catalogue))


def widens(before: Field, after: Field, catalogue: Any) -> bool:
    """Whether the new types hold every old value without touching a row: longer texts, more digits before the point."""
    olds, news = parts_of(before, catalogue), parts_of(after, catalogue)
    return (before.type == after.type and list(olds) == list(news) and all(_holds(olds[part], news[part]) for part in olds))


def _holds(old: Any, new: Any) -> bool:
    if old.compile(dialect=DIALECT) == new.compile(dialect=DIALECT):
        return True
    if isinstance(old, sa.String) and isinstance(new, sa.String):
        return new.length is None or (old.length is not None and new.length >= old.length)
    if isinstance(old, sa.Numeric) and isinstance(new, sa.Numeric) and type(old) is type(new):
        return old.scale == new.scale and old.precision is not None and new.precision is not None \
            and new.precision >= old.precision
    return False


def needs_conversion(before: Field, after: Field, catalogue: Any) -> bool:
    """Whether every value has to be read as the old type and written as the new one.

    Not asked of fields that point elsewhere from now on (`relinked`): ids of one module mean nothing in another.
    """
    if not same_place(before, after, catalogue):
        return False
    return before.type != after.type or not widens(before, after, catalogue) or moves(before, after, catalogue)


def moves(before: Field, after: Field, catalogue: Any) -> bool:
    """Whether choices of a list take the place of others."""
    return before.type == after.type and catalogue.get("field_types", after.type).moved(before, after) is not None


def relinked(before: Field, after: Field, live: Definitions, draft: Definitions, catalogue: Any) -> bool:
    """Whether a field points to records of another module than before (a module that was only renamed is the same)."""
    news, olds = _target_id(after, draft, catalogue), _target_id(before, live, catalogue)
    return news is not None and news != olds and bool(parts_of(after, catalogue)) and bool(parts_of(before, catalogue))


def _target_id(field: Field, definitions: Definitions, catalogue: Any) -> str | None:
    """By id; by name where no module of that name is left."""
    name = catalogue.get("field_types", field.type).target(field)
    module = definitions.module(name) if name else None
    return module.id if module else name
