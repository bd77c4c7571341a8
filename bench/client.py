"""The client: closed loops over kept connections, in a process of its own, beside what it measures."""
import http.client
import itertools
import multiprocessing
import statistics
import threading
import time
from dataclasses import dataclass, field

NUMBER = b"NumberHere"
"""In a body: replaced by a number that was never used before."""


@dataclass(frozen=True)
class Ask:
    """One request. expect: the status it must be answered with."""
    path: str
    method: str = "GET"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    expect: int = 200


@dataclass(frozen=True)
class Visit:
    """Who asks whom: a port on this machine, and the headers of every request (cookie, key)."""
    port: int
    headers: dict[str, str]


@dataclass(frozen=True)
class Told:
    """milliseconds of each request, in order; seconds in all; bytes: the last body's length."""
    milliseconds: list[float]
    seconds: float
    bytes: int

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def longest(self) -> float:
        return max(self.milliseconds)

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds


class Driver:
    """The client process. Every call waits for its answer."""

    def __init__(self) -> None:
        self._pool = multiprocessing.get_context("spawn").Pool(1)
        self._run = itertools.count(int(time.time()) % 100_000 * 1_000)

    def drive(self, visit: Visit, asks: list[Ask], *, clients: int = 1, seconds: float = 0, times: int = 0, warm: int = 0) -> Told:
        return self.begin(visit, asks, clients=clients, seconds=seconds, times=times, warm=warm).get()

    def begin(self, visit: Visit, asks: list[Ask], *, clients: int = 1, seconds: float = 0, times: int = 0, warm: int = 0):
        """Like drive, but answers at once; `.get()` waits."""
        return self._pool.apply_async(_drive, (visit, asks, clients, seconds, times, warm, next(self._run)))

    def close(self) -> None:
        self._pool.terminate()


def _drive(visit: Visit, asks: list[Ask], clients: int, seconds: float, times: int, warm: int, run: int) -> Told:
    """Until `seconds` are over, or each request was sent `times` times in all."""
    numbers = itertools.count()
    told: list[list[float]] = []
    sizes: list[int] = [0]
    problems: list[BaseException] = []
    barrier = threading.Barrier(clients + 1)
    most = times or 10**9
    end = [0.0]

    def loop() -> None:
        mine: list[float] = []
        told.append(mine)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", visit.port, timeout=60)
            for number in itertools.islice(numbers, warm):
                _ask(connection, visit, asks[number % len(asks)], run * 100_000 + number)
            barrier.wait()
            while len(mine) < most and (times or time.perf_counter() < end[0]):
                number = next(numbers)
                started = time.perf_counter()
                sizes[0] = _ask(connection, visit, asks[number % len(asks)], run * 100_000 + number)
                mine.append((time.perf_counter() - started) * 1000)
        except BaseException as problem:
            problems.append(problem)
            barrier.abort()

    threads = [threading.Thread(target=loop) for _ in range(clients)]
    for thread in threads:
        thread.start()
    end[0] = time.perf_counter() + 3600
    try:
        barrier.wait()
    except threading.BrokenBarrierError:
        pass
    began = time.perf_counter()
    end[0] = began + seconds
    for thread in threads:
        thread.join()
    if problems:
        raise next((problem for problem in problems if not isinstance(problem, threading.BrokenBarrierError)), problems[0])
    return Told([one for mine in told for one in mine], time.perf_counter() - began, sizes[0])


def _ask(connection: http.client.HTTPConnection, visit: Visit, ask: Ask, number: int) -> int:
    body = ask.body.replace(NUMBER, b"%010d" % (number % 10**10)) if ask.body else None
    connection.request(ask.method, ask.path, body, visit.headers | ask.headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != ask.expect:
        raise RuntimeError(f"{ask.method} {ask.path}: {answer.status} instead of {ask.expect}: {content[:600]!r}")
    return len(content)


def fetch(visit: Visit, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """One request from here: (status, headers, body)."""
    connection = http.client.HTTPConnection("127.0.0.1", visit.port, timeout=60)
    connection.request("GET", path, headers=visit.headers | (headers or {}))
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
