"""The transaction: opens or joins, gathers events and notes, and writes them in one statement just before it commits.

One transaction is one `with transaction() as tx:`; services nest them freely, and the outermost commits.
"""
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from runtime.db import outbox, relay
from runtime.db.engine import engine, limited, renew, use
from runtime.db.statement import NOTHING, Statement
from runtime.values import Actor, Event

__all__ = ["Transaction", "current", "engine", "handling", "in_transaction", "reading", "renew", "rolled_back", "transaction",
           "unhurried", "use"]

RETRIES = 3
Result = TypeVar("Result")


class Transaction:
    """What is open now: its connection, the events it will have caused, and the notes that go with them.

    Notes are rows of a ledger that nobody waits for. They are written with the events, or before the next thing that is
    asked through this transaction, so that they can always be seen.
    """

    def __init__(self, connection: sa.Connection):
        self.connection = connection
        self.events: list[outbox.Emitted] = []
        self.notes: dict[outbox.Ledger, list[Mapping[str, Any]]] = {}
        self.broken = False
        self.after_commit: list[Callable[[], None]] = []

    def execute(self, statement: Any, parameters: Any = None) -> sa.CursorResult:
        self.settle()
        return self.connection.execute(statement, parameters)

    def scalar(self, statement: Any, parameters: Any = None) -> Any:
        self.settle()
        return self.connection.scalar(statement, parameters)

    def scalars(self, statement: Any, parameters: Any = None) -> sa.ScalarResult:
        self.settle()
        return self.connection.scalars(statement, parameters)

    def rows(self, statement: Statement, given: Mapping[str, Any] = NOTHING) -> list[tuple[Any, ...]]:
        """The rows of a statement that was compiled before."""
        self.settle()
        return statement.rows(self.connection, given)

    def run(self, statement: Statement, given: Mapping[str, Any] = NOTHING) -> int:
        """How many rows a statement that was compiled before has touched."""
        self.settle()
        return statement.run(self.connection, given)

    def note(self, ledger: outbox.Ledger, row: Mapping[str, Any]) -> None:
        """A row of JSON values, written with what is noted beside it."""
        self.notes.setdefault(ledger, []).append(row)

    def settle(self) -> None:
        """Write the notes now."""
        if self.notes:
            notes, self.notes = self.notes, {}
            outbox.write(self.connection, (), notes)

    def emit(self, name: str, *, actor: Actor, module: str | None = None, record_id: int | None = None,
             payload: Mapping[str, Any] | None = None, after: timedelta | None = None) -> None:
        """Something happened. Listeners hear of it when this transaction has committed, or `after` that much longer."""
        self.events.append(outbox.emitted(name, actor, module, record_id, payload or {}, after, _handling.get()))

    def when_committed(self, act: Callable[[], None]) -> None:
        """Run `act` in this process after the commit (forget a cache); nothing that must not be lost."""
        self.after_commit.append(act)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that may fail alone: on an exception its writes and events are gone, and the rest stands."""
        self.settle()
        events, after = len(self.events), len(self.after_commit)
        point = self.connection.begin_nested()
        try:
            yield
            self.settle()
        except BaseException:
            point.rollback()
            self.notes.clear()
            del self.events[events:], self.after_commit[after:]
            self.broken = False
            raise
        point.commit()


_current: ContextVar[Transaction | None] = ContextVar("transaction", default=None)
_handling: ContextVar[outbox.Cause | None] = ContextVar("handling", default=None)
_unhurried: ContextVar[bool] = ContextVar("unhurried", default=False)


def current() -> Transaction | None:
    """The open transaction, or None."""
    return _current.get()


@contextmanager
def transaction() -> Iterator[Transaction]:
    """Open a transaction, or join the one that is open.

    An exception leaves nothing behind. When an inner part failed and the outer one carried on regardless, the commit is
    refused: what may fail alone belongs in `tx.savepoint()`.
    """
    joined = _current.get()
    if joined is not None:
        try:
            yield joined
        except BaseException:
            joined.broken = True
            raise
        return
    with engine().connect() as connection:
        opened = Transaction(connection)
        token = _current.set(opened)
        try:
            with connection.begin():
                if _unhurried.get() and limited():
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                yield opened
                if opened.broken:
                    raise RuntimeError("A part of this transaction failed; what may fail alone belongs in a savepoint.")
                queues = outbox.write(connection, opened.events, opened.notes)
        finally:
            _current.reset(token)
    for act in opened.after_commit:
        act()
    for queue in queues:
        relay.ring(queue)


@contextmanager
def rolled_back() -> Iterator[Transaction]:
    """A transaction that is never committed, beside whatever is open, on a connection that is thrown away afterwards.

    What was planned in it may not fit the tables others see, so nothing of it goes back to the pool. Its events are heard
    by nobody.
    """
    with engine().connect() as connection:
        tried = Transaction(connection)
        token = _current.set(tried)
        try:
            begun = connection.begin()
            try:
                yield tried
            finally:
                begun.rollback()
        finally:
            _current.reset(token)
            connection.invalidate()


@contextmanager
def reading(*, snapshot: bool = False, planned: bool = False) -> Iterator[sa.Connection]:
    """A connection for reads: the open transaction's, else one without any BEGIN and COMMIT around each question.

    snapshot: several questions that must see one state, or rows that are streamed. planned: questions over all records; the
    database plans them for their very values and not once for all, as it does with what is asked often.
    """
    joined = _current.get()
    if joined is not None:
        joined.settle()
        yield joined.connection
    elif planned:
        with reading() as connection:
            raw: Any = connection.connection.driver_connection
            threshold, raw.prepare_threshold = raw.prepare_threshold, None
            try:
                yield connection
            finally:
                raw.prepare_threshold = threshold
    elif snapshot:
        with engine().connect() as connection:
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                if _unhurried.get() and limited():
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                yield connection
    elif _unhurried.get() and limited():
        with engine().connect() as connection:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("SET statement_timeout = 0")
            try:
                yield connection
            finally:
                if not connection.invalidated:
                    connection.exec_driver_sql("RESET statement_timeout")
    else:
        with engine().connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def unhurried() -> Iterator[None]:
    """What is begun inside may take as long as it takes, also in a web process: publishing, staging an import. Also a decorator."""
    token = _unhurried.set(True)
    try:
        yield
    finally:
        _unhurried.reset(token)


def in_transaction(work: Callable[[Transaction], Result], *, retries: int = RETRIES) -> Result:
    """Run `work(tx)` in a transaction; on a deadlock, a serialisation failure or a lock not had in time, again."""
    for attempt in range(1, retries + 1):
        try:
            with transaction() as tx:
                return work(tx)
        except sa.exc.DBAPIError as problem:
            if attempt == retries or current() is not None or not passing(problem):
                raise
            time.sleep(random.uniform(0.5, 1.5) * 0.05 * 3 ** (attempt - 1))
    raise AssertionError("unreachable")


def passing(problem: sa.exc.DBAPIError) -> bool:
    """Whether the database's complaint is one that a second try may be spared."""
    return getattr(problem.orig, "sqlstate", None) in ("40001", "40P01", "55P03")


@contextmanager
def handling(event: Event, root: int) -> Iterator[None]:
    """What is emitted meanwhile was caused by this event (the worker says so)."""
    token = _handling.set(outbox.Cause(event.id, event.depth, root))
    try:
        yield
    finally:
        _handling.reset(token)
