"""reconcile: do the tables look as the published definitions say? After any crash they must: old or new, never between."""
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from metadata import store
from metadata.definitions import Definitions
from runtime.kinds.kind import catalogue
from runtime.tables import build, indexes

_COLUMNS = sa.text("""
SELECT owner.relname AS table, attribute.attname AS column, format_type(attribute.atttypid, attribute.atttypmod) AS type
FROM pg_class AS owner JOIN pg_namespace AS space ON space.oid = owner.relnamespace
JOIN pg_attribute AS attribute ON attribute.attrelid = owner.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
WHERE space.nspname = 'records' AND owner.relkind IN ('r', 'p')
""")
_DIALECT = postgresql.dialect()


def drift(connection: sa.Connection) -> list[str]:
    """Sentences, one per difference between the published definitions and the tables; [] when there is none."""
    _, definitions = store.published(connection)
    return list(_drift(connection, definitions, catalogue()))


def _drift(connection: sa.Connection, definitions: Definitions, kinds: Any) -> Iterator[str]:
    there: dict[str, dict[str, str]] = {}
    for row in connection.execute(_COLUMNS):
        there.setdefault(row.table, {})[row.column] = row.type
    under_way = set()
    for columns in connection.scalars(sa.text("SELECT columns FROM house.metadata_conversion")):
        under_way |= set(columns.values())
    for module in definitions.modules.values():
        columns = there.pop(module.name, None)
        if columns is None:
            yield f"The table of {module.plural} (records.{module.name}) is missing."
            continue
        for column in build.table(module, sa.MetaData(), kinds).columns:
            found = columns.pop(column.name, None)
            wanted = _written(column.type)
            if found is None:
                yield f"records.{module.name} has no column '{column.name}'."
            elif found != wanted:
                yield f"records.{module.name}.{column.name} is {found}, not {wanted}."
        for each in module.fields:
            if each.unique and not indexes.stands(connection, indexes.unique(module, each)):
                yield f"Nothing holds records.{module.name}.{each.name} unique."
        for left in columns:
            if not left.startswith("retired_") and left not in under_way:
                yield f"records.{module.name} has a column '{left}' that nothing describes."
    for table, columns in there.items():
        if not table.startswith("retired_") and {"id", "version", "deleted_at"} <= columns.keys():
            yield f"records.{table} is a table of records that no module describes."


def _written(type_: Any) -> str:
    """As PostgreSQL writes a type: "character varying(120)"."""
    text = type_.compile(dialect=_DIALECT).lower().replace(", ", ",").replace("varchar", "character varying")
    return {"float": "double precision", "decimal": "numeric", "int": "integer"}.get(text, text)
