"""Keeps the processes of one installation running, in one log, until it is told to stop."""
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from runtime.cli import orphan

GRACE = 20.0
PATIENCE = 5
"""How often in a row a process may end within its first ten seconds before we give up."""


@dataclass
class Child:
    """later: not started before `hurry` or eight seconds, so that the web has the machine to itself while it loads."""
    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    later: bool = False
    process: subprocess.Popen | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0


class Supervisor:
    """watched: called every two seconds, to look after what is not a child (the embedded servers)."""

    def __init__(self, children: Sequence[Child], *, watched: Callable[[], None] | None = None):
        self.children = list(children)
        self._watched = watched
        self._stop = threading.Event()
        self.failed = ""

    def run(self, *, ready: Callable[[], None] | None = None) -> int:
        """Start all, call `ready` in a thread, keep them up; returns the exit status after SIGINT or SIGTERM."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: self._stop.set())
        for child in self.children:
            if child.later:
                child.due = time.monotonic() + 8
            else:
                self._start(child)
        if ready is not None:
            threading.Thread(target=ready, daemon=True).start()
        looked = time.monotonic()
        while not self._stop.wait(0.2):
            for child in self.children:
                self._look(child)
            if self._watched is not None and time.monotonic() - looked > 2:
                looked = time.monotonic()
                try:
                    self._watched()
                except Exception as problem:        # whatever it is: the children must not fall with it
                    say("crm", f"The embedded servers: {problem}")
        self._end()
        if self.failed:
            say("crm", self.failed)
            return 1
        return 0

    def hurry(self) -> None:
        """The web is up: start the others."""
        for child in self.children:
            if child.started == 0.0:
                child.due = 0.0

    def stop(self) -> None:
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def _start(self, child: Child) -> None:
        environment = {**os.environ, **child.environment, orphan.PARENT: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a start without compiled files takes twice as long
        child.process = subprocess.Popen(child.command, env=environment, stdin=subprocess.DEVNULL, text=True,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
                                         start_new_session=True)
        child.started = time.monotonic()
        threading.Thread(target=_pass_on, args=(child.name, child.process), daemon=True).start()

    def _look(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.due:
                self._start(child)
            return
        if child.process.poll() is None:
            if now - child.started > 10:
                child.failures = 0
            return
        status, child.process = child.process.returncode, None
        child.failures += 1
        child.due = now + min(0.5 * 2 ** (child.failures - 1), 15)
        say("crm", f"{child.name} ended ({_how(status)}); starting it again.")
        if status > 0 and child.failures > PATIENCE:         # what is killed from outside is started again for ever
            self.failed = f"{child.name} does not stay up; giving up. What it said is above."
            self._stop.set()

    def _end(self) -> None:
        alive = [child for child in self.children if child.process is not None and child.process.poll() is None]
        for child in alive:
            child.process.terminate()
        last = time.monotonic() + GRACE
        for child in alive:
            try:
                child.process.wait(max(0.1, last - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.process.pid, signal.SIGKILL)


def say(who: str, line: str) -> None:
    """One line of the one log."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {who:<7} {line}\n")
    sys.stdout.flush()


def _pass_on(name: str, process: subprocess.Popen) -> None:
    for line in process.stdout:
        say(name, line.rstrip())


def _how(status: int) -> str:
    return f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
