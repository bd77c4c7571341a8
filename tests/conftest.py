"""What every test may ask for: the servers, a database of its own, a frozen clock.

The servers of the tests live in `.crm-test/` (or at TEST_DATABASE_URL and TEST_REDIS_URL) and are shared by all test
runs of this folder. `database` gives each test module a fresh copy of a prepared database, which costs 50 ms.
"""
import fcntl
import hashlib
import os
import shutil
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parent.parent
os.environ.setdefault("CRM_HOME", str(ROOT / ".crm-test"))
os.environ.setdefault("CRM_EMBEDDED_FSYNC", "off")
os.environ.setdefault("SECRET_KEY", "tests only, of thirty-two bytes or more")
if "PYTEST_XDIST_WORKER" in os.environ:     # each of the test run's processes has queues of its own
    os.environ.pop("CRM_REDIS_PREFIX", None)
os.environ.setdefault("CRM_REDIS_PREFIX", f"test-{uuid.uuid4().hex[:8]}")
for given, used in (("TEST_DATABASE_URL", "DATABASE_URL"), ("TEST_REDIS_URL", "REDIS_URL")):
    os.environ.pop(used, None)
    if given in os.environ:
        os.environ[used] = os.environ[given]

from runtime.db import clock, embedded, schema
from runtime.db import engine as engines
from runtime.locale import text


def pytest_collection_modifyitems(items):
    """The stories first: they are the longest, and while one process tells them the others do the rest."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


MOMENT = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _other(url: str, name: str) -> str:
    """The same server, another database."""
    before, _, after = url.partition("?")
    return before.rsplit("/", 1)[0] + "/" + name + ("?" + after if after else "")


@pytest.fixture(autouse=True)
def _in_english():
    """Whatever language the last request of another test spoke."""
    text.use(text.SOURCE)


@pytest.fixture(scope="session")
def servers():
    """The addresses of PostgreSQL and Valkey, started when need be; stopped by the last test run that used them."""
    embedded.home().mkdir(parents=True, exist_ok=True)
    addresses = embedded.addresses()
    embedded.stop_when_last()
    return addresses


@pytest.fixture(scope="session")
def _template(servers):
    """A database with the house's own tables, made once per state of the migrations."""
    files = sorted(schema.VERSIONS.glob("*.py"))
    state = hashlib.sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()[:12]
    name = f"template_{state}"
    with open(embedded.home() / "template.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(_plain(servers.database_url), autocommit=True) as connection:
            known = [row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")]
            for left in known:                      # of runs that were killed
                if left.startswith("test_") and not _alive(left):
                    connection.execute(f'DROP DATABASE IF EXISTS "{left}" WITH (FORCE)')
            if name not in known:
                connection.execute('DROP DATABASE IF EXISTS "template_half_made" WITH (FORCE)')
                connection.execute('CREATE DATABASE "template_half_made"')
                half = engines.make(_other(servers.database_url, "template_half_made"))
                schema.prepare(half)
                half.dispose()
                connection.execute(f'ALTER DATABASE "template_half_made" RENAME TO "{name}"')
    return name


def _alive(name: str) -> bool:
    """Whether the test run that made this database (its process is in the name) still runs."""
    try:
        os.kill(int(name.split("_")[1]), 0)
        return True
    except (ValueError, IndexError, ProcessLookupError):
        return False
    except PermissionError:
        return True


@pytest.fixture(scope="session")
def make_database(servers, _template):
    """make_database() -> the URL of a fresh prepared database, for fixtures that need one of their own."""
    made = []

    def make(template: str | None = None) -> str:
        name = f"test_{os.getpid()}_{uuid.uuid4().hex[:8]}"
        with open(embedded.home() / "template.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with psycopg.connect(_plain(servers.database_url), autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or _template}"')
        made.append(name)
        return _other(servers.database_url, name)

    yield make
    engines.use(None)
    with psycopg.connect(_plain(servers.database_url), autocommit=True) as connection:
        for name in made:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def database(make_database):
    """A fresh database for this test module; the process works on it until the module's tests are over. Its URL."""
    url = make_database()
    engines.use(url)
    yield url
    engines.use(None)


@pytest.fixture
def frozen_clock():
    """Thursday, 5 March 2026, 09:30 UTC; move it with `clock.advance(timedelta(...))`."""
    with clock.freeze(MOMENT):
        yield MOMENT


@pytest.fixture(scope="session")
def chromium():
    """A real browser, driven by Playwright; tests that ask for it are skipped where there is none."""
    found = next((path for name in (os.environ.get("CRM_BROWSER"), "chromium", "chromium-browser", "google-chrome",
                                    "google-chrome-stable") if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("There is no Chromium here (Debian: apt-get install chromium; or set CRM_BROWSER).")
    from playwright.sync_api import sync_playwright  # here: most test runs open no browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def live(database):
    """The whole application, served on a port of its own over this module's database; its address."""
    from werkzeug.serving import make_server  # here, and the roof: only these tests need them

    import builder
    from runtime.app import create_app

    server = make_server("127.0.0.1", 0, create_app(rooms=(builder,)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
