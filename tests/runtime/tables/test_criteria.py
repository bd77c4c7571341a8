"""Criteria: a tree asks the same in SQL and in Python; what does not fit is refused in words."""
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import pytest
import sqlalchemy as sa

from metadata.criteria import CriteriaError, depends_on_time, parse, paths, renamed, write
from metadata.model.field import Field
from runtime.db import engine as engines
from runtime.errors import Invalid, unknown_field
from runtime.kinds.kind import catalogue
from runtime.tables import criteria
from runtime.tables.criteria import operators
from runtime.values import Moment

CHOICES = {"choices": [{"value": value, "label": value.title()} for value in ("new", "proposal", "won")]}
FIELDS = {field.name: field for field in (
    Field(id="fld_name", name="name", label="Name", type="text"),
    Field(id="fld_amount", name="amount", label="Amount", type="currency"),
    Field(id="fld_score", name="score", label="Score", type="integer"),
    Field(id="fld_stage", name="stage", label="Stage", type="picklist", settings=CHOICES),
    Field(id="fld_skills", name="skills", label="Skills", type="multi_picklist", settings=CHOICES),
    Field(id="fld_close", name="close", label="Close", type="date"),
    Field(id="fld_made", name="made", label="Made", type="datetime"),
    Field(id="fld_active", name="active", label="Active", type="checkbox"),
    Field(id="fld_owner", name="keeper", label="Keeper", type="owner"),
)}
COLUMNS = {
    (field.name if not part else f"{field.name}.{part}"): type_
    for field in FIELDS.values() for part, type_ in catalogue().get("field_types", field.type).columns(field).items()
}
ROWS = sa.Table("deals_at_random", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
                *(sa.Column(path.replace(".", "__"), type_) for path, type_ in COLUMNS.items()), prefixes=["TEMPORARY"])
MOMENT = Moment(datetime(2026, 3, 5, 20, 0, tzinfo=UTC), "Asia/Ho_Chi_Minh", 7)


class Scope:
    moment = MOMENT

    def _find(self, path):
        if ".".join(path) not in COLUMNS:
            raise unknown_field(".".join(path))
        return FIELDS[path[0]], path[1] if len(path) > 1 else ""

    def field(self, path):
        return self._find(path)[0]

    def part(self, path):
        return self._find(path)[1]

    def type(self, path):
        field, part = self._find(path)
        return catalogue().get("field_types", field.type).part_speaks(field, part)

    def column(self, path):
        return ROWS.c["__".join(path)]

    stored = column


@pytest.fixture(scope="module")
def connection(make_database):
    engine = engines.make(make_database())
    with engine.connect() as found:
        ROWS.create(found)
        found.execute(ROWS.insert(), [{"id": place} | {path.replace(".", "__"): value for path, value in values.items()}
                                      for place, values in enumerate(RECORDS)])
        yield found
    engine.dispose()


def record(random):
    def blank_or(value):
        return None if random.random() < 0.25 else value
    values = dict.fromkeys(COLUMNS)
    values |= {
        "name": blank_or(random.choice(("Ánh Dương", "acme 100%", "ACME_corp", "x"))),
            "amount": blank_or(Decimal(random.randint(0, 3000))),
        "amount.currency": random.choice(("USD", "VND", None)), "score": blank_or(random.randint(-5, 60)),
        "stage": blank_or(random.choice(("new", "proposal", "won"))),
        "skills": blank_or(random.sample(("new", "proposal", "won"), random.randint(1, 3))),
        "close": blank_or(date(2026, random.randint(1, 6), random.randint(1, 28))),
        "made": blank_or(datetime(2026, 3, random.randint(1, 9), random.randint(0, 23), tzinfo=UTC)),
        "active": blank_or(random.random() < 0.5), "keeper": blank_or(random.choice((7, 8))),
    }
    return values


