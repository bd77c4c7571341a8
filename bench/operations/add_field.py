"""Publishing one more field while lists are read: how long it takes, and the longest any reader waited.

Beside it the bare ALTER TABLE while the list's SQL is read over one connection.
"""
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg

from bench.client import Ask
from bench.operations import list_page
from bench.stage import Row, Stage
from metadata.model.field import Field
from runtime import publish
from runtime.tables import published
from runtime.values import HOUSE

ORDER = 90
MEANWHILE = 2.0
"""Seconds of reading around the change."""
_numbers = itertools.count(int(time.time()))


def rows(stage: Stage) -> Iterator[Row]:
    took: list[float] = []

    def product() -> float:
        reading = stage.driver.begin(stage.member, [Ask(list_page.PRODUCT)], clients=2, seconds=MEANWHILE, warm=8)
        time.sleep(MEANWHILE / 2)
        took.append(_publish())
        return reading.get().longest

    slowest, raw = stage.rounds(product, lambda: _altered(stage))
    yield Row("add a field", "s", sorted(took)[1], target=0.1)
    yield Row("longest read meanwhile", "ms", slowest, None, raw, "raw", "<=", 10)


def _publish() -> float:
    now = published.refresh()
    number = next(_numbers)
    field = Field(id=f"fld_deal_added_{number}", name=f"added_{number}", label=f"Added {number}", type="text")
    deals = now.module("deals")
    began = time.perf_counter()
    publish.publish(HOUSE.through("cli"), now.definitions.with_document(replace(deals, fields=(*deals.fields, field))))
    return time.perf_counter() - began


def _altered(stage: Stage) -> float:
    """The longest of many raw list queries while a column is added; it is dropped again."""
    longest, over = [0.0], threading.Event()

    def read() -> None:
        with psycopg.connect(stage.installation.database, autocommit=True) as connection:
            while not over.is_set():
                began = time.perf_counter()
                connection.execute(list_page.SELECT + list_page.SORTED, list_page.FILTER, prepare=True).fetchall()
                connection.execute(list_page.COUNT, list_page.FILTER, prepare=True).fetchall()
                longest[0] = max(longest[0], (time.perf_counter() - began) * 1000)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    time.sleep(MEANWHILE / 2)
    longest[0] = 0.0
    stage.raw.execute("ALTER TABLE records.deals ADD COLUMN bench_added text")
    time.sleep(MEANWHILE / 2)
    over.set()
    for reader in readers:
        reader.join()
    stage.raw.execute("ALTER TABLE records.deals DROP COLUMN bench_added")
    return longest[0]
