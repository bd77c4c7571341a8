"""A record with its related list: an account and the newest of its ten deals. The product's list comes by a second request."""
from collections.abc import Iterator

from bench.client import Ask
from bench.stage import Row, Stage

ORDER = 30
ACCOUNT = 4711
RAW = (("SELECT a.*, p.name FROM records.accounts AS a LEFT JOIN house.person AS p ON p.id = a.owner "
        "WHERE a.id = %s AND a.deleted_at IS NULL", (ACCOUNT,)),
       ("SELECT d.id, d.version, d.name, d.stage, d.amount, d.amount__currency, d.close_date, p.name FROM records.deals AS d "
        "LEFT JOIN house.person AS p ON p.id = d.owner WHERE d.account = %s AND d.deleted_at IS NULL "
        "ORDER BY d.close_date DESC NULLS LAST, d.id DESC LIMIT 6", (ACCOUNT,)))


def rows(stage: Stage) -> Iterator[Row]:
    page, panel = Ask(f"/m/accounts/{ACCOUNT}"), Ask(f"/m/accounts/{ACCOUNT}/panel/related_0", headers={"HX-Request": "true"})
    product, floor, raw, alone = stage.rounds(
        stage.one(stage.member, page, panel), stage.one(stage.anybody, Ask(f"/accounts/{ACCOUNT}")), stage.sql(*RAW),
        stage.one(stage.member, page))
    yield Row("record page and its related list", "ms", product, floor, raw, "floor", "<=", 2.5)
    yield Row("record page without it", "ms", alone)
