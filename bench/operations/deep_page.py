"""A page deep in the list, by key: 100,000 rows down, or a tenth of them; against the product's own first page."""
import os
from collections.abc import Iterator

from bench.client import Ask
from bench.operations import list_page
from bench.stage import Row, Stage
from runtime.records import cursor
from runtime.web import settings

ORDER = 20
BEYOND = " AND (d.close_date, d.id) < (%s, %s)"


def rows(stage: Stage) -> Iterator[Row]:
    depth = min(100_000, stage.installation.deals // 10)
    found = stage.raw.execute(
        "SELECT close_date, id FROM records.deals WHERE deleted_at IS NULL AND stage = %s AND amount BETWEEN %s AND %s "
        "ORDER BY close_date DESC NULLS LAST, id DESC OFFSET %s LIMIT 1", (*list_page.FILTER, depth)).fetchone()
    cursor.use_key(settings.secret_key(os.environ))
    after = cursor.write(f"deals|{(('close_date', True),)}", list(found))
    product, first, floor, raw = stage.rounds(
        stage.one(stage.member, Ask(f"{list_page.PRODUCT}&after={after}")), stage.one(stage.member, Ask(list_page.PRODUCT)),
        stage.one(stage.anybody, Ask(f"{list_page.FLOOR}&after={found[0]}_{found[1]}")),
        stage.sql((list_page.SELECT + BEYOND + list_page.SORTED, (*list_page.FILTER, *found))))
    yield Row(f"deep page ({depth:,} rows down)", "ms", product, floor, raw, "page 1", "<=", 1.2, first)
