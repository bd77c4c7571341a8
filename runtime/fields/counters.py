"""Counters: numbers without gaps. The counter's row stays locked until the transaction ends, so a number that a
failed save took is the next one's again."""
from typing import Any

import sqlalchemy as sa

_TAKE = sa.text("""
    INSERT INTO house.counter AS counter (name, last) VALUES (:name, :first + :count - 1)
    ON CONFLICT (name) DO UPDATE SET last = greatest(counter.last + :count, excluded.last)
    RETURNING last""")


def take(connection: Any, field_id: str, *, first: int = 1, count: int = 1) -> range:
    """The next `count` numbers of a field's counter; a raised first number skips ahead."""
    last = connection.execute(_TAKE, {"name": field_id, "first": first, "count": count}).scalar_one()
    return range(last - count + 1, last + 1)
