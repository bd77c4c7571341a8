"""Counting: the statements that go to the database, heard at the driver, whoever sends them."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest


@contextmanager
def counted() -> Iterator[list[tuple[str, Any]]]:
    """[(statement, parameters)] of a block, BEGIN and COMMIT left out."""
    said: list[tuple[str, Any]] = []
    execute = psycopg.Cursor.execute

    def heard(cursor, query, params=None, **more):
        said.append((str(query), params))
        return execute(cursor, query, params, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", heard)
        yield said
