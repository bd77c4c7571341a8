"""A board of four lanes over all deals, beside the very same board over two hundred: its page, more cards, its counts and sums.

The counts and sums of all lanes come by a request of their own and by one grouped query, which reads every record the
person may see: beside the same query through psycopg.
"""
from collections.abc import Iterator

from bench import installation, serving
from bench.client import Ask, Visit
from bench.stage import Row, Stage
from runtime.security import store, users

ORDER = 35
BOARD = "/m/deals?view=board"
MORE = "/m/deals/lane?view=board&lane=1"
TOTALS = "/m/deals/totals?view=board"
GROUPED = """
SELECT stage, count(*), sum(amount__home) FROM records.deals WHERE deleted_at IS NULL GROUP BY stage"""
FEW = 200
"""So that every lane is full, as in the large one."""


def rows(stage: Stage) -> Iterator[Row]:
    with installation.beside("few"):
        installation.fill_once(FEW)
        small = serving.product().start()
        session = store.start_session(users.get(installation.REP).id, {"csrf_token": "c" * 40}, agent="bench")
    try:
        few = Visit(small.port, {"Cookie": f"banyan={session}"})
        for name, path in (("board", BOARD), ("board, more cards", MORE)):
            large, little = stage.rounds(stage.one(stage.member, Ask(path)), stage.one(few, Ask(path)))
            yield Row(f"{name}, beside one of 200", "ms", large, None, little, "raw", "<=", 1.2)
        totals, raw = stage.rounds(stage.one(stage.member, Ask(TOTALS), times=5), stage.sql((GROUPED, ()), times=5))
        yield Row("board, counts and sums", "ms", totals, None, raw, "raw", "<=", 1.2)
    finally:
        small.stop()
