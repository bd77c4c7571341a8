"""The query compiler: every clause through the same door, pages by key."""
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.errors import BadQuery, Invalid, RuntimeProblem
from runtime.records import aggregate, query, search, service
from runtime.records.query import Query
from tests.builders import a_rep

LAN = a_rep(7)
BLIND = a_rep(10, "blind")


@pytest.fixture(scope="module", autouse=True)
def deals(crm):
    account = service.create(LAN, "accounts", {"name": "Công ty Nguyễn Đức", "industry": "Food"})
    other = service.create(LAN, "accounts", {"name": "Marlow & Finch"})
    for number in range(60):
        service.create(LAN, "deals", {
            "name": f"Deal {number:02}", "stage": ("Qualification", "Proposal", "Closed Won")[number % 3],
            "amount": None if number % 7 == 0 else str(number * 100), "close_date": f"2026-{number % 12 + 1:02}-15",
            "account": (account.id, other.id, None)[number % 3]})
    return account


def names(page):
    return [row["name"] for row in page.rows]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(["name", "amount", "close_date", "stage", "account.name", "id"]), descending=st.booleans(),
       size=st.integers(1, 23), second=st.sampled_from([None, "amount", "close_date"]))
def test_paging_forwards_and_back_meets_every_record_once_in_order(path, descending, size, second):
    order = ((path, descending), *(((second, not descending),) if second and second != path else ()))
    whole = query.find(LAN, Query("deals", ("name",), sort=order, limit=100))

    forwards, after, last = [], None, None
    while True:
        page = query.find(LAN, Query("deals", ("name",), sort=order, limit=size, after=after))
        forwards += names(page)
        if page.next is None:
            break
        after, last = page.next, page

    assert forwards == names(whole) and len(set(forwards)) == 60
    if last is not None and last.previous:
        back = query.find(LAN, Query("deals", ("name",), sort=order, limit=size, before=last.previous))
        start = forwards.index(names(last)[0])
        assert names(back) == forwards[max(0, start - size):start]


def test_a_path_through_a_link_can_be_shown_filtered_and_sorted():
    page = query.find(LAN, Query("deals", ("name", "account.industry", "account"), {"field": "account.industry", "operator": "is",
                                                                                   "operand": "Food"}, labels=True))
    assert len(page.rows) == 20 and page.rows[0]["account:label"] == "Công ty Nguyễn Đức"


def test_a_count_stops_at_its_cap_unless_asked_to_go_on():
    assert query.count(LAN, Query("deals"), cap=10) == (10, True)
    assert query.count(LAN, Query("deals"), cap=None) == (60, False)


@pytest.mark.parametrize("ask", [
    lambda name: query.find(BLIND, Query("deals", (name,))),
    lambda name: query.find(BLIND, Query("deals", ("name",), sort=((name, False),))),
    lambda name: query.find(BLIND, Query("deals", ("name",), {"field": name, "operator": "above", "operand": 5})),
    lambda name: query.find(BLIND, Query("deals", ("name",), {"expression": f"{name} > 5"})),
    lambda name: query.find(BLIND, Query("deals", ("name",), {"not": {"field": name, "operator": "empty"}})),
    lambda name: query.sums(BLIND, Query("deals"), (name,)),
    lambda name: aggregate.aggregate(BLIND, "deals", group=(name,)),
    lambda name: aggregate.aggregate(BLIND, "deals", measures=(f"sum:{name}",)),
    lambda name: aggregate.aggregate(BLIND, "deals", criteria={"field": name, "operator": "above", "operand": 5}),
    lambda name: query.find(BLIND, Query("deals", (f"{name}.currency",))),
])
def test_a_hidden_field_and_an_unknown_one_answer_alike_in_every_clause(ask):
    said = {}
    for name in ("amount", "amounx"):
        with pytest.raises(RuntimeProblem) as caught:
            ask(name)
        said[name] = (type(caught.value), caught.value.message.replace(name, "?"))
    assert said["amount"] == said["amounx"]


def test_a_formula_over_a_hidden_field_is_hidden_too():
    with pytest.raises(BadQuery):
        query.find(BLIND, Query("deals", ("weighted",)))


def test_groups_and_measures_answer_under_the_names_they_were_asked_by():
    answer = aggregate.aggregate(LAN, "deals", group=("stage", "close_date:quarter"), measures=("count", "sum:amount"))

    assert sum(row["count"] for row in answer.rows) == 60
    assert sum(row["sum:amount"] or 0 for row in answer.rows) == Decimal(sum(n * 100 for n in range(60) if n % 7))
    assert set(answer.rows[0]) == {"stage", "close_date:quarter", "count", "sum:amount"}


@pytest.mark.parametrize("words", ["nguyen", "Nguyễn", "duc", "ĐỨC", "cong ngu"])
def test_search_folds_accents_and_finds_the_beginnings_of_words(words):
    group, = search.search(LAN, words)

    assert group.hits[0].title == "Công ty Nguyễn Đức"


@pytest.mark.parametrize("hostile", ["'; DROP TABLE records.deals; --", "\\", "%", "a' | b", "😀", "  ", "&|!", "a:*" * 50])
def test_search_takes_anything_as_words(hostile):
    search.search(LAN, hostile)


@pytest.mark.parametrize("hostile", ["name; DROP TABLE x", "name\"", "account.owner.created_by.name.x.y.z.a",
                                     "", ".", "deals.name", "version"])
def test_sql_and_nonsense_in_names_are_refused(hostile):
    for asked in (Query("deals", (hostile,)), Query("deals", ("name",), sort=((hostile, False),)),
                  Query("deals", ("name",), {"field": hostile, "operator": "is", "operand": "x"})):
        with pytest.raises((BadQuery, Invalid)):
            query.find(LAN, asked)


def test_a_forged_or_foreign_cursor_is_refused():
    page = query.find(LAN, Query("deals", ("name",), sort=(("name", False),), limit=5))
    for cursor in ("abc", page.next[:-2] + "zz", page.next):
        with pytest.raises(BadQuery):
            query.find(LAN, Query("deals", ("name",), sort=(("amount", True),), limit=5, after=cursor))
