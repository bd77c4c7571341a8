"""Every field type keeps the promises of its contract; a new file is tested before its author writes a line."""
import ast
import gettext
import re
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
import sqlalchemy as sa

from metadata.model.field import Field
from runtime.db.transaction import engine
from runtime.kinds.kind import discover
from runtime.kinds.operator import Operator
from runtime.locale import text
from runtime.locale.reader import reader, reading_as
from runtime.values import Moment
from runtime.web import json
from tests.field_samples import KINDS, SETTINGS, field_of, shown

ROOT = Path(__file__).parent.parent.parent
READERS = [reader("en", "Asia/Ho_Chi_Minh", "USD"), reader("vi", "Europe/Paris", "VND")]
SPOKEN = {"text", "number", "boolean", "date", "datetime", "list", None}
BUCKETS = {"day", "week", "month", "quarter", "year"}

each = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
each_stored = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.stored and kind.examples], ids=lambda kind: kind.name)


def main_examples(kind):
    """The examples of a type as values of its parts: {part: value}, the main part's name being empty."""
    return [example if isinstance(example, dict) else {"": example} for example in kind.examples]


def usual_settings(kind):
    return SETTINGS.get(kind.name, {})


@each
def test_its_settings_schema_is_a_closed_schema_that_can_draw_a_form(kind):
    jsonschema.Draft202012Validator.check_schema(kind.settings_schema)
    jsonschema.validate(usual_settings(kind), kind.settings_schema)

    assert kind.settings_schema["additionalProperties"] is False
    for name, setting in kind.settings_schema.get("properties", {}).items():
        assert setting.get("title") and setting.get("description"), f"{name} needs a title and a description"


@each
def test_it_says_what_it_is(kind):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kind.name) and kind.label
    assert kind.speaks in SPOKEN
    assert set(kind.buckets) <= BUCKETS and set(kind.measures) <= {"sum", "avg", "min", "max"}
    assert all(isinstance(operator, Operator) for operator in kind.operators)
    assert (ROOT / "runtime/fields/templates/widgets" / f"{kind.widget}.html").exists()
    assert kind.examples or not kind.stored or not kind.writable, "a few examples, please"


@each
def test_its_parts_fit_together(kind):
    field = field_of(kind)
    columns = kind.columns(field)

    assert set(kind.values(field)) <= set(columns) if kind.stored else not columns
    assert kind.measured_part in columns or not kind.measures or not kind.stored
    assert all(isinstance(column, sa.types.TypeEngine) for column in columns.values())
    for part in columns:
        assert kind.part_speaks(field, part) in SPOKEN


@each_stored
def test_it_stores_what_it_loads(kind, database):
    field = field_of(kind)
    columns = kind.columns(field)
    values = kind.values(field)
    with a_table(columns) as (connection, table):
        for example in main_examples(kind):
            clean = {part: values[part].deserialize(value) for part, value in example.items() if part in values}
            assert clean == {part: value for part, value in example.items() if part in values}, "an example is a clean value"

            connection.execute(table.insert().values({name_of(part): value for part, value in clean.items()}))
            kept = connection.execute(sa.select(table).order_by(table.c.id.desc()).limit(1)).mappings().one()

            for part, value in clean.items():
                assert kept[name_of(part)] == value
                assert type(kept[name_of(part)]) is type(value)


@each_stored
def test_what_it_says_in_json_comes_back(kind):
    field = field_of(kind)
    for example in main_examples(kind):
        for part, value in example.items():
            written = json.dumps(kind.to_json(field, part, value))
            assert kind.from_json(field, part, json.loads(written)) == value


@each_stored
@pytest.mark.parametrize("who", READERS, ids=lambda who: who.language)
def test_it_shows_what_it_stores(kind, who):
    field = field_of(kind)
    with reading_as(who):
        for example in main_examples(kind):
            picked = kind.pick(field, {f"thing.{part}" if part else "thing": value for part, value in example.items()})
            written = kind.show(field, picked, who)

            assert isinstance(written, str) and written
            assert kind.show(field, None, who) == ""


