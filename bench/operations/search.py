"""Searching both modules for the beginnings of two words ("vebramu 1"), on stored word vectors."""
from collections.abc import Iterator

from bench.client import Ask
from bench.stage import Row, Stage

ORDER = 60
WORDS = "vebramu 1"
RAW = " UNION ALL ".join(
    f"(SELECT id, name FROM records.{name} WHERE search @@ house.prefixes(%s) AND deleted_at IS NULL LIMIT 6)"
    for name in ("accounts", "deals"))


def rows(stage: Stage) -> Iterator[Row]:
    path = f"/search?q={WORDS.replace(' ', '+')}"
    product, floor, raw = stage.rounds(stage.one(stage.member, Ask(path)), stage.one(stage.anybody, Ask(path)),
                                       stage.sql((RAW, (WORDS, WORDS))))
    yield Row(f"search “{WORDS}”", "ms", product, floor, raw, "floor", "<=", 2)
