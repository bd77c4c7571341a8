"""Fault runs have servers of their own: they are killed too, with fsync on."""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest

from runtime.db import embedded, outbox, schema
from runtime.db import engine as engines
from runtime.kinds import kind, listeners

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def place():
    """A folder that no other test run looks after: one that begins meanwhile closes pytest's own to the server's user."""
    with tempfile.TemporaryDirectory(prefix="banyan-faults-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def home(place):
    """A data folder with running servers and the house's tables; everything in it is stopped at the end."""
    folder = place / "servers"
    os.environ.update(CRM_HOME=str(folder / "home"), CRM_REDIS_PREFIX="faults")
    for name in ("DATABASE_URL", "REDIS_URL", "CRM_EMBEDDED_FSYNC"):
        os.environ.pop(name, None)
    embedded._known = None
    engines.use(None)
    embedded.start()
    schema.prepare()
    yield embedded.home()
    engines.use(None)
    embedded.stop()


@pytest.fixture
def listening():
    """This process knows the kinds of the fault runs, and nothing else."""
    before = kind._current
    kind.use(kind.discover(folders=(ROOT / "faults" / "kinds",)))
    listeners.register(kind.catalogue())
    yield
    kind.use(before)
    outbox.listen({})


@pytest.fixture
def processes(home):
    """start("worker") -> Popen; all of them are gone after the test."""
    started = []

    def start(role):
        child = subprocess.Popen([sys.executable, "-m", "faults.process", role], cwd=ROOT, env=os.environ.copy())
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()


class Installation:
    """A whole `crm run` in a folder of its own, and the client of someone who uses it."""

    def __init__(self, folder: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home = folder / "home"
        self.environment = {**os.environ, "CRM_API_RATE": "off", "CRM_HOME": str(self.home), "PORT": str(self.port),
                            "CRM_SAMPLES": "0", "ADMIN_PASSWORD": "correct horse battery", "CRM_REDIS_PREFIX": "faults"}
        for name in ("DATABASE_URL", "REDIS_URL", "CRM_EMBEDDED_FSYNC"):
            self.environment.pop(name, None)
        self.log = (folder / "run.log").open("ab")
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "runtime.cli", "run"], cwd=ROOT, env=self.environment,
                                        stdout=self.log, stderr=self.log)
        self.wait_until_up()

    def wait_until_up(self, seconds: float = 120) -> None:
        last = time.monotonic() + seconds
        while time.monotonic() < last:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        raise AssertionError("The web does not come up:\n" + Path(self.log.name).read_text()[-3000:])

    def crm(self, *arguments: str) -> dict:
        """The JSON answer of a command."""
        done = subprocess.run([sys.executable, "-m", "runtime.cli", *arguments, "--json"], cwd=ROOT, env=self.environment,
                              capture_output=True, text=True, timeout=600)
        assert done.stdout, done.stderr[-2000:]
        return json.loads(done.stdout)

    def python(self, code: str) -> subprocess.CompletedProcess:
        """A few lines in a process of this installation."""
        return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, env=self.environment, capture_output=True,
                              text=True, timeout=120)

    def begin(self, *arguments: str) -> subprocess.Popen:
        """A command that may be killed while it runs."""
        return subprocess.Popen([sys.executable, "-m", "runtime.cli", *arguments, "--json"], cwd=ROOT, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def post(self, path: str, given: dict, token: str) -> dict:
        """Raises OSError when there was no answer, so that nothing was acknowledged."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps(given).encode(), method="POST",
                                       headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.loads(answer.read())

    def pids(self, *words: str) -> list[int]:
        """The processes of this installation whose command line has all these words."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                mine = f"CRM_HOME={self.home}\0".encode() in (folder / "environ").read_bytes()
            except OSError:
                continue
            if mine and all(word in line for word in words):
                found.append(int(folder.name))
        return found

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(f"host={embedded.socket_folder(self.home / 'postgres')} user=postgres dbname=crm",
                               autocommit=True)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


@pytest.fixture(scope="module")
def installation(place, request):
    folder = place / request.module.__name__
    folder.mkdir()
    made = Installation(folder)
    made.start()
    yield made
    made.stop()
    made.log.close()
