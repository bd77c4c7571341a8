"""A field that is to be unique is so from the moment it is published, or it is not published."""
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from metadata.definitions import Definitions
from runtime import publish
from runtime.db import engine as engines
from runtime.db.transaction import reading, transaction
from runtime.errors import Invalid
from runtime.publish import uniqueness
from runtime.publish.reconcile import drift
from runtime.records import service
from runtime.tables import published, tally
from runtime.values import HOUSE
from tests.builders import a_field, a_module, publish_all

pytestmark = pytest.mark.usefixtures("database")


def sites(name, type="text", **properties):
    return a_module(name, a_field("code", type, of=name, **properties))


def with_codes(name, *codes):
    publish_all(sites(name))
    return [service.create(HOUSE, name, {"name": "Site", "code": code}).id for code in codes]


def told(*modules):
    return publish.plan(Definitions.of_documents(modules))


def test_the_plan_names_the_values_that_repeat_and_where():
    one, _two, three, _four = with_codes("mills", "A1", "B2", "A1", None)

    problem, = told(sites("mills", unique=True)).problems

    assert problem.path == "modules/mills#fields.code.unique"
    assert problem.message == (f"'Code' cannot be held unique yet: 'A1' stands in 2 records (#{one}, #{three}). "
                               "Give each record a value of its own first.")


def test_what_the_plan_refuses_is_not_published_and_a_rename_hides_nothing():
    with_codes("yards", "A1", "A1")
    number = published.refresh().number
    renamed = sites("yards", unique=True)
    renamed = replace(renamed, name="places", fields=tuple(
        replace(field, name="sign") if field.name == "code" else field for field in renamed.fields))

    with pytest.raises(Invalid, match="'A1' stands in 2 records"):
        publish_all(renamed)
    assert published.refresh().number == number


def test_nothing_slips_in_between_the_publish_and_the_first_save():
    with_codes("docks", "A1", "B2", None, None)

    assert told(sites("docks", unique=True)).problems == ()
    publish_all(sites("docks", unique=True))

    with pytest.raises(Invalid, match="must be unique"):
        service.create(HOUSE, "docks", {"name": "Third", "code": "A1"})


def test_values_in_the_recycle_bin_do_not_count():
    first, _second = with_codes("gates", "A1", "A1")
    service.delete(HOUSE, "gates", first)

    publish_all(sites("gates", unique=True))

    with pytest.raises(Invalid, match="must be unique"):
        service.create(HOUSE, "gates", {"name": "Third", "code": "A1"})


@pytest.mark.parametrize("type", ["integer", "text"])
def test_values_that_fall_together_as_another_type_are_found_too(type):
    name = f"halls_{type}"
    publish_all(sites(name))
    for code in ("1", "01", "2"):
        service.create(HOUSE, name, {"name": "Hall", "code": code})

    if type == "integer":
        with pytest.raises(Invalid, match="some records have the same value"):
            publish_all(sites(name, "integer", unique=True))
        assert published.refresh().module(name).field("code").type == "text"
    else:
        assert publish_all(sites(name, unique=True)).module(name).field("code").unique


def test_a_field_that_comes_back_or_is_new_is_unique_at_once():
    publish_all(sites("lanes", unique=True))
    service.create(HOUSE, "lanes", {"name": "One", "code": "A1"})
    publish_all(a_module("lanes"))
    publish_all(sites("lanes", unique=True))
    with pytest.raises(Invalid, match="must be unique"):
        service.create(HOUSE, "lanes", {"name": "Two", "code": "A1"})

    publish_all(a_module("lanes", *sites("lanes", unique=True).fields[1:], a_field("slot", of="lanes", unique=True)))
    service.create(HOUSE, "lanes", {"name": "Three", "slot": "S"})
    with pytest.raises(Invalid, match="must be unique"):
        service.create(HOUSE, "lanes", {"name": "Four", "slot": "S"})


def test_a_value_made_double_by_somebody_while_it_is_published_is_refused_like_one_that_was(monkeypatch):
    with_codes("piers", "A1", "B2")
    looked = uniqueness.repeated

    def then_another(connection, changes, catalogue):
        found = list(looked(connection, changes, catalogue))
        with transaction() as tx:
            tx.execute(sa.text("UPDATE records.piers SET code = 'A1'"))
        return found

    monkeypatch.setattr(uniqueness, "repeated", then_another)
    with pytest.raises(Invalid, match="some records have the same value"):
        publish_all(sites("piers", unique=True))
    assert not published.refresh().module("piers").field("code").unique


def readable_while_held(table):
    """A context in which every index that holds values unique asks, from elsewhere, whether the table can be read. How often."""
    @contextmanager
    def watching():
        asked = []

        def ask(_connection, _cursor, statement, *_more):
            if statement.startswith("CREATE UNIQUE INDEX"):
                with engines.engine().connect() as other:
                    other.execute(sa.text("SET lock_timeout = '100ms'"))
                    other.execute(sa.text(f"SELECT count(*) FROM records.{table}"))
                asked.append(statement)

        sa.event.listen(sa.Engine, "after_cursor_execute", ask)
        try:
            yield asked
        finally:
            sa.event.remove(sa.Engine, "after_cursor_execute", ask)
    return watching()