RECORDS = [record(Random(seed)) for seed in range(200)]
LEAVES = [
    {"field": "name", "operator": "contains", "operand": "ACME"}, {"field": "name", "operator": "does_not_contain",
     "operand": "0%"},
    {"field": "name", "operator": "is", "operand": "x"}, {"field": "amount", "operator": "above", "operand": "1,000"},
    {"field": "amount", "operator": "between", "operand": [10, "2000"]}, {"field": "amount.currency", "operator": "is_not",
     "operand": "VND"},
    {"field": "score", "operator": "at_least", "operand": 50}, {"field": "score", "operator": "one_of", "operand": [1, 2, "3"]},
    {"field": "stage", "operator": "one_of", "operand": ["won", "proposal"]}, {"field": "stage", "operator": "none_of",
     "operand": ["won"]},
    {"field": "stage", "operator": "empty"}, {"field": "skills", "operator": "includes_any", "operand": ["won"]},
    {"field": "skills", "operator": "includes_none", "operand": ["won", "new"]},
    {"field": "close", "operator": "before", "operand": "today"}, {"field": "close", "operator": "after",
     "operand": "today+30"},
    {"field": "close", "operator": "this_quarter"}, {"field": "close", "operator": "is", "operand": "2026-03-05"},
    {"field": "made", "operator": "today"}, {"field": "made", "operator": "last_days", "operand": 3},
    {"field": "made", "operator": "is", "operand": "2026-03-05"}, {"field": "made", "operator": "on_or_after",
     "operand": "2026-03-05T10:00:00Z"},
    {"field": "active", "operator": "is_true"}, {"field": "active", "operator": "is_false"}, {"field": "keeper",
     "operator": "is_me"},
    {"expression": 'amount > 1000 and stage == "proposal"'}, {"expression": "not (score > 5)"},
     {"expression": '"won" in skills'},
    {"expression": "DATEDIFF(close, TODAY()) > 10 or ISBLANK(made)"},
]


def tree(random, depth):
    if depth == 0 or random.random() < 0.3:
        return random.choice(LEAVES)
    form = random.choice(("all", "any", "not"))
    if form == "not":
        return {"not": tree(random, depth - 1)}
    return {form: [tree(random, depth - 1) for _ in range(random.randint(0, 3))]}


def test_a_tree_selects_the_same_records_in_sql_and_in_python(connection):
    random = Random(2)
    for asked in [*LEAVES, *(tree(random, 4) for _ in range(300))]:
        test = criteria.as_python(asked, Scope())
        by_sql = connection.scalars(sa.select(ROWS.c.id).where(criteria.as_sql(asked, Scope())).order_by(ROWS.c.id))
        assert list(by_sql) == [place for place, values in enumerate(RECORDS) if test(values, MOMENT)], asked


def test_every_answer_is_true_or_false():
    for asked in LEAVES:
        test = criteria.as_python(asked, Scope())
        assert {test(values, MOMENT) for values in RECORDS} <= {True, False}


def test_a_blank_meets_what_is_asked_negatively():
    empty = dict.fromkeys(COLUMNS)
    for asked, expected in (({"field": "stage", "operator": "is_not", "operand": "won"}, True),
                            ({"not": {"field": "stage", "operator": "is", "operand": "won"}}, True),
                            ({"field": "amount", "operator": "below", "operand": 5}, False),
                            ({"expression": 'stage != "won"'}, False), ({"not": {"expression": 'stage == "won"'}}, True)):
        assert criteria.as_python(asked, Scope())(empty, MOMENT) is expected, asked


def test_an_operator_the_field_does_not_offer_is_refused_with_those_it_offers():
    with pytest.raises(Invalid) as found:
        criteria.as_sql({"field": "stage", "operator": "above", "operand": 1}, Scope())

    sentence, = found.value.errors["stage"]
    assert sentence.startswith("'above' cannot be asked here. This field offers: ")
    assert "one_of" in sentence and all(name in sentence for name in operators(FIELDS["stage"], ""))


