"""A module as a table: one column per part of a stored field, names that are never labels."""
import sqlalchemy as sa

from metadata.model.module import USERS
from runtime.kinds.kind import discover
from runtime.tables import build
from tests.builders import a_field, a_module

KINDS = discover("runtime.fields")


def columns(module):
    return [column.name for column in build.table(module, sa.MetaData(), KINDS).columns]


def test_a_field_of_parts_has_a_column_for_each():
    assert columns(a_module("deals", a_field("amount", "currency"))) == [
        "id", "version", "owner", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by",
        "import_id", "search", "name", "amount", "amount__currency", "amount__home"]


def test_a_computed_field_has_none():
    assert "x" not in columns(a_module("deals", a_field("x", "formula", settings={"expression": "1", "result": "number"})))


def test_every_column_of_a_field_may_be_empty():
    table = build.table(a_module("deals", a_field("amount", "currency", required=True)), sa.MetaData(), KINDS)

    assert all(column.nullable for column in table.columns if column.name not in ("id", "version"))


def test_a_label_never_reaches_sql():
    module = a_module("deals", a_field("x", label='"; DROP TABLE deals; --'))

    statement = str(sa.schema.CreateTable(build.table(module, sa.MetaData(), KINDS)))

    assert "DROP" not in statement


def test_paths_and_columns_are_each_others_inverse():
    assert build.column_name("amount.currency") == "amount__currency"
    assert build.path_of("amount__currency") == "amount.currency"


def test_names_of_retired_columns_fit_and_differ_however_long_the_id():
    long = "fld_" + "x" * 56

    names = {build.retired_name(long, part, version) for part in ("", "currency") for version in (None, 1, 2)}

    assert len(names) == 6
    assert all(len(name) <= 63 for name in names)


def test_the_people_are_a_view_of_the_house():
    assert str(build.table(USERS, sa.MetaData(), KINDS)) == "house.person"