def extended(name, *more, type="text", renamed="code", **properties):
    """The same field, perhaps under another name, with others beside it."""
    module = sites(name, type, **properties)
    return replace(module, fields=(*(replace(each, name=renamed) if each.name == "code" else each for each in module.fields),
                                   *more))


@pytest.mark.parametrize("before,after", [
    ({}, {"unique": True, "renamed": "sign"}),
    ({}, {"unique": True, "type": "integer"}),
    ({"unique": True}, {"unique": True, "type": "integer", "renamed": "number"}),
    ({"unique": True, "type": "integer"}, {"unique": True}),
], ids=["renamed", "of another type", "unique before, too", "unique before, as text"])
def test_nobody_who_reads_waits_for_the_index_whatever_else_changes(before, after, request):
    name = "reads_" + "".join(each for each in request.node.callspec.id if each.isalpha()).lower()
    publish_all(extended(name, **before))
    for code in (1, 2):
        service.create(HOUSE, name, {"name": "Site", "code": code if before.get("type") == "integer" else str(code)})

    with readable_while_held(name) as asked:
        publish_all(extended(name, a_field("slot", of=name), **after))

    assert len(asked) == 1
    field = next(each for each in published.refresh().module(name).fields if each.id.endswith("_code"))
    with reading() as connection:
        assert drift(connection) == []
        assert connection.scalars(sa.text(
            "SELECT indexname FROM pg_indexes WHERE schemaname = 'records' AND tablename = :table AND indexdef LIKE '%UNIQUE%' "
            "AND indexname NOT LIKE 'pk%' AND indexname NOT LIKE '%_pkey'"), {"table": name}).all() == [f"uq_{field.id}"]
    with pytest.raises(Invalid, match="must be unique"):
        service.create(HOUSE, name, {"name": "Third", field.name: 2 if field.type == "integer" else "2"})


def test_a_field_that_comes_back_keeps_no_reader_waiting_either():
    name = "reads_again"
    publish_all(sites(name))
    for code in "12":
        service.create(HOUSE, name, {"name": "Site", "code": code})
    publish_all(a_module(name))
    with readable_while_held(name) as asked:
        publish_all(extended(name, a_field("slot", of=name), unique=True))
    assert len(asked) == 1
    with pytest.raises(Invalid, match="must be unique"):
        service.create(HOUSE, name, {"name": "Third", "code": "2"})


def test_a_name_that_moves_to_another_field_takes_nothing_with_it():
    """`code` becomes `old`, and another field, unique from now on, is called `code`."""
    name = "moving"
    module = extended(name, a_field("sign", of=name))
    publish_all(module)
    for code in "12":
        service.create(HOUSE, name, {"name": "Site", "code": "same", "sign": code})
    names = {"code": "old", "sign": "code"}
    publish_all(replace(module, fields=tuple(
        replace(each, name=names.get(each.name, each.name), unique=each.name == "sign") for each in module.fields)))
    service.create(HOUSE, name, {"name": "Third", "old": "same", "code": "3"})
    with pytest.raises(Invalid, match="must be unique"):
        service.create(HOUSE, name, {"name": "Fourth", "code": "3"})


def test_a_module_that_comes_back_with_a_field_that_is_unique_now():
    for name, codes in (("return_a", "12"), ("return_b", "11")):
        with_codes(name, *codes)
        publish_all()
        if name == "return_a":
            publish_all(sites(name, unique=True))
            with pytest.raises(Invalid, match="must be unique"):
                service.create(HOUSE, name, {"name": "Third", "code": "2"})
        else:
            with pytest.raises(Invalid, match="cannot be held unique"):
                publish_all(sites(name, unique=True))


def test_values_found_different_are_not_looked_at_again_until_somebody_writes(monkeypatch):
    with_codes("calm_codes", "A1", "B2")
    settle("calm_codes", 2)
    looked = []
    real = uniqueness._repeated
    monkeypatch.setattr(uniqueness, "_repeated", lambda *given: looked.append(given) or real(*given))

    for _again in range(3):
        assert told(sites("calm_codes", unique=True)).problems == ()
    assert len(looked) == 1

    service.create(HOUSE, "calm_codes", {"name": "Site", "code": "A1"})
    settle("calm_codes", 3)
    for again in range(2):                              # what repeats is looked at each time: somebody may just be mending it
        assert len(told(sites("calm_codes", unique=True)).problems) == 1
        assert len(looked) == 2 + again


def settle(table, rows):
    """PostgreSQL has counted what was written; a connection that ends tells at the latest."""
    engines.engine().dispose()
    for _look in range(100):
        with reading() as connection:
            if tally.tally(connection, table) >= rows:
                return
        time.sleep(0.05)
    raise AssertionError("The writes are not counted.")
