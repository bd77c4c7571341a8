"""Boards: lanes by a picklist, 25 cards a lane, one question for all counts, cards moved through the record pipeline."""
import re
from datetime import date, timedelta

import pytest

from metadata.check import problems
from metadata.model.validation_rule import ValidationRule
from runtime.db import clock
from runtime.kinds.kind import catalogue
from runtime.records import query, service
from runtime.security import users
from runtime.tables import indexes, published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import signed_in

HTMX = {"HX-Request": "true"}
BOARD = builders.a_view("deals", ("name", "account", "amount", "close_date", "owner"), "board", kind="kanban",
                        sort=({"field": "close_date"},), sums=("amount",), deadlines=("close_date",), settings={"field": "stage"})


@pytest.fixture(scope="module")
def crm(app):
    lost = {"all": [{"field": "stage", "operator": "is", "operand": "Closed Lost"}, {"field": "reason", "operator": "empty"}]}
    reason = ValidationRule(id="rule_lost", name="lost_needs_reason", module="deals", message="Say why it was lost.",
                            field="reason", refuse_if=lost)
    blind = {"read": "all", "create": True, "edit": "all", "fields": {"fld_deals_stage": "hidden"}}
    undated = {"read": "all", "create": True, "edit": "all", "fields": {"fld_deals_close_date": "hidden"}}
    builders.publish_all(builders.accounts(), builders.deals(builders.a_field("reason", of="deals")), BOARD, reason,
                         builders.a_view("deals", ("name", "stage")), builders.a_role("rep"), builders.a_role("blind", deals=blind),
                         builders.a_role("undated", deals=undated),
                         builders.a_role("reader", deals={"read": "all", "create": False, "edit": "no"}))
    users.sync_roles()
    for name in ("blind", "reader", "undated"):
        users.create(name, roles=(name,), password="a long password")
    today = clock.now().date()
    for number in range(30):
        service.create(HOUSE, "deals", {"name": f"Tray {number:02}", "stage": "Qualification", "amount": "100",
                                        "close_date": (today + timedelta(days=number + 1)).isoformat()})
    for name, stage, day in (("Late", "Proposal", today - timedelta(days=3)), ("Due", "Proposal", today),
                             ("Unplanned", "Proposal", None), ("Won", "Closed Won", date(2020, 1, 1))):
        service.create(HOUSE, "deals", {"name": name, "stage": stage, "amount": "1000", "close_date": day and day.isoformat()})
    service.create(HOUSE, "deals", {"name": "Nowhere"})
    return published.current()


@pytest.fixture
def boss(app, crm):
    return signed_in(app, "boss")


def card(page, name):
    return next(part for part in page.split('<li class="b-deal"')[1:] if f">{name}</a>" in part).partition("</li>")[0]


def names(page):
    return re.findall(r'draggable="false">([^<]+)</a>', page)


def test_a_lane_holds_25_cards_and_gives_the_next_ones_by_key(boss):
    page = boss.get("/m/deals?view=board").text
    lane = page.partition('id="lane_1"')[2].partition("</ol>")[0]
    assert names(lane) == [f"Tray {number:02}" for number in range(25)]

    more = re.search(r'hx-get="(/m/deals/lane[^"]+)"', lane)[1].replace("&amp;", "&")
    assert names(boss.get(more).text) == [f"Tray {number:02}" for number in range(25, 30)]
    assert "Nowhere" in page.partition('id="lane_0"')[2].partition("</ol>")[0]


def test_cards_say_what_is_late_due_or_not_planned_as_long_as_they_are_open(boss):
    page = boss.get("/m/deals?view=board").text
    assert 'data-urgent="late"' in card(page, "Late") and "3 days late" in card(page, "Late")
    assert 'data-urgent="today"' in card(page, "Due")
    assert 'data-urgent="none"' in card(page, "Unplanned")
    assert "data-urgent" not in card(page, "Won") and "data-urgent" not in card(page, "Tray 00")


def test_counts_and_sums_of_all_lanes_are_one_question(boss):
    said = boss.get("/m/deals/totals?view=board").text
    assert re.search(r'id="lane_1_n"[^>]*>30<', said) and re.search(r'id="lane_2_n"[^>]*>3<', said)
    assert "3,000" in said.partition('id="lane_2_s"')[2].partition("</p>")[0]