@each_stored
@pytest.mark.parametrize("who", READERS, ids=lambda who: who.language)
def test_it_draws_itself_for_forms_reading_and_filters(kind, who, widgets):
    field = shown(kind, field_of(kind, required=True), help="Some <help>", name="thing")
    widget = widgets(kind.widget)
    with reading_as(who):
        for example in main_examples(kind):
            picked = example if set(example) != {""} else example[""]
            if len(kind.columns(field.field)) > 1 and not isinstance(picked, dict):
                picked = {"": picked} | dict.fromkeys(part for part in kind.columns(field.field) if part)
            context = {"reader": who, "values": {}, "errors": {}}

            form = widget.input(field, picked, ["Enter <less>."], context)
            empty = widget.input(field, None, None, context)

            assert "Thing" in form and "Enter &lt;less&gt;." in form and "Enter &lt;less&gt;." not in empty
            assert str(widget.show(field, picked, context))
            for takes in ("none", "one", "many", "range", "text", "number"):
                widget.filter(field, None, context | {"takes": takes})
            for html in (form, empty, widget.show(field, picked, context)):
                assert not re.search(r"\s(style|on\w+)=|<script", str(html))
            if kind.writable:
                assert all(f'name="{path}"' in form for path in paths(kind, field.field))
                assert "f-thing" in form and 'aria-invalid="true"' in form and "e-f-thing" in form


@each_stored
def test_its_operators_answer_alike_in_sql_and_python(kind, database):
    columns = kind.columns(field_of(kind))
    if "" not in columns:
        pytest.skip("no main part to ask about")
    values = [None, *(example[""] for example in main_examples(kind))]
    moment = Moment(now=sample_moment(), zone="Asia/Ho_Chi_Minh", user_id=1)
    with a_table({"": columns[""]}) as (connection, table):
        for value in values:
            connection.execute(table.insert().values({name_of(""): value}))
        column = table.c[name_of("")]
        for operator in kind.operators:
            for operand in operator.operands([value for value in values if value is not None]):
                by_sql = connection.scalars(sa.select(column).where(operator.sql(column, operand, moment)).order_by(table.c.id))
                by_python = [value for value in values if operator.test(value, operand, moment)]
                assert list(by_sql) == by_python, (operator.name, operand)


@each_stored
def test_a_cell_that_reads_as_it_shows_comes_back(kind):
    """Import of our own export: what a plain reader sees is read again, for every type that writes its whole value."""
    field, plain = field_of(kind), READERS[0]
    if not kind.writable or kind.target(field) or "" not in kind.columns(field) or kind.name in LOSSY:
        pytest.skip("shows a label or less than it holds")
    with reading_as(reader("en", "UTC", "USD")):
        for example in kind.examples:
            cell = kind.show(field, example, reader("en", "UTC", "USD"))
            raw = kind.parse_dirty(field, cell, {"day_first": True, "decimal": ".", "zone": "UTC"})
            assert kind.value(field).deserialize(raw) == example, cell
    assert plain


LOSSY = {"rich_text", "file", "image", "rating"}
"""Types whose shown text holds less than the value (tags of rich text, a file's content) or a figure of another meaning."""


@each
def test_its_refusals_are_sentences(kind):
    import marshmallow as ma  # only this test needs it
    for part, value in kind.values(field_of(kind)).items() if kind.writable else ():
        for wrong in (object(), {"a": 1}, [1], True, "\x00", "x" * 300_000, "<script>", float("nan"), Decimal("Infinity"),
                      "\ud800"):
            try:
                clean = value.deserialize(wrong)
            except ma.ValidationError as problem:
                for sentence in problem.messages:
                    assert sentence[-1] in ".…" and len(sentence) < 400, (part, sentence)
            else:
                assert clean is None or "\x00" not in str(clean)


@each
def test_it_is_documented(kind):
    page = (ROOT / "docs/kinds/field_types.md").read_text()
    assert f"| `{kind.name}` |" in page, f"docs/kinds/field_types.md says nothing about {kind.name}"


def test_their_words_are_translated():
    """Labels, setting titles and every sentence of the types, once a language's catalogue has been started."""
    for language in ("vi",):
        if not (ROOT / f"runtime/translations/{language}/LC_MESSAGES/messages.po").exists():
            pytest.skip("the catalogue has not been started")
        known = text.catalogue(language)
        missing = [message for message in words_of_types() if not is_known(known, message)]
        assert not missing, f"{language} lacks: {missing}"