@pytest.mark.parametrize(("asked", "path", "words"), [
    ({"field": "amount", "operator": "above", "operand": "much"}, "amount", ""),
    ({"field": "amount", "operator": "above"}, "amount", "A value to compare with is missing."),
    ({"field": "amount", "operator": "between", "operand": [1]}, "amount", "needs two values"),
    ({"field": "stage", "operator": "is", "operand": "lost"}, "stage", "lost"),
    ({"field": "stage", "operator": "one_of", "operand": []}, "stage", "Give 1 to 500 values"),
    ({"field": "score", "operator": "one_of", "operand": list(range(501))}, "score", "Give 1 to 500 values"),
    ({"field": "close", "operator": "before", "operand": "2026-02-30"}, "close", ""),
    ({"field": "close", "operator": "before", "operand": "today+99999"}, "close", "A number of days"),
    ({"field": "made", "operator": "last_days", "operand": -1}, "made", "A number of days"),
    ({"field": "made", "operator": "last_days", "operand": True}, "made", "A number of days"),
    ({"field": "made", "operator": "last_days", "operand": "1e9"}, "made", "A number of days"),
    ({"field": "name", "operator": "contains", "operand": "x" * 256}, "name", "at most 255"),
    ({"field": "name", "operator": "is", "operand": "a\x00b"}, "name", "cannot be stored"),
    ({"field": "name", "operator": "contains", "operand": "\ud800"}, "name", "cannot be stored"),
    ({"expression": "amount + 1"}, "", "The condition gives a number, not true or false."),
    ({"expression": "amount >"}, "", "The expression ends too early"),
    ({"expression": "stage == NULL"}, "", "ISBLANK(stage)"),
    ({"all": [{"any": {}}]}, "", '"any" holds a list of conditions. (at all.0)'),
    ({"field": "stage"}, "", '"operator"'), ({}, "", "A condition is an object"), ([], "", "A condition is an object"),
    ({"all": [], "any": []}, "", "A condition is an object"), ({"field": "stage", "operator": "is", "operand": {"a": 1}},
     "", "operand"),
    ({"field": ["stage"], "operator": "is"}, "", "names"), ("stage", "", "A condition is an object"), (None, "", "A condition"),
])
def test_what_does_not_fit_is_refused_at_its_field(asked, path, words):
    with pytest.raises(Invalid) as found:
        criteria.as_python(asked, Scope())

    assert list(found.value.errors) == [path]
    assert words in found.value.errors[path][0]


@pytest.mark.parametrize("name", ["secret", "name; DROP TABLE x", "__class__", "name.name.name", "amount.nothing", ""])
def test_an_unknown_field_is_refused_the_same_way_whatever_it_is_called(name):
    with pytest.raises(Exception) as found:
        criteria.as_sql({"field": name, "operator": "is", "operand": 1}, Scope())

    assert type(found.value).__name__ in ("BadQuery", "Invalid")


def test_no_tree_is_too_large_to_be_refused_quickly():
    wide = {"all": [LEAVES[0]] * 101}
    deep = LEAVES[0]
    for _ in range(5000):
        deep = {"not": deep}

    for asked, words in ((wide, "at most 100 parts"), (deep, "at most 16 deep")):
        with pytest.raises(CriteriaError, match=words):
            parse(asked)


def test_a_tree_knows_its_paths_and_can_be_renamed():
    asked = {"all": [{"field": "account.size", "operator": "above", "operand": 1},
        {"not": {"expression": "amount > account.limit"}}]}

    assert paths(asked) == {"account.size", "amount", "account.limit"}
    changed = renamed(asked, lambda path: path.replace("account.", "company."))
    assert changed == {"all": [{"field": "company.size", "operator": "above", "operand": 1},
                               {"not": {"expression": "amount > company.limit"}}]}
    assert write(parse(asked)) == asked
    assert json.loads(json.dumps(write(parse(asked)))) == asked


def test_a_tree_knows_whether_time_changes_its_answer():
    assert depends_on_time({"expression": "close < TODAY()"})
    assert depends_on_time({"field": "close", "operator": "before", "operand": "today-3"})
    assert depends_on_time({"field": "close", "operator": "this_month"}, frozenset({"this_month"}))
    assert not depends_on_time({"field": "name", "operator": "is", "operand": "x"})


def test_questions_about_a_field_use_its_index(connection):
    connection.execute(sa.text("CREATE INDEX ON deals_at_random (close, id)"))
    connection.execute(sa.text("CREATE INDEX ON deals_at_random (score, id)"))
    connection.execute(sa.text("CREATE INDEX ON deals_at_random (made, id)"))
    connection.execute(sa.text("SET enable_seqscan = off"))
    for asked in ({"field": "close", "operator": "this_month"}, {"field": "close", "operator": "is", "operand": "2026-03-05"},
                  {"field": "score", "operator": "one_of", "operand": [1, 2]}, {"field": "made", "operator": "today"},
                  {"field": "made", "operator": "before", "operand": "2026-03-05"}, {"expression": "score >= 50"},
                  {"expression": "close < TODAY()"}, {"expression": "score in [1, 2]"}):
        statement = sa.select(ROWS.c.id).where(criteria.as_sql(asked, Scope()))
        compiled = statement.compile(connection.engine, compile_kwargs={"render_postcompile": True})
        plan = "\n".join(connection.exec_driver_sql("EXPLAIN " + str(compiled), compiled.params).scalars())
        assert "Index" in plan and "Cond:" in plan, (asked, plan)
