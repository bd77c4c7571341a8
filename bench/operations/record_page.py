"""A record with its related list: an account and the newest of its ten deals, in one page on both sides."""
from collections.abc import Iterator

from bench.client import Ask, fetch
from bench.stage import Row, Stage

ORDER = 30
ACCOUNT = 4711
RAW = (("SELECT a.*, p.name FROM records.accounts AS a LEFT JOIN house.person AS p ON p.id = a.owner "
        "WHERE a.id = %s AND a.deleted_at IS NULL", (ACCOUNT,)),
       ("SELECT d.id, d.version, d.name, d.stage, d.amount, d.amount__currency, d.close_date, p.name FROM records.deals AS d "
        "LEFT JOIN house.person AS p ON p.id = d.owner WHERE d.account = %s AND d.deleted_at IS NULL "
        "ORDER BY d.close_date DESC NULLS LAST, d.id DESC LIMIT 6", (ACCOUNT,)))
NEWEST = ("SELECT name FROM records.deals WHERE account = %s AND deleted_at IS NULL "
          "ORDER BY close_date DESC NULLS LAST, id DESC LIMIT 5")


def rows(stage: Stage) -> Iterator[Row]:
    page, bare = Ask(f"/m/accounts/{ACCOUNT}"), Ask(f"/accounts/{ACCOUNT}")
    panel = Ask(f"/m/accounts/{ACCOUNT}/panel/related_0", headers={"HX-Request": "true"})
    for visit, ask in ((stage.member, page), (stage.anybody, bare)):
        text = fetch(visit, ask.path)[2]
        for name, in stage.raw.execute(NEWEST, (ACCOUNT,)):
            if name.encode() not in text:
                raise RuntimeError(f"{ask.path} does not show the deal {name}.")
    product, floor, raw, alone = stage.rounds(
        stage.one(stage.member, page), stage.one(stage.anybody, bare), stage.sql(*RAW), stage.one(stage.member, panel))
    yield Row("record page and its related list", "ms", product, floor, raw, "floor", "<=", 2.5)
    yield Row("related list alone, as others load", "ms", alone)
