"""Drafts: kept per person, every step taken back and done again, nothing published."""
import pytest
import sqlalchemy as sa

from metadata import drafts, store
from metadata.definitions import Definitions
from runtime.db.transaction import engine
from tests.builders import a_module
from tests.metadata.test_store import AT, definitions

ME, NONE = 7, Definitions()


@pytest.fixture
def connection(database):
    """Rolled back after each test."""
    with engine().connect() as connection:
        with connection.begin() as transaction:
            yield connection
            transaction.rollback()


@pytest.fixture
def worked(connection):
    """Three steps: deals, leads, deals renamed in words."""
    one = definitions(a_module("deals"))
    two = one.with_document(a_module("leads"))
    three = two.without("modules/deals")
    for before, after, sentence in ((NONE, one, "Add deals."), (one, two, "Add leads."), (two, three, "Remove deals.")):
        drafts.keep(connection, ME, before, after, base=0, sentence=sentence, at=AT)
    return connection, (NONE, one, two, three)


def test_a_draft_is_kept_per_person_and_touches_nothing(worked):
    connection, states = worked

    draft = drafts.load(connection, ME)
    assert (draft.base, draft.definitions, draft.done) == (0, states[3], ("Add deals.", "Add leads.", "Remove deals."))
    assert drafts.load(connection, 8) is None and store.number(connection) == 0


def test_every_step_is_taken_back_and_done_again(worked):
    connection, states = worked

    for wanted in reversed(states[:3]):
        assert drafts.undo(connection, ME, at=AT)
        assert drafts.load(connection, ME).definitions == wanted
    assert drafts.undo(connection, ME, at=AT) is None
    assert drafts.load(connection, ME).undone == ("Remove deals.", "Add leads.", "Add deals.")
    for wanted in states[1:]:
        assert drafts.redo(connection, ME, at=AT)
        assert drafts.load(connection, ME).definitions == wanted
    assert drafts.redo(connection, ME, at=AT) is None


def test_a_new_step_ends_what_could_be_done_again(worked):
    connection, states = worked

    drafts.undo(connection, ME, at=AT)
    drafts.keep(connection, ME, states[2], states[2].with_document(a_module("tasks")), base=0, sentence="Add tasks.", at=AT)

    draft = drafts.load(connection, ME)
    assert draft.done == ("Add deals.", "Add leads.", "Add tasks.") and draft.undone == ()


def test_a_dropped_draft_takes_its_steps_along(worked):
    connection, _ = worked

    drafts.keep(connection, ME, NONE, NONE, base=0, sentence="Begin.", at=AT, name="try")
    drafts.drop(connection, ME)

    assert drafts.load(connection, ME) is None
    assert [branch.name for branch in drafts.branches(connection)] == ["try"]
    assert connection.scalar(sa.text("SELECT count(*) FROM house.metadata_draft_step WHERE name = ''")) == 0
