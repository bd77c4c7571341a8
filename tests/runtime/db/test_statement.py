"""Statements that are compiled once: same answers, same errors, and they outlive a change of their tables."""
from decimal import Decimal

import pytest
import sqlalchemy as sa

from runtime.db.statement import Statement
from runtime.db.transaction import reading, transaction

ROW = sa.table("row_of_statement", sa.column("id", sa.BigInteger), sa.column("amount", sa.Numeric),
               sa.column("tags", sa.ARRAY(sa.Text)), schema="public")


@pytest.fixture(autouse=True)
def rows(database):
    with transaction() as tx:
        tx.execute(sa.text("DROP TABLE IF EXISTS public.row_of_statement"))
        tx.execute(sa.text("CREATE TABLE public.row_of_statement (id bigint PRIMARY KEY, amount numeric, tags text[])"))
        tx.execute(sa.text("INSERT INTO public.row_of_statement VALUES (1, 2.50, '{a,b}'), (2, NULL, NULL), (3, 1, '{}')"))


def test_it_answers_as_sqlalchemy_does_each_time_with_other_values():
    asked = sa.select(ROW).where(ROW.c.id.in_([1, 2, 3]), ROW.c.id >= sa.bindparam("least")).order_by(ROW.c.id)
    statement = Statement(asked)

    with reading() as connection:
        for least in (1, 2, 3, 4):
            assert statement.rows(connection, {"least": least}) == list(map(tuple, connection.execute(asked, {"least": least})))
        assert statement.rows(connection, {"least": 1})[0] == (1, Decimal("2.50"), ["a", "b"])


def test_it_writes_the_columns_it_was_made_for():
    with transaction() as tx:
        made = tx.rows(Statement(ROW.insert().returning(ROW.c.id), ("id", "amount", "tags")), {"id": 9, "amount": 1, "tags": ["%"]})
        touched = tx.run(Statement(ROW.update().where(ROW.c.id > sa.bindparam("least")), ("amount",)), {"least": 1, "amount": 7})

    assert made == [(9,)] and touched == 3


def test_an_error_is_the_one_that_sqlalchemy_would_raise():
    again = Statement(ROW.insert(), ("id",))

    with pytest.raises(sa.exc.IntegrityError) as caught, transaction() as tx:
        tx.run(again, {"id": 1})

    assert caught.value.orig.diag.constraint_name == "row_of_statement_pkey"
    with transaction() as tx:
        assert tx.run(again, {"id": 10}) == 1


def test_an_outdated_plan_costs_one_connection_and_no_more():
    statement = Statement(sa.text("SELECT * FROM public.row_of_statement"))

    with pytest.raises(sa.exc.DBAPIError) as caught, reading() as connection:
        for _ in range(4):
            statement.rows(connection)
        with transaction() as tx:
            tx.execute(sa.text("ALTER TABLE public.row_of_statement ADD COLUMN more int"))
        statement.rows(connection)

    assert caught.value.connection_invalidated
    with reading() as connection:
        assert len(statement.rows(connection)) == 3


def test_a_connection_that_was_cut_is_not_used_again():
    statement = Statement(sa.text("SELECT pg_backend_pid()"))
    with pytest.raises(sa.exc.OperationalError) as caught, reading() as connection:
        (own,), = statement.rows(connection)
        with transaction() as tx:
            tx.execute(sa.text("SELECT pg_terminate_backend(:own)"), {"own": own})
        statement.rows(connection)

    assert caught.value.connection_invalidated
    with reading() as connection:
        assert statement.rows(connection)[0][0] != own
