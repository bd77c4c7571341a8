"""The first page of a list: 50 of 250,000 matching deals, 8 columns, filtered, sorted, with a count capped at 1,000."""
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import quote

from bench.client import Ask
from bench.stage import Row, Stage

ORDER = 10
PRODUCT = "/m/deals?view=qualified"
FLOOR = f"/deals?stage={quote('Qualification')}&least=5000&most=50000"
FILTER = ("Qualification", Decimal(5000), Decimal(50000))
SELECT = """
SELECT d.id, d.version, d.name, a.name, d.account, d.stage, d.amount, d.amount__currency, d.close_date, d.type, d.probability,
  p.name, d.owner
FROM records.deals AS d LEFT JOIN records.accounts AS a ON a.id = d.account LEFT JOIN house.person AS p ON p.id = d.owner
WHERE d.deleted_at IS NULL AND d.stage = %s AND d.amount BETWEEN %s AND %s"""
SORTED = " ORDER BY d.close_date DESC NULLS LAST, d.id DESC LIMIT 51"
COUNT = """
SELECT count(*) FROM (SELECT 1 FROM records.deals AS d WHERE d.deleted_at IS NULL AND d.stage = %s AND d.amount BETWEEN %s AND %s
LIMIT 1001) AS capped"""


def rows(stage: Stage) -> Iterator[Row]:
    product, floor, raw = stage.rounds(stage.one(stage.member, Ask(PRODUCT)), stage.one(stage.anybody, Ask(FLOOR)),
                                       stage.sql((SELECT + SORTED, FILTER), (COUNT, FILTER)))
    yield Row("list page, filtered, sorted, counted", "ms", product, floor, raw, "floor", "<=", 2)
    product, floor = stage.rounds(stage.many(stage.member, [Ask(PRODUCT)]), stage.many(stage.anybody, [Ask(FLOOR)]))
    yield Row("list page, 8 clients", "pages/s", product, floor, None, "floor", ">=", 0.45)
