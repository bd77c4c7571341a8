"""The engine: one pool of connections to the one database, and how values travel as JSON."""
import json
import os
import select
from decimal import Decimal
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import DisconnectionError

from runtime.db import embedded

CUT_OFF = {"connect_timeout": 3, "tcp_user_timeout": 4_000, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
"""What libpq waits for a server whose answers vanish: s to connect, ms for bytes nobody takes, s between signs of life. A request
would hang for a quarter of an hour otherwise where a cable is cut (safety F38). Sockets on this machine take no notice."""

_engine: sa.Engine | None = None
_limit = 0


def limit_statements(seconds: float) -> None:
    """From the next connection on, PostgreSQL stops each statement of this process after so long; 0 = never (safety D14).

    Web processes ask for it. Work that may take longer there says so: runtime.db.transaction.unhurried.
    """
    global _limit
    _limit = int(seconds * 1000)


def limited() -> bool:
    return bool(_limit)


def engine() -> sa.Engine:
    """The process's engine; made at the first question, never shared with a forked child."""
    global _engine
    if _engine is None:
        _engine = make(embedded.addresses().database_url)
    return _engine


def made() -> bool:
    """Whether this process has asked a database already."""
    return _engine is not None


def make(url: str) -> sa.Engine:
    made = sa.create_engine(
        url,
        pool_size=int(os.environ.get("CRM_POOL", "8")), max_overflow=8, pool_timeout=10, pool_recycle=3600,
        pool_use_lifo=True, query_cache_size=2000,
        json_serializer=dumps, json_deserializer=loads, hide_parameters=True,
        connect_args={"prepare_threshold": 2, "application_name": "banyan", **CUT_OFF},
    )
    sa.event.listen(made, "do_connect", _say_limit)
    sa.event.listen(made, "checkout", _refuse_dead)
    sa.event.listen(made, "handle_error", _outdated_plan)
    sa.event.listen(made, "handle_error", _without_values)
    return made


def use(url: str | None) -> None:
    """Let this process work on another database (tests), or on the usual one again (None)."""
    global _engine
    if _engine is not None:
        _engine.dispose()
    _engine = None if url is None else make(url)


def renew() -> None:
    """Take fresh connections from now on: after a publish, prepared statements may not fit the tables any more."""
    if _engine is not None:
        _engine.dispose()


def dumps(value: Any) -> str:
    """JSON with decimals written exactly and moments in ISO form."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z).decode()


def loads(text: str | bytes) -> Any:
    """JSON back, with fractions as exact decimals."""
    return json.loads(text, parse_float=Decimal)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value) if isinstance(value, (set, frozenset)) else list(value)
    if isinstance(value, int):
        return orjson.Fragment(str(value))          # beyond 64 bits
    if hasattr(value, "items"):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON.")


def _say_limit(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
    if _limit:
        options["options"] = f"{options.get('options', '')} -c statement_timeout={_limit}".strip()


def _refuse_dead(raw: Any, _record: Any, _proxy: Any) -> None:
    """A connection that has something to read before we asked anything was closed by the server; take another.

    Costs microseconds where a `SELECT 1` would cost a round trip, and spares the first request after a restart.
    """
    asked = select.poll()
    asked.register(raw.fileno(), select.POLLIN)
    if asked.poll(0):
        raise DisconnectionError("The server closed this connection.")


def _outdated_plan(context: Any) -> None:
    if "cached plan must not change result type" in str(context.original_exception):
        context.is_disconnect = True                # throws the connection away, and with it the plan


def _without_values(context: Any) -> None:
    """What the server says about a row ("Key (email)=(…) already exists") holds people's data, and errors are logged."""
    for problem in (context.original_exception, context.sqlalchemy_exception):
        if problem is not None and problem.args and "\nDETAIL:" in str(problem.args[0]):
            problem.args = (str(problem.args[0]).partition("\nDETAIL:")[0], *problem.args[1:])


def _after_fork() -> None:
    if _engine is not None:
        _engine.dispose(close=False)


os.register_at_fork(after_in_child=_after_fork)