def is_known(known: gettext.NullTranslations, message: str) -> bool:
    return message in getattr(known, "_catalog", {})


def words_of_types():
    for kind in KINDS:
        yield kind.label
        for setting in kind.settings_schema.get("properties", {}).values():
            yield setting["title"]


def test_no_field_type_is_named_outside_its_own_file():
    """Nobody asks which type a field has; they ask the type (style: the scattered switch)."""
    names = {kind.name for kind in KINDS}
    found = []
    for folder in ("metadata", "runtime", "builder"):
        for file in (ROOT / folder).rglob("*.py"):
            if file.parent.name == "field_types" or "translations" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Compare) and asks_for_type(node.left):
                    for compared in node.comparators:
                        found += [f"{file.relative_to(ROOT)}:{node.lineno} {name}" for name in constants(compared) if name in names]
                if isinstance(node, ast.Match) and asks_for_type(node.subject):
                    found.append(f"{file.relative_to(ROOT)}:{node.lineno} match on a type")
        for file in (ROOT / folder).rglob("*.html"):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                for name in re.findall(r"\.type\s*(?:==|!=|in|not in)\s*[(\[]?\s*['\"](\w+)['\"]", line):
                    if name in names:
                        found.append(f"{file.relative_to(ROOT)}:{number} {name}")
    assert not found, "\n".join(found)


def asks_for_type(node: ast.expr) -> bool:
    """Is this `x.type`, `x["type"]` or `kind.name`?"""
    if isinstance(node, ast.Attribute):
        owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        return (node.attr in ("type", "type_name") and "column" not in owner) or (
            node.attr == "name" and owner in ("kind", "type", "field_type"))
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == "type" and (
        not isinstance(node.value, ast.Name) or node.value.id not in ("schema", "setting", "property", "wanted"))


def constants(node: ast.expr) -> list[str]:
    return [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant) and isinstance(inner.value, str)]


def test_a_new_file_is_all_it_takes(tmp_path, widgets):
    folder = tmp_path / "field_types"
    folder.mkdir()
    (folder / "plate.py").write_text('''
"""Number plate."""
import sqlalchemy as sa

from runtime.fields import questions
from runtime.fields.values import Words
from runtime.kinds.field_type import FieldType


class Plate(FieldType):
    name = "plate"
    label = "Number plate"
    examples = ("43A-123.45",)
    operators = questions.ABOUT_TEXT

    def column(self, field):
        return sa.String(12)

    def value(self, field):
        return Words(longest=12, check=str.upper)
''')

    catalogue = discover("runtime.fields", folders=(tmp_path,))
    plate = catalogue.get("field_types", "plate")
    field = Field(id="fld_plate", name="thing", label="Thing", type="plate")

    assert plate.value(field).deserialize("43a-123.45") == "43A-123.45"
    assert 'name="thing"' in widgets(plate.widget).input(shown(plate, field), None, None, {"reader": READERS[0]})
    assert 'name="operand"' in widgets(plate.widget).filter(shown(plate, field), None, {"takes": "one"})


# What the tests share -------------------------------------------------------------------------------------------------


def name_of(part):
    return f"thing__{part}" if part else "thing"


def paths(kind, field):
    return [f"{field.name}.{part}" if part else field.name for part in kind.values(field)]


def sample_moment():
    import datetime as dt  # only this sample needs it
    return dt.datetime(2026, 11, 28, 15, 0, tzinfo=dt.UTC)


class a_table:
    """A temporary table with one column per part, in a transaction that is rolled back."""

    def __init__(self, columns):
        self.columns = columns

    def __enter__(self):
        meta = sa.MetaData()
        table = sa.Table("tried", meta, sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
                         *(sa.Column(name_of(part), kind) for part, kind in self.columns.items()), prefixes=["TEMPORARY"])
        self.connection = engine().connect()
        self.connection.begin()
        meta.create_all(self.connection)
        return self.connection, table

    def __exit__(self, *_failed):
        self.connection.rollback()
        self.connection.close()