def test_filters_and_words_narrow_the_board_like_a_list(boss):
    page = boss.get("/m/deals?view=board&q=late").text
    assert names(page) == ["Late"]
    only = '[{"field":"stage","operator":"one_of","operand":["Proposal"]}]'
    assert set(names(boss.get("/m/deals", query_string={"view": "board", "filter": only}).text)) == {"Late", "Due", "Unplanned"}
    assert "No cards here" in boss.get("/m/deals?view=board&q=nothinglikethis").text


def put(client, name, lane, version=1, **more):
    record = next(row for row in all_deals() if row["name"] == name)
    return client.put(f"/m/deals/{record['id']}/card?view=board", headers=HTMX | {"X-CSRFToken": client.csrf},
                      data={"lane": lane, "version": version} | more)


def all_deals():
    return [row.values | {"id": row.id, "version": row.version}
            for row in query.find(HOUSE, query.Query("deals", ("name", "stage"), limit=200)).rows]


def stage(name):
    return next(row["stage"] for row in all_deals() if row["name"] == name)


def test_a_card_moves_through_the_pipeline_or_says_why_not(boss):
    moved = put(boss, "Due", 1, dragged=1)
    assert moved.status_code == 200 and 'data-in="1"' in moved.text and "board-changed" in moved.headers["HX-Trigger"]
    assert stage("Due") == "Qualification"

    stale = put(boss, "Due", 2, dragged=1)
    assert stale.status_code == 409 and 'data-in="1"' in stale.text and "while you were editing" in stale.text

    refused = put(boss, "Late", 4, dragged=1)
    assert refused.status_code == 422 and 'data-in="2"' in refused.text and "Say why it was lost." in refused.text
    assert "stage=Closed+Lost" in refused.text and stage("Late") == "Proposal"
    assert put(boss, "Late", 99).status_code == 400


def test_a_card_moves_without_scripts(boss):
    record = next(row for row in all_deals() if row["name"] == "Unplanned")
    address = f"/m/deals/{record['id']}/card?view=board"
    assert "Move “Unplanned”" in boss.get(address).text

    done = boss.post(address, data={"_method": "PUT", "lane": 3, "version": record["version"], "csrf_token": boss.csrf})
    assert done.status_code == 303 and done.location == "/m/deals?view=board" and stage("Unplanned") == "Closed Won"


def test_who_may_not_change_records_moves_nothing(app, crm):
    reader = signed_in(app, "reader")
    page = reader.get("/m/deals?view=board").text
    assert names(page) and "data-move" not in page and "b-move" not in page
    assert put(reader, "Late", 1).status_code == 403


def test_who_may_not_read_the_lanes_is_shown_no_board(app, crm):
    blind = signed_in(app, "blind")
    assert "view=board" not in blind.get("/m/deals").text
    assert blind.get("/m/deals?view=board").status_code == 400


def test_an_index_begins_with_the_lane(crm):
    wanted = [index.columns for index in indexes.wanted(crm.module("deals"), crm.definitions, catalogue())]
    assert (("stage", False), ("close_date", False), ("id", False)) in wanted


def test_a_board_needs_a_picklist(crm):
    wrong = builders.a_view("deals", ("name",), "board", kind="kanban", settings={"field": "reason"})
    gone = builders.a_view("deals", ("name",), "board", kind="kanban", settings={"field": "nowhere"})
    said = [problem.message for problem in problems(crm.definitions.with_document(wrong), catalogue())]
    assert said == ["'Reason' is of type text and has no lanes. Choose a picklist."]
    assert "There is no field 'nowhere'" in problems(crm.definitions.with_document(gone), catalogue())[0].message


def test_who_may_not_read_the_deadline_has_the_board_without_it(app, crm):
    undated = signed_in(app, "undated")
    for address in ("/m/deals?view=board", "/m/deals/lane?view=board&lane=2", "/m/deals/1/card?view=board"):
        answer = undated.get(address)
        assert answer.status_code == 200 and "close_date" not in answer.text and "b-due" not in answer.text, address
