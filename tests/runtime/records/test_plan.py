"""Plans are kept for whoever asks the same with the same powers, and for nobody else."""
from datetime import timedelta

import pytest

from runtime.db import clock
from runtime.records import query, service
from runtime.records.plan import plan
from runtime.records.query import Query
from runtime.values import HOUSE
from tests.builders import a_rep, a_role, accounts, deals, publish_all

LAN, MINH = a_rep(7), a_rep(8)
YOUNG, OTHER = a_rep(9, "junior"), a_rep(10, "junior")
NAMES = Query("deals", ("name",))


@pytest.fixture(scope="module", autouse=True)
def rows(crm):
    for owner in (LAN, YOUNG, OTHER):
        service.create(owner, "deals", {"name": f"Of {owner.user_id}"})


def names(page):
    return [row["name"] for row in page.rows]


def test_the_same_question_with_the_same_powers_is_compiled_once():
    assert plan(LAN, NAMES) is plan(LAN, NAMES)
    assert plan(LAN, NAMES) is not plan(LAN, Query("deals", ("name", "stage")))


def test_who_sees_other_rows_never_meets_anothers_plan():
    assert names(query.find(YOUNG, NAMES)) == ["Of 9"]
    assert names(query.find(OTHER, NAMES)) == ["Of 10"]
    assert len(query.find(LAN, NAMES).rows) == 3


def test_words_ids_and_limits_are_asked_anew_each_time():
    first, second, _third = (row.id for row in query.find(LAN, Query("deals", ("name",), sort=(("id", False),))).rows)

    assert query.one(LAN, "deals", first, ("name",))["name"] == "Of 7"
    assert query.one(LAN, "deals", second, ("name",))["name"] == "Of 9"
    assert names(query.find(LAN, Query("deals", ("name",), text="10"))) == ["Of 10"]
    assert names(query.find(LAN, Query("deals", ("name",), text="7"))) == ["Of 7"]
    assert len(query.find(LAN, Query("deals", ("name",), limit=2)).rows) == 2


def test_a_question_about_today_is_asked_about_the_new_day_after_midnight(frozen_clock):
    today = Query("deals", ("name",), {"field": "close_date", "operator": "is", "operand": "today"})
    service.create(HOUSE, "deals", {"name": "Due", "close_date": clock.now().date().isoformat()})

    assert names(query.find(LAN, today)) == ["Due"]
    clock.advance(timedelta(days=1))
    assert names(query.find(LAN, today)) == []


def test_a_question_about_this_minute_is_never_kept():
    late = Query("deals", ("name",), {"expression": "created_at < NOW()"})

    assert plan(LAN, late) is not plan(LAN, late)


def test_a_new_version_compiles_anew(crm):
    before = plan(MINH, NAMES)

    publish_all(accounts(), deals(), a_role("rep"), a_role("junior", deals={"read": "all"}))

    assert plan(MINH, NAMES) is not before
    assert len(query.find(YOUNG, NAMES).rows) >= 3
