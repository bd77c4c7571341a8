"""The embedded servers: started once, shared by all, none the worse for being killed."""
import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
import redis

from runtime.db import embedded, embedded_postgres, embedded_valkey

ASK = """
import sys
from runtime.db import embedded
print(embedded.addresses().database_url, flush=True)
if "wait" in sys.argv:
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data folder of its own, with nothing running in it."""
    monkeypatch.setenv("CRM_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setattr(embedded, "_known", None)
    monkeypatch.setattr(embedded, "_use", None)
    monkeypatch.setattr(embedded, "_light", True)   # the test run's own servers stay on
    tmp_path.chmod(0o755)
    yield embedded.home()
    embedded.stop()


def asks(*arguments, **more):
    return subprocess.Popen([sys.executable, "-c", ASK, *arguments], stdout=subprocess.PIPE, stdin=subprocess.PIPE,
                            text=True, **more)


def database(addresses):
    return psycopg.connect(addresses.database_url.replace("+psycopg", ""), autocommit=True)


def servers(home):
    return embedded_postgres.process_id(home / "postgres"), embedded_valkey.process_id(home / "valkey")


def test_processes_that_start_at_once_share_one_pair_of_servers(home):
    children = [asks() for _ in range(3)]

    urls = {child.communicate()[0] for child in children}

    assert len(urls) == 1 and str(embedded.socket_folder(home / "postgres")) in urls.pop()
    postgres = subprocess.run(["pgrep", "-fc", f"postgres -D {home}"], capture_output=True, text=True)
    assert postgres.stdout.strip() in ("1", "")     # no pgrep here: the one address must do


def test_servers_outlive_a_client_that_is_killed_and_keep_what_it_wrote(home):
    child = asks("wait")
    child.stdout.readline()
    before = servers(home)
    with database(embedded.addresses()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")

    os.kill(child.pid, signal.SIGKILL)
    child.wait()

    assert servers(home) == before
    with database(embedded.start()) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_servers_that_were_killed_come_back_with_what_was_committed(home):
    addresses = embedded.addresses()
    client = redis.Redis.from_url(addresses.redis_url)
    with database(addresses) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    client.set("kept", 1)
    time.sleep(1.2)                                 # Valkey writes its file once a second

    for process in servers(home):
        os.kill(process, signal.SIGKILL)
    again = embedded.start()

    assert again == addresses
    with database(again) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    assert client.get("kept") == b"1"


def test_the_last_to_leave_turns_off_the_light_and_nobody_earlier(home):
    script = ASK.replace('print', 'embedded.stop_when_last(); print', 1)
    first = subprocess.Popen([sys.executable, "-c", script, "wait"], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    first.stdout.readline()
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert embedded_postgres.process_id(home / "postgres") is not None

    first.communicate()

    assert embedded_postgres.process_id(home / "postgres") is None


def test_with_both_addresses_given_nothing_is_started(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/crm")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")

    assert embedded.addresses() == embedded.Addresses("postgresql+psycopg://elsewhere/crm", "redis://elsewhere")
    assert not home.exists()


def test_a_folder_too_deep_for_a_socket_gets_a_short_one(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)

    assert len(str(embedded.socket_folder(deep))) < 60
    assert embedded.socket_folder(tmp_path / "x") in (tmp_path / "x", embedded.socket_folder(tmp_path / "x"))


def test_a_first_start_that_was_interrupted_is_begun_again(home):
    (home / "postgres.new").mkdir(parents=True)
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")
    elsewhere = embedded.addresses().database_url.replace("+psycopg", "").replace("/crm?", "/postgres?")
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute("DROP DATABASE crm WITH (FORCE)")

    with database(embedded.start()) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("crm",)
