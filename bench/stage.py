"""The stage: what every operation needs, and the rows it answers with."""
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bench.client import Ask, Driver, Told, Visit, fetch
from bench.installation import Installation
from bench.serving import Served

ROUNDS = 3


@dataclass(frozen=True)
class Row:
    """One line of the table. target: what `ratio` must stay under ("<=") or reach (">="); None = only told.

    against: "floor", "raw", or the name of another figure, given as `beside`. Without it the target speaks of the
    product's own figure.
    """
    operation: str
    unit: str
    product: float
    floor: float | None = None
    raw: float | None = None
    against: str | None = None
    sign: str = "<="
    target: float | None = None
    beside: float | None = None

    @property
    def ratio(self) -> float | None:
        other = {"floor": self.floor, "raw": self.raw}.get(self.against or "", self.beside)
        return self.product / other if other else None

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        measured = self.ratio if self.against else self.product
        return measured <= self.target if self.sign == "<=" else measured >= self.target

    def to_json(self) -> dict[str, Any]:
        return {"operation": self.operation, "unit": self.unit, "raw": self.raw, "floor": self.floor, "product": self.product,
                "against": self.against, "ratio": self.ratio, "sign": self.sign, "target": self.target, "met": self.met}


@dataclass
class Stage:
    """member: the rep's browser; program: the rep's API key; anybody: a browser at the floor."""
    installation: Installation
    product: Served
    floor: Served
    driver: Driver
    raw: psycopg.Connection
    quick: bool
    member: Visit = field(init=False)
    program: Visit = field(init=False)
    anybody: Visit = field(init=False)
    member_token: str = ""
    floor_token: str = ""

    def __post_init__(self) -> None:
        self.member = Visit(self.product.port, {"Cookie": f"banyan={self.installation.session()}"})
        self.program = Visit(self.product.port, {"Authorization": f"Bearer {self.installation.key}"})
        status, _headers, page = fetch(self.member, "/m/deals/new")
        assert status == 200, page[:500]
        self.member_token = re.search(rb'"X-CSRFToken": "([^"]+)"', page)[1].decode()
        _status, headers, page = fetch(Visit(self.floor.port, {}), "/")
        self.anybody = Visit(self.floor.port, {"Cookie": headers["set-cookie"].split(";")[0]})
        self.floor_token = re.search(rb"<p>(\S+)</p>", page)[1].decode()

    # Three times each, one after another

    def rounds(self, *sides: Callable[[], float]) -> list[float]:
        """The median of three for every side; A B A B, so that a busy moment of the machine meets them all."""
        told: list[list[float]] = [[] for _ in sides]
        for _ in range(ROUNDS):
            for numbers, side in zip(told, sides, strict=True):
                numbers.append(side())
        return [statistics.median(numbers) for numbers in told]

    def one(self, visit: Visit, *asks: Ask, times: int = 60) -> Callable[[], float]:
        """Milliseconds of one request, one client; the median of many. Several asks are sent one after another and added up."""
        def measure() -> float:
            told = self.driver.drive(visit, list(asks), times=times * len(asks), warm=8 * len(asks))
            return sum(statistics.median(told.milliseconds[at::len(asks)]) for at in range(len(asks)))
        return measure

    def many(self, visit: Visit, asks: Sequence[Ask], *, clients: int = 8, seconds: float = 4) -> Callable[[], float]:
        """Answers per second of eight clients."""
        def measure() -> float:
            return self.told(visit, asks, clients=clients, seconds=seconds).per_second
        return measure

    def told(self, visit: Visit, asks: Sequence[Ask], *, clients: int, seconds: float) -> Told:
        return self.driver.drive(visit, list(asks), clients=clients, seconds=1.5 if self.quick else seconds, warm=4)

    def sql(self, *statements: tuple[str, Sequence[Any]], times: int = 60) -> Callable[[], float]:
        """Milliseconds of statements sent one after another over one connection, prepared; the median."""
        def measure() -> float:
            spent = []
            for _ in range(times):
                started = time.perf_counter()
                for statement, values in statements:
                    self.raw.execute(statement, values, prepare=True).fetchall()
                spent.append((time.perf_counter() - started) * 1000)
            return statistics.median(spent)
        return measure

    def fresh(self, count: int) -> list[tuple[int, int]]:
        """(id, version) of deals nobody works on now, spread over the table."""
        self._taken = getattr(self, "_taken", 0) + 1
        step = max(1, self.installation.deals // count)
        return self.raw.execute("SELECT id, version FROM records.deals WHERE deleted_at IS NULL AND id %% %s = %s AND id <= %s "
                                "ORDER BY id LIMIT %s", (step, self._taken % step, self.installation.deals, count)).fetchall()
