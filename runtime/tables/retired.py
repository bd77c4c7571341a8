"""Columns put aside: what a field was stored in before, as the house has written it down."""
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from metadata.model.field import Field
from runtime.tables.storage import storage


@dataclass(frozen=True)
class RetiredColumn:
    """columns: {part: column name}."""
    id: int
    module_id: str
    field: Field
    columns: Mapping[str, str]


def retired_columns(connection: sa.Connection, field_id: str) -> list[RetiredColumn]:
    """The newest first."""
    rows = connection.execute(sa.text(
        "SELECT id, module_id, field, columns FROM house.metadata_retired_column WHERE field_id = :id ORDER BY id DESC"),
        {"id": field_id})
    return [RetiredColumn(row.id, row.module_id, Field.from_json(json.loads(row.field)), row.columns) for row in rows]


def put_aside(connection: sa.Connection, field: Field, catalogue: Any) -> str | None:
    """The column a field that comes back takes its values from; None where none is stored as it will be."""
    return next((row.columns.get("") for row in retired_columns(connection, field.id)
                 if storage(row.field, catalogue) == storage(field, catalogue)), None)
