"""Copying: what COPY brings in is what INSERT would have brought in, to the last sign."""
import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from runtime.db.transaction import reading, transaction
from runtime.records import bulk, copying
from tests.builders import a_field, a_module, a_rep, a_role, publish_all


@pytest.fixture(scope="module")
def things(database):
    return publish_all(a_role("rep"), a_module(
        "things", a_field("amount", "currency", of="things"), a_field("day", "date", of="things"),
        a_field("moment", "datetime", of="things"), a_field("done", "checkbox", of="things"),
        a_field("tags", "tags", of="things"), a_field("text", "long_text", of="things"), a_field("number", "integer", of="things"),
        a_field("code", of="things", unique=True),
        search_fields=("name", "text")))


WORDS = ("Deal", "w5", "42", "007", "Nguyễn", "Đà", "e5", "1e5", "x-y", "a.b@c.de", "it's", "3.14", "Æsir", "日本", "0x1f",
         "9" * 20, "http://a.b/c", "\\", "'", "q'", "a:1", "ẞ", "İx", "ﬁ")


def test_words_are_cut_as_the_database_cuts_them(database):
    chosen = random.Random(7)
    texts = list(WORDS) + [" ".join(chosen.choices(WORDS, k=chosen.randint(1, 6))) for _ in range(2_000)]
    texts += ["".join(chosen.choices("abe015xz .-", k=chosen.randint(1, 12))) for _ in range(5_000)]
    cut = {text: copying.vector(words[0]) for text in texts if (words := copying.cut([text])) is not None}

    assert len(cut) > 3_000
    assert list(map(copying.vector, copying.cut(list(cut)) or ())) == list(cut.values())
    assert copying.cut([*cut, "日本"]) is copying.cut(["\x1f", "a"]) is copying.cut(["\x1f"]) is None
    assert copying.cut(["a " * 200]) and copying.cut(["a " * 201]) is None
    with reading() as connection:
        other = connection.execute(sa.text(
            "SELECT text, vector, to_tsvector('simple', house.words(text)) FROM unnest(CAST(:texts AS text[]), "
            "CAST(:vectors AS text[])) AS cut(text, vector) WHERE to_tsvector('simple', house.words(text)) <> vector::tsvector"),
            {"texts": list(cut), "vectors": list(cut.values())}).all()
    assert other == []


def rows_of(things, start):
    with reading() as connection:
        table = things.table("things")
        left = [column for column in table.c if column.name not in ("id", "created_at", "updated_at")]
        return connection.execute(sa.select(*left, sa.cast(table.c.search, sa.Text)).where(table.c.id >= start)
                                  .order_by(table.c.id)).all()


def test_both_ways_bring_in_the_same_rows(things, monkeypatch):
    values = [{"name": f"Huế \\ {number}", "amount": Decimal("1E+3") / (number + 1), "day": date(2026, 3, 1 + number % 28),
               "moment": datetime(2026, 3, 5, 9, 30, tzinfo=UTC), "done": number % 2 == 0, "tags": ["a,b", 'q"\\', "{x}"],
               "text": "one\ntwo\tthree\r\\N \\. end" if number % 3 else None, "number": -number} for number in range(30)]
    with transaction() as tx:
        copied = bulk.create_many(tx, a_rep(), "things", values)
    monkeypatch.setattr(copying, "FEWEST", 1_000)
    with transaction() as tx:
        inserted = bulk.create_many(tx, a_rep(), "things", values)

    both = rows_of(things, copied[0])
    assert len(both) == 60
    assert both[:30] == both[30:]
    assert copied == sorted(copied)
    assert inserted[0] > copied[-1]


def test_a_value_that_is_taken_refuses_its_row_alone(things):
    values = [{"name": f"N {number}", "code": str(min(number, 28))} for number in range(30)]
    with transaction() as tx:
        answers = bulk.create_many(tx, a_rep(), "things", values)

    assert [isinstance(answer, int) for answer in answers] == [True] * 29 + [False]
    assert "must be unique" in answers[-1].message
