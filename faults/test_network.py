"""The network between the processes and their servers is cut for a while, in both ways: packets vanish, or calls are refused."""
import http.client
import os
import time
import urllib.error
import urllib.request

import psycopg
import pytest
import sqlalchemy as sa

from faults.conftest import Installation
from faults.cut import Cable
from faults.test_web import Writer, settled
from runtime.db import embedded

FOR = float(os.environ.get("FAULT_CUT", "30"))
"""Seconds of each cut."""
HANGS = 6.0
"""What a page may take while the database cannot be reached: a refusal in words, not a browser that turns."""
BACK = 15.0

pytestmark = pytest.mark.timeout(1800)


class Remote(Installation):
    """Web, workers and clock that reach PostgreSQL and Redis through cables."""

    def __init__(self, folder):
        super().__init__(folder)
        own = embedded.addresses()
        url = sa.make_url(own.database_url)
        self.direct = url
        self.database = Cable(f"{url.query['host']}/.s.PGSQL.5432")
        self.redis = Cable(own.redis_url.removeprefix("unix://").partition("?")[0])
        through = sa.URL.create(url.drivername, url.username, None, "127.0.0.1", self.database.port, url.database)
        self.environment |= {"DATABASE_URL": through.render_as_string(hide_password=False), "SECRET_KEY": "k" * 64,
                             "CRM_API_RATE": "100000 per minute",      # counted in Redis
                             "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0"}

    def connect(self):
        return psycopg.connect(host=self.direct.query["host"], user=self.direct.username, dbname=self.direct.database,
                               autocommit=True)


@pytest.fixture(scope="module")
def remote(home, place):
    folder = place / "remote"
    folder.mkdir()
    made = Remote(folder)
    made.start()
    yield made
    made.stop()
    made.log.close()


def asked(installation, token, seconds=60.0):
    """(status, seconds) of one read."""
    began = time.monotonic()
    request = urllib.request.Request(f"http://127.0.0.1:{installation.port}/api/v1/records/leads?limit=1",
                                     headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            status = answer.status
    except urllib.error.HTTPError as problem:
        status = problem.code
    except (OSError, http.client.HTTPException):
        status = 0
    return status, time.monotonic() - began


def under_saves(remote, cable, way):
    """Cut under saves; (status, seconds) of the reads meanwhile, seconds until it is well again, the writers."""
    token = remote.crm("token", "admin")["token"]
    writers = [Writer(remote, token, f"{way} {cable.port} {number}") for number in range(3)]
    for writer in writers:
        writer.start()
    time.sleep(2)
    cable.cut(way)
    over, reads = time.monotonic() + FOR, []
    try:
        while time.monotonic() < over:
            reads.append(asked(remote, token))
            time.sleep(0.3)
    finally:
        cable.mend()
    mended = time.monotonic()
    while asked(remote, token)[0] != 200 and time.monotonic() < mended + 60:
        time.sleep(0.2)
    back = time.monotonic() - mended
    time.sleep(3)
    for writer in writers:
        writer.over.set()
    for writer in writers:
        writer.join(60)
        assert not writer.is_alive(), "Somebody waits for ever."
    return reads, back, writers


def check(remote, writers):
    acknowledged = [pair for writer in writers for pair in writer.acknowledged]
    with remote.connect() as connection:
        there = dict(connection.execute("SELECT id, name FROM records.leads").fetchall())
    assert len(acknowledged) > 20
    assert [pair for pair in acknowledged if there.get(pair[0]) != pair[1]] == []
    assert [line for writer in writers for line in writer.refused] == []
    doctor = settled(remote)
    assert doctor["ok"], doctor


@pytest.mark.parametrize("way", ["refuse", "drop"])
def test_the_database_cut_off(remote, way):
    reads, back, writers = under_saves(remote, remote.database, way)
    slowest = max(seconds for _status, seconds in reads)
    print(f"database, {way}: {len(reads)} reads, slowest {slowest:.1f} s, back {back:.1f} s")
    assert {status for status, _seconds in reads} <= {200, 503}
    assert slowest < HANGS and back < BACK
    check(remote, writers)


@pytest.mark.parametrize("way", ["refuse", "drop"])
def test_redis_cut_off(remote, way):
    reads, back, writers = under_saves(remote, remote.redis, way)
    slowest = max(seconds for _status, seconds in reads)
    print(f"redis, {way}: {len(reads)} reads, slowest {slowest:.1f} s, back {back:.1f} s")
    assert {status for status, _seconds in reads} == {200}, "Redis is something one can do without."
    assert slowest < 4
    check(remote, writers)
