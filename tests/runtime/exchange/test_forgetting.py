"""Forgetting meets somebody who begins at the same moment: no import loses its row or its file, whoever comes first."""
import io
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from runtime.db import clock
from runtime.db.transaction import reading, transaction
from runtime.errors import NotFound
from runtime.exchange import forgetting, run, service, store
from runtime.exchange.chores.forget_imports import KEPT, ForgetImports
from runtime.values import HOUSE
from tests.builders import emptied

LONG_AGO = timedelta(days=1)


@pytest.fixture(autouse=True)
def empty_tables(crm):
    with reading() as connection:
        emptied(connection, "records.deals, house.history, house.import_run")


def uploaded(text="Name\nOne\n"):
    return service.upload(HOUSE, "deals", io.BytesIO(text.encode()), "deals.csv")


def aged(found):
    with transaction() as tx:
        store.change(tx, found.id, begun_at=clock.now() - KEPT - LONG_AGO)
    old = (clock.now() - KEPT - LONG_AGO).timestamp()
    os.utime(found.file_path, (old, old))
    return found


class Meanwhile(threading.Thread):
    """Does something beside the open transaction; `answer` is what it returned or raised."""

    def __init__(self, do):
        super().__init__(daemon=True)
        self.do, self.answer = do, None
        self.start()

    def run(self):
        try:
            self.answer = self.do()
        except Exception as problem:
            self.answer = problem

    def until_it_waits(self):
        """Until the database makes it wait for the open transaction."""
        for _ in range(500):
            with sa.create_engine(str(store.engine().url.render_as_string(hide_password=False))).connect() as connection:
                if connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                    return
            time.sleep(0.01)
        raise AssertionError("It did not wait.")

    def done(self):
        self.join(20)
        assert not self.is_alive()
        return self.answer


def test_an_import_that_is_started_just_then_is_not_forgotten():
    found = aged(uploaded())
    with transaction():
        service.start(HOUSE, found.id)
        chore = Meanwhile(lambda: forgetting.forget(found.id))
        chore.until_it_waits()

    assert chore.done() is False
    done = run.go(found.id)
    assert (done.state, done.created, Path(found.file_path).exists()) == ("done", 1, True)


def test_one_that_is_being_forgotten_is_not_started():
    found = aged(uploaded())
    with transaction() as tx:
        ForgetImports().run(tx)
        person = Meanwhile(lambda: service.start(HOUSE, found.id))
        person.until_it_waits()

    assert isinstance(person.done(), NotFound)
    assert not Path(found.file_path).exists()


def test_a_file_that_is_sent_again_while_it_is_swept_stays():
    found = aged(uploaded())
    with transaction() as tx:
        ForgetImports().run(tx)
        again = Meanwhile(uploaded).done()

    assert again.file_path == found.file_path and run.go(service.start(HOUSE, again.id).id).created == 1
    with pytest.raises(NotFound):
        store.get(found.id)


def test_a_file_that_another_import_is_beginning_with_stays():
    found = uploaded()
    with transaction():
        again = uploaded()
        person = Meanwhile(lambda: service.discard(HOUSE, found.id))
        person.until_it_waits()

    assert person.done() is None
    assert run.go(service.start(HOUSE, again.id).id).created == 1


def test_a_file_that_goes_before_its_import_began_is_kept_once_more():
    found = uploaded()
    with transaction() as tx:
        store.hold_files(tx, alone=True)
        person = Meanwhile(uploaded)
        person.until_it_waits()
        os.unlink(found.file_path)
        store.remove(tx, found.id, store.AT_REST)

    again = person.done()
    assert again.file_path == found.file_path and run.go(service.start(HOUSE, again.id).id).created == 1


def test_nothing_under_way_is_ever_forgotten():
    found = aged(uploaded())
    with transaction() as tx:
        for state in ("staged", "running", "undoing"):
            store.change(tx, found.id, state=state)
            assert forgetting.forget(found.id) is False
    assert Path(found.file_path).exists()
