"""Operators: every question is answered alike in SQL and in Python, for every kind of column, blank values included."""
import unicodedata
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
import sqlalchemy as sa

from metadata.expression.functions.letters import capital, small
from runtime.db import engine as engines
from runtime.kinds.faces import Day
from runtime.kinds.operator import ABOUT, CONTAINS, IS, LAST_DAYS, OPERATORS, STARTS_WITH
from runtime.locale.text import speaking
from runtime.values import Moment
from tests.runtime.tables.expressions_at_random import ZONES, day, instant, number, text

ROWS = sa.Table(
    "asked", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text),
    sa.Column("number", sa.Numeric), sa.Column("whole", sa.BigInteger), sa.Column("boolean", sa.Boolean), sa.Column("date",
        sa.Date),
    sa.Column("datetime", sa.DateTime(timezone=True)), sa.Column("list", sa.ARRAY(sa.Text)), prefixes=["TEMPORARY"],
)


@pytest.fixture(scope="module")
def connection(make_database):
    engine = engines.make(make_database())
    with engine.connect() as found:
        ROWS.create(found)
        yield found
    engine.dispose()


def near(random):
    """Moments around the edges of days and months, in any zone."""
    edge = datetime(2026, random.choice((1, 3, 4, 12)), random.choice((1, 5, 29)), tzinfo=UTC)
    return edge + timedelta(hours=random.randint(-30, 30), microseconds=random.choice((0, -1, 1)))


MAKERS = {
    "text": text, "number": number, "whole": lambda random: random.choice((0, 1, -5, 50, 2**60)),
    "boolean": lambda random: random.random() < 0.5, "date": lambda random: random.choice((day(random), near(random).date())),
    "datetime": lambda random: random.choice((instant(random), near(random), near(random))),
    "list": lambda random: [text(random) for _ in range(random.randint(1, 3))],
}
SPEAKS = {"whole": "number"}


@pytest.mark.parametrize("kind", MAKERS)
def test_every_operator_answers_alike_in_sql_and_python(kind, connection):
    random = Random(kind)
    values = [None, *(MAKERS[kind](random) for _ in range(60))]
    connection.execute(ROWS.delete())
    connection.execute(ROWS.insert(), [{"id": place, kind: value} for place, value in enumerate(values)])
    column = ROWS.c[kind]
    asked = 0

    for operator in ABOUT[SPEAKS.get(kind, kind)]:
        for user_id, zone in ((1, "UTC"), (None, random.choice(ZONES)), (50, "Asia/Ho_Chi_Minh")):
            moment = Moment(near(random), zone, user_id)
            examples = random.sample(values[1:], 3) + extra(kind, operator)
            for operand in operator.operands(examples):
                by_sql = connection.scalars(sa.select(ROWS.c.id).where(operator.sql(column, operand, moment)).order_by("id"))
                by_python = [place for place, value in enumerate(values) if operator.test(value, operand, moment)]
                assert list(by_sql) == by_python, (operator.name, operand, moment)
                asked += 1
    assert asked >= 12


def extra(kind, operator):
    """What only conditions may say: days counted from today, a day for a moment."""
    if kind not in ("date", "datetime") or operator.takes not in ("one", "range"):
        return []
    return [Day(0), Day(-30), Day(7), date(2026, 3, 29), date(1, 1, 1), date(9999, 12, 31)]


@pytest.mark.parametrize("user_id", [1, 50, None])
def test_me_is_whoever_asks(user_id, connection):
    values = [None, 1, 50]
    connection.execute(ROWS.delete())
    connection.execute(ROWS.insert(), [{"id": place, "whole": value} for place, value in enumerate(values)])
    moment = Moment(datetime(2026, 3, 5, tzinfo=UTC), "UTC", user_id)
    for name in ("is_me", "is_not_me"):
        operator = OPERATORS[name]
        by_sql = connection.scalars(sa.select(ROWS.c.id).where(operator.sql(ROWS.c.whole, None, moment)).order_by("id"))
        assert list(by_sql) == [place for place, value in enumerate(values) if operator.test(value, None, moment)]


def test_every_letter_is_folded_as_postgresql_folds_it(connection):
    """Over all of Unicode that this Python knows; letters newer than its tables are passed over."""
    if connection.dialect.server_version_info < (17,):
        pytest.skip("Older servers fold by the database's locale.")
    rows = connection.execute(sa.text(
        "SELECT code, small, capital FROM "
        "(SELECT i + 2048 * (i >= 55296)::int AS code FROM generate_series(1, 130000) AS i) AS codes, chr(code) AS letter, "
        'lower(letter COLLATE "pg_c_utf8") AS small, upper(letter COLLATE "pg_c_utf8") AS capital '
        "WHERE small <> letter OR capital <> letter")).all()
    known = [row for row in rows
             if all(unicodedata.category(letter) != "Cn" for letter in (chr(row.code), row.small, row.capital))]
    wrong = [row for row in known if (small(chr(row.code)), capital(chr(row.code))) != (row.small, row.capital)]
    assert len(known) > 2000
    assert not wrong
    folded = {code for code, _, _ in rows}
    for code in range(1, 0x20000):
        if code not in folded and not 0xD800 <= code <= 0xDFFF and not chr(code).isascii():
            assert small(chr(code)) == capital(chr(code)) == chr(code), hex(code)


def test_wildcards_are_letters_like_any_other():
    moment = Moment(datetime(2026, 3, 5, tzinfo=UTC))
    assert CONTAINS.test("100% sure", "0%", moment) and not CONTAINS.test("1000", "0%", moment)
    assert STARTS_WITH.test("Đặng", "đặ", moment)
    assert CONTAINS.sql(ROWS.c.text, "%_\\", moment).right.value == "%\\%\\_\\\\%"


def test_questions_leave_the_column_bare_so_that_an_index_serves():
    moment = Moment(datetime(2026, 3, 5, tzinfo=UTC), "Asia/Ho_Chi_Minh", 1)
    for name, operand in (("is", date(2026, 3, 5)), ("before", Day(0)), ("this_month", None), ("last_days", 7),
                          ("between", [Day(-7), Day(0)])):
        written = str(OPERATORS[name].sql(ROWS.c.datetime, operand, moment))
        assert written.startswith(("asked.datetime >=", "asked.datetime <")), written
    assert str(IS.sql(ROWS.c.whole, 5, moment)).startswith("asked.whole = ")


def test_operators_read_as_sentences():
    assert OPERATORS["above"].sentence("Amount", "1,000") == "Amount is above 1,000"
    assert OPERATORS["this_month"].sentence("Close date") == "Close date is this month"
    with speaking("en"):
        assert LAST_DAYS.sentence("Created", "7") == "Created is in the last 7 days"
    assert len({operator.name for operator in OPERATORS.values()}) == len(OPERATORS) >= 40
