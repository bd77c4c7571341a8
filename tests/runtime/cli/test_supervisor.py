"""The supervisor: one log, a child that falls is started again, all end together."""
import os
import signal
import sys
import threading
import time

from runtime.cli.supervisor import Child, Supervisor

SLEEP = "import time; print('up', flush=True); time.sleep(60)"


def run(supervisor):
    done = []
    thread = threading.Thread(target=lambda: done.append(supervisor.run()))
    thread.start()
    return thread, done


def until(true, seconds=10):
    last = time.monotonic() + seconds
    while not true() and time.monotonic() < last:
        time.sleep(0.05)
    return true()


def test_a_child_that_is_killed_is_started_again_and_all_end_together(capfd):
    supervisor = Supervisor([Child("one", [sys.executable, "-c", SLEEP]), Child("two", [sys.executable, "-c", SLEEP])])
    thread, done = run(supervisor)
    one, two = supervisor.children
    assert until(lambda: two.process is not None)
    first = one.process.pid

    os.kill(first, signal.SIGKILL)
    assert until(lambda: one.process is not None and one.process.pid != first)
    supervisor.stop()
    thread.join(20)

    assert done == [0]
    assert two.process.poll() is not None
    said = capfd.readouterr().out
    assert "one ended (signal SIGKILL); starting it again" in said


def test_a_child_that_cannot_stay_up_ends_it_all_with_a_sentence(capfd):
    supervisor = Supervisor([Child("broken", [sys.executable, "-c", "print('no such thing'); raise SystemExit(3)"])])
    supervisor.children[0].failures = 5
    thread, done = run(supervisor)
    thread.join(20)

    assert done == [1]
    assert "broken does not stay up" in capfd.readouterr().out
