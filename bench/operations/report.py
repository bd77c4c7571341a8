"""A report over all deals: count and amount by stage and month of closing, exact, beside the same SQL by hand."""
from collections.abc import Iterator

from bench.client import Ask
from bench.stage import Row, Stage

ORDER = 70
RAW = ("SELECT stage, date_trunc('month', close_date), count(*), sum(amount__home) FROM records.deals "
       "WHERE deleted_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2", ())


def rows(stage: Stage) -> Iterator[Row]:
    ask = Ask("/api/v1/aggregate/deals?group=stage,close_date:month&measures=count,sum:amount")
    product, raw = stage.rounds(stage.one(stage.program, ask, times=8), stage.sql(RAW, times=8))
    yield Row("report, stage by month", "ms", product, None, raw, "raw", "<=", 1.1)
