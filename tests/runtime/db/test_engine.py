"""The engine: what it says of an error names what is wrong, and no value of anybody's."""
import traceback

import pytest
import sqlalchemy as sa

from runtime.db.transaction import transaction

SECRET = "lan@secret.example"


def test_no_error_of_the_database_tells_a_value(database):
    with transaction() as tx:
        tx.execute(sa.text("CREATE TABLE house.told (email text UNIQUE, age integer NOT NULL)"))
        tx.execute(sa.text("INSERT INTO house.told VALUES (:email, 1)"), {"email": SECRET})

    for age in (2, None):
        with pytest.raises(sa.exc.IntegrityError) as caught, transaction() as tx:
            tx.execute(sa.text("INSERT INTO house.told VALUES (:email, :age)"), {"email": SECRET, "age": age})
        told = "".join(traceback.format_exception(caught.value))
        assert SECRET not in told and "constraint" in told and "INSERT INTO house.told" in told
