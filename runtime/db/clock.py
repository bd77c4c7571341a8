"""The clock: now(), always aware and in UTC; frozen in tests."""
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_frozen: datetime | None = None


def now() -> datetime:
    return _frozen or datetime.now(UTC)


def frozen() -> datetime | None:
    """The frozen moment, or None when time runs; SQL then asks the database's own clock."""
    return _frozen


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Stop the clock at an aware moment, for as long as the block runs."""
    global _frozen
    before, _frozen = _frozen, moment.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


def advance(by: timedelta) -> None:
    """Move a frozen clock on."""
    global _frozen
    if _frozen is None:
        raise RuntimeError("The clock is not frozen.")
    _frozen += by
