"""Serving: the product and the floor under the same gunicorn settings, each on a port of its own."""
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from bench.installation import ROOT

SETTINGS = "python:runtime.cli.gunicorn_settings"


class Served:
    """A running web server: two workers of four threads, loaded once and forked."""

    def __init__(self, application: str, ready: str):
        self.application, self.ready = application, ready
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen | None = None
        self.seconds = 0.0

    def start(self) -> "Served":
        """Until the page `ready` is answered; `.seconds` says how long that took."""
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", SETTINGS, "--chdir", str(ROOT), self.application],
            cwd=ROOT, env={**os.environ, "CRM_API_RATE": "off", "BIND": f"127.0.0.1:{self.port}", "WEB_LOG_LEVEL": "error"})
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self.ready}", timeout=30) as answer:
                    answer.read()
                break
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - began > 60:
                    raise RuntimeError(f"{self.application} does not start.") from None
                time.sleep(0.02)
        self.seconds = time.perf_counter() - began
        return self

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def pss(self) -> float:
        """MiB of the master and its workers, shared pages counted once."""
        master = self.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return sum(pss(int(process)) for process in (master, *children))


def pss(process: int) -> float:
    """MiB of one process, pages shared with others counted in parts."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def product() -> Served:
    return Served("wsgi:app", "/login")


def floor() -> Served:
    return Served("bench.floor:app", "/")
