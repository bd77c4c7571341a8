"""Settings of the installation: read, kept, removed; what a process remembers of them, and for how long."""
import pytest
import sqlalchemy as sa

from runtime.db import setting
from runtime.db.transaction import reading, transaction


@pytest.fixture
def remembered(database):
    yield setting.Remembered(lambda connection: setting.read(connection, "test"), lambda: "default")
    with transaction() as tx:
        setting.remove(tx, "test")


def keep(value):
    with transaction() as tx:
        setting.keep(tx, "test", value)


def away(_connection):
    raise sa.exc.OperationalError("", {}, Exception())


def test_the_last_value_counts_and_none_is_none(remembered):
    keep({"a": [1, "đ"]})
    keep("b")
    with transaction() as tx:
        assert setting.read(tx, "test", lock=True) == "b"
        setting.remove(tx, "test")
        assert setting.read(tx, "test") is None


def test_what_is_remembered_is_asked_again_once_it_is_old_or_forgotten(remembered, monkeypatch):
    keep("a")
    assert remembered.now() == "a"
    keep("b")
    with reading() as connection:
        assert (remembered.now(), remembered.asked(connection)) == ("a", "a")
        assert remembered.asked(connection, fresh=True) == "b"
    keep("c")
    monkeypatch.setattr(setting, "KEPT_SECONDS", -1)
    assert remembered.now() == "c"


def test_a_database_that_is_away_leaves_what_was_known_last(remembered, monkeypatch):
    keep("a")
    assert remembered.now() == "a"
    monkeypatch.setattr(setting, "KEPT_SECONDS", -1)
    monkeypatch.setattr(remembered, "_read", away)
    assert remembered.now() == "a"
    remembered.forget()
    assert remembered.now() == "default"
