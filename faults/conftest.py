"""Fault runs have servers of their own: they are killed too, with fsync on."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.db import embedded, outbox, schema
from runtime.db import engine as engines
from runtime.kinds import kind, listeners

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A data folder with running servers and the house's tables; everything in it is stopped at the end."""
    folder = tmp_path_factory.mktemp("faults")
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
