"""Clocks that go wrong: hosts two hours ahead and behind, hours that come twice or never, a leap day."""
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from faults.conftest import ROOT
from faults.test_workers import counts, say, until
from runtime.db.transaction import reading, transaction

FOR = 12
"""Seconds of each run."""
HOURS = (7_200.0, -7_200.0, 0.0)
ODD = {"the hour that is left out": (datetime(2026, 3, 29, 0, 59, 55, tzinfo=UTC), "Europe/Berlin"),
       "the hour that comes twice": (datetime(2026, 10, 25, 0, 59, 55, tzinfo=UTC), "Europe/Berlin"),
       "a leap day": (datetime(2028, 2, 28, 23, 59, 55, tzinfo=UTC), "UTC"),
       "the end of a leap day": (datetime(2028, 2, 29, 23, 59, 55, tzinfo=UTC), "UTC")}

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("listening")]


@pytest.fixture
def elsewhere(home):
    """elsewhere("worker", 7200) -> a process whose clock is two hours ahead; all are gone after the test."""
    with transaction() as tx:
        tx.execute(sa.text("CREATE TABLE IF NOT EXISTS public.counted (number int)"))
        tx.execute(sa.text("CREATE TABLE IF NOT EXISTS public.beats (at timestamptz DEFAULT clock_timestamp())"))
        tx.execute(sa.text("TRUNCATE public.counted, public.beats, house.event, house.delivery, house.chore_run"))
    started = []

    def start(role, ahead, zone="UTC"):
        own = {"FAULT_CLOCK": str(ahead), "TZ": zone}
        child = subprocess.Popen([sys.executable, "-m", "faults.process", role], cwd=ROOT, env=os.environ | own)
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()
    with transaction() as tx:
        tx.execute(sa.text("DROP TABLE public.beats"))


def fired():
    """How often each due time was fired, and how often the chore ran."""
    with reading() as connection:
        times = connection.execute(sa.text("SELECT payload ->> 'due_at', count(*) FROM house.event WHERE name = 'chore.due'"
                                           " AND payload ->> 'chore' = 'beat' GROUP BY 1")).all()
        return times, connection.scalar(sa.text("SELECT count(*) FROM public.beats"))


def standing():
    with reading() as connection:
        return connection.execute(sa.text(
            "SELECT max(attempts), count(*) FILTER (WHERE state <> 'done') FROM house.delivery")).one()


def all_well(said):
    until(lambda: len(counts()) >= said and standing()[1] == 0, 20)
    times, beats = fired()
    assert counts() == list(range(said)), "Each event counts once."
    assert times and all(number == 1 for _due, number in times), "Each due time is fired once."
    assert beats == len(times)
    assert standing()[0] == 1, "No lease was taken from somebody who was alive."


def test_hosts_two_hours_apart_steal_nothing_and_do_nothing_twice(elsewhere):
    children = [elsewhere(role, ahead) for ahead in HOURS for role in ("clock", "worker")]
    time.sleep(4)
    over, said = time.monotonic() + FOR, 0
    while time.monotonic() < over:
        say(range(said, said + 10))
        said += 10
        time.sleep(0.3)
    until(lambda: len(counts()) >= said, 30)
    for child in children[::2]:         # the clocks fire no more; what they fired is done
        child.kill()
    assert all(child.poll() is None for child in children[1::2])
    all_well(said)


@pytest.mark.parametrize("name", ODD)
def test_odd_hours_and_days_pass_like_others(elsewhere, name):
    moment, zone = ODD[name]
    ahead = (moment - datetime.now(UTC)).total_seconds()
    child, worker = elsewhere("clock", ahead, zone), elsewhere("worker", ahead, zone)
    time.sleep(4)
    say(range(50))
    time.sleep(FOR)
    assert child.poll() is None and worker.poll() is None
    child.kill()
    all_well(50)
