"""Embedded servers: PostgreSQL and Valkey from their wheels, started where no address is given.

They live in CRM_HOME (default `.crm/`), are found and shared by every process that looks there, and belong to none:
killing a client never stops them, and the next process to ask finds them or starts what is missing.
"""
import atexit
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from runtime.db import embedded_postgres, embedded_valkey


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the database and the queue are. `embedded` says whether we look after them ourselves."""
    database_url: str
    redis_url: str
    embedded: bool = False


_known: Addresses | None = None
_use: int | None = None
_light: bool = False


def home() -> Path:
    """The data folder of this installation."""
    return Path(os.environ.get("CRM_HOME", ".crm")).absolute()


def addresses() -> Addresses:
    """The addresses to use, starting the servers that are missing. Cheap after the first call in a process."""
    global _known
    if _known is None:
        _known = start()
    return _known


def start() -> Addresses:
    """Make sure that what is not given by DATABASE_URL and REDIS_URL runs. Asked again, starts what has died."""
    global _known
    database, redis = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if database and redis:
        _known = Addresses(_with_driver(database), redis)
        return _known
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    _hold(folder)
    with _one_at_a_time(folder):
        if not redis:
            redis = embedded_valkey.ensure(folder / "valkey", socket_folder(folder / "valkey"))
        if not database:
            database = embedded_postgres.ensure(folder / "postgres", socket_folder(folder / "postgres"))
    _known = Addresses(_with_driver(database), redis, embedded=True)
    return _known


def stop() -> None:
    """Stop both servers of CRM_HOME, whoever started them."""
    global _known
    folder = home()
    if not folder.exists():
        return
    with _one_at_a_time(folder):
        embedded_valkey.stop(folder / "valkey", socket_folder(folder / "valkey"))
        embedded_postgres.stop(folder / "postgres")
    _known = None
    _let_go()


def stop_when_last() -> None:
    """From now on, the last such process to leave turns off the light (one-shot commands without `crm run`)."""
    global _light
    if not _light:
        _light = True
        atexit.register(_leave)


def _leave() -> None:
    if _use is None:
        return
    try:
        if os.stat(home() / "in_use").st_ino != os.fstat(_use).st_ino:
            return                                  # the folder was thrown away and made anew by somebody else
        fcntl.flock(_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    stop()


def _hold(folder: Path) -> None:
    """Say for as long as this process lives that it uses the servers: a shared lock, gone with the process."""
    global _use
    if _use is None:
        _use = os.open(folder / "in_use", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(_use, fcntl.LOCK_SH)


def _let_go() -> None:
    global _use
    if _use is not None:
        os.close(_use)
        _use = None


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with open(folder / "starting", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def socket_folder(folder: Path) -> Path:
    """Where a server's socket lies: its own private folder, or a short one where that path is too long for a socket."""
    if len(str(folder)) <= 80:
        return folder
    name = sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"banyan-{os.geteuid()}-{name}"


def _with_driver(url: str) -> str:
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url[len(plain):]
    return url
