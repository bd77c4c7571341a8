"""Updating one deal by its form, with the version it was read at; the product keeps history and an event."""
from collections.abc import Callable, Iterator

from bench import forms
from bench.client import Ask
from bench.stage import Row, Stage

ORDER = 50
UPDATE = ("UPDATE records.deals SET stage = 'Proposal', amount = amount + 1, version = version + 1, updated_at = now() "
          "WHERE id = %s RETURNING id", (815,))
TIMES = 60


def rows(stage: Stage) -> Iterator[Row]:
    product, floor, raw = stage.rounds(_product(stage), _floor(stage), stage.sql(UPDATE))
    yield Row("update by form", "ms", product, floor, raw, "floor", "<=", 3)


def _product(stage: Stage) -> Callable[[], float]:
    def measure() -> float:
        asks = [Ask(f"/m/deals/{record}", "POST", forms.body(csrf_token=stage.member_token, _method="PUT", version=str(version)),
                    forms.FORM, 303) for record, version in stage.fresh(TIMES)]
        return stage.driver.drive(stage.member, asks, times=len(asks)).median
    return measure


def _floor(stage: Stage) -> Callable[[], float]:
    def measure() -> float:
        asks = [Ask(f"/deals/{record}", "POST", forms.body(csrf_token=stage.floor_token, version=str(version)), forms.FORM, 303)
                for record, version in stage.fresh(TIMES)]
        return stage.driver.drive(stage.anybody, asks, times=len(asks)).median
    return measure
