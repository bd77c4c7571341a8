"""The web process: how long until the first page, and what two workers weigh after all the work above."""
from collections.abc import Iterator

from bench import serving
from bench.stage import Row, Stage

ORDER = 100


def rows(stage: Stage) -> Iterator[Row]:
    weight, bare = stage.product.pss(), stage.floor.pss()
    product, floor = stage.rounds(lambda: _cold(serving.product()), lambda: _cold(serving.floor()))
    yield Row("cold start to the first page", "s", product, floor, target=2.3)
    yield Row("two workers and their master, after it all (PSS)", "MiB", weight, bare, target=200)


def _cold(served: serving.Served) -> float:
    try:
        return served.start().seconds
    finally:
        served.stop()
