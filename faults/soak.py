"""A soak: steady requests for minutes or hours while processes are killed at random: `make soak MINUTES=480`.

Prints what each kind of process weighs and holds open over time. Ends red (1) where something acknowledged is lost, a request is
refused or hangs, memory grows after the first quarter, or files stay open (safety F42).
"""
import http.client
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

from faults.conftest import Installation
from faults.test_web import settled
from runtime.db import embedded_postgres, embedded_valkey

RATE = float(os.environ.get("SOAK_RATE", "30"))
"""Requests per second, of all clients together; one in five saves."""
CLIENTS = 6
KILLS = float(os.environ.get("SOAK_KILLS", "60"))
"""Seconds between two kills, on average."""
LOOK = 5.0
YOUNG = 20.0
"""Seconds in which a process that was just started is not weighed."""
GROWTH, MORE_FILES = 1.10, 8
HANGS = 30.0
ROLES = {"web": "gunicorn", "worker": "runtime.cli worker", "clock": "runtime.cli clock", "run": "runtime.cli run"}


class Client(threading.Thread):
    """Reads and saves at its pace, and remembers what was acknowledged and how long it took."""

    def __init__(self, installation: Installation, token: str, number: int):
        super().__init__(daemon=True)
        self.installation, self.token, self.number = installation, token, number
        self.acknowledged: list[tuple[int, str]] = []
        self.took: list[float] = []
        self.told: Counter[str] = Counter()
        self.over = threading.Event()

    def run(self) -> None:
        count = 0
        while not self.over.is_set():
            count += 1
            began = time.monotonic()
            try:
                self._ask(count)
                self.told["answered"] += 1
            except urllib.error.HTTPError as problem:
                self.told["unavailable" if problem.code == 503 else f"refused {problem.code}"] += 1
            except TimeoutError:
                self.told["hung"] += 1
            except (OSError, http.client.HTTPException):
                self.told["no answer"] += 1         # the process that was asked is dead: nothing was acknowledged
            took = time.monotonic() - began
            self.took.append(took)
            self.over.wait(max(0.0, CLIENTS / RATE - took))

    def _ask(self, count: int) -> None:
        if count % 5 == 1:
            name = f"Soak {self.number} lead {count}"
            answer = self.installation.post("/api/v1/records/leads", {"name": name}, self.token)
            self.acknowledged.append((answer["id"], name))
            return
        path = f"/{random.choice(self.acknowledged)[0]}" if count % 2 and self.acknowledged else "?limit=20"
        asked = urllib.request.Request(f"http://127.0.0.1:{self.installation.port}/api/v1/records/leads{path}",
                                       headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(asked, timeout=HANGS) as answer:
            answer.read()


def weigh(pid: int) -> tuple[float, int] | None:
    """(megabytes of its own, open files) of a process; None where it is gone or just began."""
    own = Path(f"/proc/{pid}")
    try:
        began = int((own / "stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
        if time.clock_gettime(time.CLOCK_BOOTTIME) - began < YOUNG:
            return None
        kept = dict(line.split(":", 1) for line in (own / "smaps_rollup").read_text().splitlines()[1:])
        return sum(int(kept[name].split()[0]) for name in ("Private_Clean", "Private_Dirty")) / 1024, len(os.listdir(own / "fd"))
    except (OSError, KeyError, ValueError):
        return None


def look(installation: Installation) -> dict[str, tuple[float, int]]:
    """{role: (megabytes, open files)} of the heaviest process of each role."""
    found = {}
    for role, words in ROLES.items():
        if weighed := [each for pid in installation.pids(words) if (each := weigh(pid))]:
            found[role] = max(size for size, _files in weighed), max(files for _size, files in weighed)
    server = embedded_valkey.process_id(installation.home / "valkey")
    if server and (each := weigh(server)):
        found["redis"] = each
    return found


def kill(installation: Installation) -> str:
    """Kill one of the three at random, and say which."""
    name = random.choice(("web", "redis", "postgresql"))
    if name == "web":
        master = min(installation.pids("gunicorn"), default=None)
        victims = [pid for pid in installation.pids("gunicorn") if pid != master]
        pid = random.choice(victims) if victims else None
    else:
        place = embedded_valkey if name == "redis" else embedded_postgres
        pid = place.process_id(installation.home / ("valkey" if name == "redis" else "postgres"))
    if pid:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return name


def judge(seen: list[dict[str, tuple[float, int]]]) -> list[str]:
    """What grew between the second quarter and the last one."""
    quarter, wrong = len(seen) // 4, []
    for role in sorted({role for each in seen for role in each}):
        early = [each[role] for each in seen[quarter:2 * quarter] if role in each]
        late = [each[role] for each in seen[-quarter:] if role in each]
        if not early or not late:
            wrong.append(f"{role}: too short to weigh")
            continue
        (size, files), (size_later, files_later) = ([statistics.median(column) for column in zip(*part, strict=True)]
                                                   for part in (early, late))
        say(f"  {role:10} {size:7.1f} -> {size_later:7.1f} MB   {files:4.0f} -> {files_later:4.0f} files")
        if size_later > size * GROWTH:
            wrong.append(f"{role}: memory grew by {100 * (size_later / size - 1):.0f} %")
        if files_later > files + MORE_FILES:
            wrong.append(f"{role}: {files_later - files:.0f} more files are open")
    return wrong


def lost(installation: Installation, clients: list[Client]) -> list[str]:
    with installation.connect() as connection:
        there = dict(connection.execute("SELECT id, name FROM records.leads WHERE name LIKE 'Soak %'").fetchall())
    acknowledged = [pair for client in clients for pair in client.acknowledged]
    say(f"  {len(acknowledged)} saves acknowledged")
    gone = [name for number, name in acknowledged if there.get(number) != name]
    return [f"{len(gone)} acknowledged saves are lost: {gone[:5]}"] if gone else []


def soak(installation: Installation, minutes: float) -> list[str]:
    """What went wrong."""
    token = installation.crm("token", "admin")["token"]
    clients = [Client(installation, token, number) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    began, seen, killed = time.monotonic(), [], Counter()
    over, strike = began + minutes * 60, began + KILLS / 2
    while (now := time.monotonic()) < over:
        seen.append(look(installation))
        shown = " ".join(f"{role} {size:.0f} MB/{files}" for role, (size, files) in sorted(seen[-1].items()))
        if len(seen) % max(1, int(minutes)) == 0:
            say(f"{now - began:6.0f} s  {shown}")
        if now >= strike and now < over - 30:
            killed[kill(installation)] += 1
            strike = now + random.uniform(0.5, 1.5) * KILLS
        time.sleep(LOOK)
    for client in clients:
        client.over.set()
    for client in clients:
        client.join(HANGS * 2)
    installation.wait_until_up()
    took, told = sorted(each for client in clients for each in client.took), sum((client.told for client in clients), Counter())
    say(f"{len(took) / (time.monotonic() - began):.1f} requests/s, p95 {took[int(len(took) * 0.95)] * 1000:.0f} ms, slowest "
        f"{took[-1]:.1f} s; {dict(told)}; killed {dict(killed)}")
    wrong = judge(seen) + lost(installation, clients)
    wrong += [f"{number} times {what}" for what, number in told.items() if what == "hung" or what.startswith("refused")]
    doctor = settled(installation)
    return wrong + ([] if doctor["ok"] else [f"doctor: {doctor}"])


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    with tempfile.TemporaryDirectory(prefix="banyan-soak-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        installation = Installation(Path(folder))
        try:
            installation.start()
            wrong = soak(installation, minutes)
        finally:
            installation.stop()
            installation.log.close()
    for line in wrong:
        say(f"WRONG  {line}")
    say("Nothing was lost and nothing grew." if not wrong else f"{len(wrong)} things went wrong.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
