"""A statement that many requests send: compiled once, then handed to the driver as it is.

SQLAlchemy writes it and says how values travel; from the second time on nothing of it is looked at again. Errors, lost
connections and outdated plans are treated as SQLAlchemy treats those of its own statements.
"""
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa

Turn = Callable[[Any], Any]
NOTHING: Mapping[str, Any] = {}
CURSOR = "a statement's cursor"
"""Each connection of the pool keeps one: an answer is read before the next thing is asked."""


class Statement:
    """Shared by threads: whoever finds something out finds the same.

    statement: settled but for its bind parameters, which are given by name, one value each. columns: what an INSERT or
    UPDATE is given beside its own values.
    """

    def __init__(self, statement: sa.Executable, columns: Sequence[str] | None = None):
        self._statement: Any = statement
        self._columns = columns
        self._text = ""
        self._fixed: dict[str, Any] = {}
        self._written: tuple[tuple[str, Turn], ...] = ()
        self._read: tuple[Turn | None, ...] | None = None

    def rows(self, connection: sa.Connection, given: Mapping[str, Any] = NOTHING) -> list[tuple[Any, ...]]:
        """Every row, as a plain tuple in the order of the columns."""
        cursor = self._sent(connection, given)
        if self._read is None:
            self._read = self._readers(connection.dialect, cursor)
        found = cursor.fetchall()
        if not self._read:
            return found
        return [tuple([value if turn is None else turn(value) for turn, value in zip(self._read, row, strict=True)])
                for row in found]

    def run(self, connection: sa.Connection, given: Mapping[str, Any] = NOTHING) -> int:
        """How many rows it touched."""
        return self._sent(connection, given).rowcount

    def _sent(self, connection: sa.Connection, given: Mapping[str, Any]) -> psycopg.Cursor:
        if not self._text:
            self._compile(connection.dialect, given)
        values = {**self._fixed, **given}
        for name, turn in self._written:
            values[name] = turn(values[name])
        held = connection.connection
        cursor = held.info.get(CURSOR)
        if cursor is None:
            cursor = held.info[CURSOR] = held.driver_connection.cursor()
        try:
            return cursor.execute(self._text, values)
        except psycopg.Error as problem:
            # Not public, and the one place that knows what an error means for the connection and its pool.
            connection._handle_dbapi_exception(problem, self._text, values, None, None)

    def _compile(self, dialect: Any, given: Mapping[str, Any]) -> None:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        state = compiled.construct_expanded_state(dict(given))
        turns = {**{name: bound.type.dialect_impl(dialect).bind_processor(dialect) for name, bound in compiled.binds.items()},
                 **state.processors}
        self._fixed = {name: value if (turn := turns.get(name)) is None else turn(value)
                       for name, value in state.parameters.items() if name not in given}
        self._written = tuple((name, turns[name]) for name in given if turns.get(name) is not None)
        self._text = state.statement

    def _readers(self, dialect: Any, cursor: psycopg.Cursor) -> tuple[Turn | None, ...]:
        """How each column's values become ours; empty where the driver has done it all."""
        types = [column.type for column in getattr(self._statement, "selected_columns", ())]
        told = cursor.description or ()
        found = tuple(type.dialect_impl(dialect).result_processor(dialect, column.type_code)
                      for type, column in zip(types, told, strict=False))
        return found if any(found) else ()
