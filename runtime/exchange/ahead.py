"""Ahead: while one batch of an import is written the next is read, by a thread or, for a long file, by a process of its own.

That process is forked, so it has the mapping, the published version and the words at once; its connections are its own. It hands
over columns and ends with the process that began it. Where it is lost, a thread goes on behind what it handed over.
"""
import ctypes
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from runtime.db import transaction
from runtime.exchange import store
from runtime.exchange.loading import Loader
from runtime.exchange.rows import Columns, Loaded, packed, unpacked
from runtime.exchange.store import Run
from runtime.values import Actor

log = logging.getLogger(__name__)
MANY = 5_000
"""From so many rows on a process of its own is worth its start."""
SWITCH = 0.0005
_END_WITH_PARENT = 1
_libc = ctypes.CDLL(None)
Batches = Iterator[list[Loaded]]


def load(loader: Loader, import_id: int, after: int) -> Columns:
    """The next rows with their links; those to records of the batch that is being written are looked at again at the end."""
    columns = loader.read(store.next_rows(import_id, after))
    with transaction.reading() as connection:
        loader.link(connection, columns)
    return columns


@contextmanager
def reading(loader: Loader, run: Run, acting: Callable[[], Actor]) -> Iterator[Batches]:
    """The batches behind the last one that was committed. acting: whoever imports, with the rights of the moment."""
    gc.freeze()         # what the process holds already is not looked through again and again, nor copied for a child
    batches = _batches(loader, run, acting)
    try:
        yield batches
    finally:
        batches.close()
        gc.unfreeze()


def _batches(loader: Loader, run: Run, acting: Callable[[], Actor]) -> Iterator[list[Loaded]]:
    after = run.done_to
    if run.rows - after >= MANY and threading.active_count() == 1:      # a fork takes along no other thread
        for rows in _by_process(loader, run.id, after, acting):
            after = rows[-1].row_no
            yield rows
    yield from _by_thread(loader, run.id, after)


def _by_thread(loader: Loader, import_id: int, after: int) -> Iterator[list[Loaded]]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)       # the thread that writes need not wait long for the one that reads
    try:
        with ThreadPoolExecutor(1) as reader:
            def begin(after: int) -> Future[Columns]:
                return reader.submit(copy_context().run, load, loader, import_id, after)

            coming = begin(after)
            while (columns := coming.result()).numbers:
                coming = begin(columns.numbers[-1])
                yield columns.rows()
    finally:
        sys.setswitchinterval(usual)


def _by_process(loader: Loader, import_id: int, after: int, acting: Callable[[], Actor]) -> Batches:
    """What a child reads, for as long as it lives."""
    ours, theirs = Pipe(duplex=False)
    parent = os.getpid()
    try:
        child = os.fork()
    except OSError as problem:      # no room for another process
        log.warning("Nothing reads import %s ahead: %s", import_id, problem.strerror)
        return
    if child == 0:
        try:
            ours.close()
            _libc.prctl(_END_WITH_PARENT, signal.SIGKILL)
            if os.getppid() == parent:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                _hand_over(theirs, loader, import_id, after, acting)
        finally:
            os._exit(0)         # nothing of the parent's is tidied up here
    theirs.close()
    receiver = ThreadPoolExecutor(1)        # makes rows of columns while the database stores those before

    def receive() -> list[Loaded]:
        return unpacked(ours.recv_bytes()).rows()

    try:
        coming = receiver.submit(receive)
        while rows := coming.result():
            coming = receiver.submit(receive)
            yield rows
    except (EOFError, OSError):
        log.warning("The process that read import %s ahead is gone; a thread goes on.", import_id)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        receiver.shutdown()
        ours.close()


def _hand_over(pipe: Connection, loader: Loader, import_id: int, after: int, acting: Callable[[], Actor]) -> None:
    """The child. Whatever goes wrong is found again by whoever goes on, who can say it to people."""
    try:
        while True:
            loader.actor = acting()
            columns = load(loader, import_id, after)
            pipe.send_bytes(packed(columns))
            if not columns.numbers:
                return
            after = columns.numbers[-1]
    except Exception as problem:
        log.info("Reading import %s ahead stopped: %s", import_id, type(problem).__name__)
