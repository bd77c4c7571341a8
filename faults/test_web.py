"""The web is killed under fifty saves a second: what was acknowledged is there, once, with its history and its event."""
import http.client
import os
import random
import signal
import threading
import time
import urllib.error

import pytest

from runtime.db import embedded_postgres

TIMES = int(os.environ.get("FAULT_TIMES", "20"))
WRITERS = 5
EACH = 10.0
"""Saves per second and writer."""

pytestmark = pytest.mark.timeout(3600)


class Writer(threading.Thread):
    """Saves leads at its pace, and remembers what was acknowledged."""

    def __init__(self, installation, token, number):
        super().__init__(daemon=True)
        self.installation, self.token, self.number = installation, token, number
        self.acknowledged: list[tuple[int, str]] = []
        self.refused: list[str] = []
        self.silent = 0
        self.over = threading.Event()

    def run(self):
        count = 0
        while not self.over.is_set():
            count += 1
            name = f"Writer {self.number} lead {count}"
            started = time.monotonic()
            try:
                answer = self.installation.post("/api/v1/records/leads", {"name": name}, self.token)
                self.acknowledged.append((answer["id"], name))
            except urllib.error.HTTPError as problem:
                if problem.code != 503:
                    self.refused.append(f"{problem.code} {problem.read()[:300]!r}")
            except (OSError, http.client.HTTPException):
                self.silent += 1
            self.over.wait(max(0.0, 1 / EACH - (time.monotonic() - started)))


def under_saves(installation, kill):
    """Kill again and again while leads are saved; the writers, when all is over."""
    token = installation.crm("token", "admin")["token"]
    writers = [Writer(installation, token, number) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(TIMES):
        time.sleep(random.uniform(0.5, 1.5))
        kill()
        time.sleep(1)
        installation.wait_until_up()
    time.sleep(1)
    for writer in writers:
        writer.over.set()
    for writer in writers:
        writer.join(60)
    return writers


def check(installation, writers):
    """Nothing acknowledged is lost, nothing is half-done, all follow-up work gets done, doctor is content."""
    with installation.connect() as connection:
        there = dict(connection.execute("SELECT id, name FROM records.leads WHERE name LIKE 'Writer %'").fetchall())
        half = connection.execute("""
            SELECT leads.id,
                   (SELECT count(*) FROM house.history WHERE history.record_id = leads.id AND verb = 'create') AS histories,
                   (SELECT count(*) FROM house.event WHERE event.record_id = leads.id AND event.module = 'leads'
                      AND event.name = 'record.created') AS events
            FROM records.leads WHERE name LIKE 'Writer %'""").fetchall()
    acknowledged = [pair for writer in writers for pair in writer.acknowledged]
    assert len(acknowledged) > 10 * TIMES
    assert [pair for pair in acknowledged if there.get(pair[0]) != pair[1]] == []
    assert [row for row in half if row[1:] != (1, 1)] == []
    assert [line for writer in writers for line in writer.refused] == []
    doctor = settled(installation)
    assert doctor["ok"], doctor


def settled(installation):
    """What doctor says when the workers have caught up."""
    for _ in range(60):
        doctor = installation.crm("doctor")
        figures = doctor["checks"]["deliveries"]
        if not figures.get("ready") and not figures.get("leased"):
            break
        time.sleep(1)
    return doctor


def test_the_web_killed_under_saves(installation):
    def kill():
        for process in installation.pids("gunicorn"):
            os.kill(process, signal.SIGKILL)

    check(installation, under_saves(installation, kill))


def test_postgresql_killed_under_saves(installation):
    def kill():
        os.kill(embedded_postgres.process_id(installation.home / "postgres"), signal.SIGKILL)

    check(installation, under_saves(installation, kill))


def test_the_whole_family_killed_under_saves(installation):
    def kill():
        for process in installation.pids("runtime.cli") + installation.pids("gunicorn"):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        installation.process.wait()
        installation.start()

    check(installation, under_saves(installation, kill))
