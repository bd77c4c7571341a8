"""The heart of the language: what Python computes is what PostgreSQL computes, over tens of thousands of random cases."""
import os
from datetime import UTC, datetime
from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metadata.expression import check, parse, write
from metadata.expression.tree import walk
from runtime.db import engine as engines
from runtime.tables import expressions
from runtime.values import Moment
from tests.runtime.tables.expressions_at_random import FIELDS, ZONES, Expressions, row

BATCHES = int(os.environ.get("EXPRESSION_BATCHES", "100"))
EXPRESSIONS, ROWS = 50, 5
"""100 batches of 50 expressions over 5 rows: 25,000 cases. EXPRESSION_BATCHES=1000 for a long run."""

ROWS_TABLE = sa.Table(
    "expression_rows", sa.MetaData(), sa.Column("place", sa.Integer),
    sa.Column("amount", sa.Numeric), sa.Column("price", sa.Numeric), sa.Column("score", sa.BigInteger),
    sa.Column("small", sa.Integer), sa.Column("name", sa.Text), sa.Column("note", sa.String(4000)),
    sa.Column("account__name", sa.Text), sa.Column("active", sa.Boolean), sa.Column("won", sa.Boolean),
    sa.Column("close", sa.Date), sa.Column("start", sa.Date), sa.Column("made", sa.DateTime(timezone=True)),
    sa.Column("seen", sa.DateTime(timezone=True)), sa.Column("tags", sa.ARRAY(sa.Text)), prefixes=["TEMPORARY"],
)


class Scope:
    def __init__(self, moment=None):
        self.moment = moment

    def column(self, path):
        return ROWS_TABLE.c["__".join(path)]

    def type(self, path):
        return FIELDS.get(path)


@pytest.fixture(scope="module")
def connection(make_database):
    engine = engines.make(make_database())
    with engine.connect() as found:
        ROWS_TABLE.create(found)
        yield found
    engine.dispose()


def by_sql(connection, nodes, rows, moment):
    """One list of values per row, all expressions in one statement; where PostgreSQL refuses, the one it refuses is named."""
    try:
        with connection.begin_nested():
            return asked(connection, nodes, rows, moment)
    except sa.exc.DBAPIError as problem:
        if len(nodes) == 1:
            raise AssertionError(f"PostgreSQL refuses {write(nodes[0])}: {problem.orig}\n{problem.statement[:3000]}") from None
    return list(zip(*([answer for answer, in by_sql(connection, [node], rows, moment)] for node in nodes), strict=True))


def asked(connection, nodes, rows, moment):
    connection.execute(ROWS_TABLE.delete())
    connection.execute(ROWS_TABLE.insert(), [{"place": place} | {key.replace(".", "__"): value for key, value in values.items()}
                                             for place, values in enumerate(rows)])
    columns = [expressions.as_sql(node, Scope(moment)).label(f"e{place}") for place, node in enumerate(nodes)]
    return [list(found) for found in connection.execute(sa.select(*columns).select_from(ROWS_TABLE).order_by(ROWS_TABLE.c.place))]


def test_python_and_postgresql_agree_on_random_expressions(connection):
    @settings(max_examples=BATCHES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**63))
    def agree(seed):
        random = Random(seed)
        now = datetime(2026, 3, 29, random.randint(0, 23), 30, tzinfo=UTC)
        moment = Moment(now, random.choice(ZONES), random.choice((7, None)))
        expressions_made = Expressions(random)
        nodes = [expressions_made.any(random.randint(1, 4)) for _ in range(EXPRESSIONS)]
        rows = [row(random) for _ in range(ROWS)]

        tests = [expressions.as_python(node, Scope()) for node in nodes]
        found = by_sql(connection, nodes, rows, moment)

        wrong = [(sum(1 for _ in walk(node)), write(node), values, test(values, moment), answers[place])
                 for values, answers in zip(rows, found, strict=True)
                 for place, (node, test) in enumerate(zip(nodes, tests, strict=True))
                 if not same(test(values, moment), answers[place])]
        if wrong:
            _, text, values, python, sql = min(wrong, key=lambda one: one[0])
            named = {name: value for name, value in values.items() if name in text}
            raise AssertionError(f"{text}\n  with {named} at {moment}\n  Python {python!r}\n  PostgreSQL {sql!r}")

    agree()


def same(one, other):
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other and (one is None) == (other is None)


def test_what_is_written_can_be_read_again():
    random = Random(4)
    made = Expressions(random)
    for _ in range(3000):
        node = made.any(4)
        again = parse(write(node))
        assert parse(write(again)) == again
        assert check(again, Scope()) == check(node, Scope())
