"""The generated pages: lists by their address, bulk changes, exports, buttons, layouts, files; each by the rules of who looks."""
import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import python_calamine
import sqlalchemy as sa

from metadata.model.button import Button
from metadata.model.validation_rule import ValidationRule
from runtime import publish, worker
from runtime.db import clock
from runtime.db.transaction import reading, transaction
from runtime.kinds.kind import catalogue
from runtime.records import service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.runtime.web.conftest import signed_in

HX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def crm(app):
    own = {"read": "own", "create": True, "edit": "own", "delete": "own", "import": False, "export": True, "give": False}
    blind = {"read": "all", "create": True, "edit": "all", "delete": "all", "import": True, "export": True, "give": True,
             "fields": {"fld_deals_amount": "hidden", "fld_deals_paper": "hidden"}}
    looker = {"read": "all", "create": False, "edit": "no", "delete": "no", "import": False, "export": False}
    won = {"field": "stage", "operator": "is", "operand": "Closed Won"}
    sections = ({"name": "main", "label": "Main", "columns": 2, "fields": ["name", "stage", "account", "amount", "close_date"]},
                {"name": "after", "label": "After the sale", "columns": 2, "fields": ["paper", "note"], "show_if": won})
    builders.publish_all(
        builders.accounts(),
        builders.deals(a_field("note", of="deals"), a_field("paper", "file", of="deals"), a_field("code", of="deals")),
        builders.a_view("deals", ("name", "stage", "amount", "account"), sums=("amount",)),
        builders.a_view("deals", ("name", "close_date"), "won", criteria={"all": [won]}, sort=({"field": "name"},), position=2),
        builders.a_view("deals", ("name", "amount"), "rich", criteria={"all": [
            {"field": "amount", "operator": "above", "operand": 1}]}),
        builders.a_layout("deals", sections=sections, highlights=("amount",)),
        builders.a_layout("accounts", related=({"module": "deals", "field": "account", "columns": ["name", "amount"]},)),
        Button(id="btn_win", name="win", module="deals", label="Win", show_if={"not": won},
               actions=({"action": "update_field", "settings": {"field": "stage", "value": "Closed Won"}},)),
        Button(id="btn_note", name="stamp", module="deals", label="Stamp", roles=("role_rep",),
               actions=({"action": "update_field", "settings": {"field": "note", "value": "stamped"}},)),
        Button(id="btn_sweep", name="sweep", module="deals", label="Sweep", place="bulk", roles=("role_rep",), confirm="Sweep all?",
               actions=({"action": "update_field", "settings": {"field": "note", "value": "swept"}},)),
        Button(id="btn_rowed", name="rowed", module="deals", label="Rowed", place="row",
               actions=({"action": "update_field", "settings": {"field": "note", "value": "rowed"}},)),
        ValidationRule(id="rule_cheap", name="cheap", module="deals", field="amount",
                       message="Do not sell for nothing.", refuse_if={"all": [
                           won, {"field": "amount", "operator": "is", "operand": 0}]}),
        builders.a_role("rep"), builders.a_role("junior", deals=own, accounts=own), builders.a_role("blind", deals=blind),
        builders.a_role("looker", deals=looker, accounts=looker))
    users.sync_roles()
    for name in ("junior", "blind", "looker"):
        users.create(name, roles=(name,), password=f"{name} password", full_name=name.capitalize())
    worker.prepare()
    worker.drain_all()
    return service.create(HOUSE, "accounts", {"name": "Bến Nghé Foods"}).id


@pytest.fixture
def people(app, crm):
    """people("junior") -> a client that is signed in, with `.send(method, path, **data)`."""
    def make(name):
        client = signed_in(app, name)

        def send(path, method="POST", headers=None, **data):
            return client.open(path, method=method, data={"csrf_token": client.csrf} | data, headers=headers or {})
        client.send = send
        client.id = users.get(name).id
        return client
    return make


def a_deal(**values):
    return service.create(HOUSE, "deals", {"name": "Trays", "stage": "Proposal"} | values).id


def held(number):
    return service.read(HOUSE, "deals", number)


def filtered(*conditions, **more):
    return "/m/deals?" + urlencode({"filter": json.dumps(list(conditions))} | more)


def coded(code):
    return {"field": "code", "operator": "is", "operand": code}


def titles(page):
    return re.findall(r"data-cell=title><a href=\"[^\"]+\">([^<]+)</a>", page.text)


# Lists by their address

def test_a_list_shows_what_its_address_says(people):
    for name, amount in (("Alpha", 5), ("Beta", 3), ("Gamma", 9)):
        a_deal(name=name, amount=amount, code="abc")
    client = people("lan")

    assert titles(client.get(filtered(coded("abc"), sort="-amount"))) == ["Gamma", "Alpha", "Beta"]
    assert titles(client.get(filtered(coded("abc"), sort="name", q="alp"))) == ["Alpha"]
    page = client.get(filtered(coded("abc"), columns="name,account.industry,close_date"))
    assert "Account: Industry" in page.text and 'scope="col" class="num"' not in page.text
    assert titles(client.get(filtered(coded("none")))) == []


@pytest.mark.parametrize("query", ["view=nonsense", "columns=nonsense", "sort=nonsense", "filter=%7B", "filter=5", 'filter=["x"]',
                                   "after=abc", "sort=account", "columns=" + ",".join(f"name{n}" for n in range(130)),
                                   "filter=" + json.dumps([{"field": "name", "operator": "empty"}] * 101)])
def test_an_address_that_asks_nonsense_is_answered_with_a_page_and_a_way_on(people, query):
    for headers in ({}, HX):
        page = people("lan").get(f"/m/deals?{query}", headers=headers)
        assert page.status_code in (200, 400) and ("<h1" in page.text or headers), page.text[:300]
        assert "Traceback" not in page.text


def test_a_view_whose_columns_one_may_not_see_says_what_it_leaves_out_without_naming_it(people):
    a_deal(name="Seen", amount=77123)
    page = people("blind").get("/m/deals?view=all&sort=name")

    assert page.status_code == 200 and "77,123" not in page.text and "Amount" not in page.text
    assert "rich" not in re.findall(r'href="/m/deals\?view=(\w+)"', page.text)
    assert people("blind").get("/m/deals?view=rich").status_code == 400


def test_the_sums_and_counts_are_of_the_rows_one_sees(people):
    junior = people("junior")
    a_deal(name="Others'", amount=1000, code="sum")
    a_deal(name="Mine", amount=11, code="sum", owner=junior.id)

    sums = junior.get(filtered(coded("sum")).replace("/m/deals?", "/m/deals/sums?"), headers=HX)
    count = junior.get(filtered(coded("sum")).replace("/m/deals?", "/m/deals/count?"), headers=HX)
    assert "11" in sums.text and "1,011" not in sums.text
    assert re.search(r"\b1\b", count.text) and "2" not in re.sub(r"<[^>]*>", "", count.text)


# Records of others, links to what one may not see

def test_those_who_see_only_their_own_find_nothing_behind_the_others_addresses(people):
    theirs = a_deal(name="Others' secret deal")
    junior = people("junior")
    for path in ("", "/edit", "/delete", "/panel/timeline", "/panel/related_0"):
        missing, strange = junior.get(f"/m/deals/99999999{path}"), junior.get(f"/m/deals/{theirs}{path}")
        assert missing.status_code == strange.status_code == 404 and "secret" not in strange.text, path
    for path, method in (("", "PUT"), ("", "DELETE"), ("/restore", "POST"), ("/button/win", "POST")):
        answer = junior.send(f"/m/deals/{theirs}{path}", method, version="1", name="Mine")
        assert answer.status_code == 404, path
    assert junior.get(f"/m/deals/new?copy={theirs}").status_code == 404
    assert held(theirs).version == 1 and held(theirs)["name"] == "Others' secret deal"


def test_a_link_to_a_record_one_may_not_see_is_none(people, crm):
    junior = people("junior")
    mine = a_deal(name="Linked", account=crm, owner=junior.id, code="linked")

    for path in (f"/m/deals/{mine}", filtered(coded("linked")), f"/m/deals/{mine}/edit", f"/m/deals/{mine}/panel/timeline"):
        page = junior.get(path)
        assert page.status_code == 200 and "Bến Nghé" not in page.text and f'href="/m/accounts/{crm}"' not in page.text, path
    exported = junior.send(filtered(coded("linked")).replace("/m/deals?", "/m/deals/export?")).data.decode("utf-8-sig")
    assert "Linked" in exported and "Bến Nghé" not in exported
    assert "Bến Nghé" not in junior.get("/lookup/accounts?q=ben").text
    assert f'href="/m/accounts/{crm}"' in people("lan").get(f"/m/deals/{mine}").text

    kept = junior.send(f"/m/deals/{mine}", "PUT", version="1", name="Renamed", account="")
    assert kept.status_code in (200, 303) and held(mine)["account"] == crm, "what one may not see is kept when the rest is saved"


@pytest.mark.parametrize(("asked", "kept"), [
    ({"filter_field": "name", "filter_operator": "starts_with", "operand": "Tra", "answered": "name"}, 'value="Tra"'),
    ({"filter_field": "amount", "filter_operator": "below", "operand": "12.50", "answered": "amount"}, 'value="12.5"'),
    ({"filter_field": "amount", "filter_operator": "below", "operand": "much", "answered": "amount"}, 'value="much"'),
    ({"filter_field": "stage", "filter_operator": "none_of", "operand": "Closed Won", "answered": "stage"},
     'value="Closed Won" checked')])
def test_another_question_keeps_the_answer_and_another_field_does_not(people, asked, kept):
    same = people("lan").get(f"/m/deals/filter?{urlencode(asked)}", headers=HX)
    other = people("lan").get(f"/m/deals/filter?{urlencode(asked | {'answered': 'account'})}", headers=HX)

    assert same.status_code == 200 and kept in same.text
    assert " required>" in same.text or " checked" in same.text
    assert other.status_code == 200 and kept not in other.text


def test_the_timeline_and_related_lists_leave_hidden_fields_out(people, crm):
    deal = a_deal(name="Quiet", amount=31337, account=crm)
    service.update(HOUSE, "deals", deal, {"amount": 42424}, seen_version=1)
    blind = people("blind")

    for path in (f"/m/deals/{deal}", f"/m/deals/{deal}/panel/timeline", f"/m/deals/{deal}/edit",
                 f"/m/accounts/{crm}/panel/related_0"):
        text = blind.get(path, headers=HX).text
        assert "31,337" not in text and "42,424" not in text and "31337" not in text, path
    assert "42,424" in people("lan").get(f"/m/deals/{deal}/panel/timeline", headers=HX).text


def test_who_may_only_look_is_offered_nothing_and_refused_everything(people):
    deal = a_deal(name="Look only")
    looker = people("looker")
    page = looker.get(f"/m/deals/{deal}").text + looker.get("/m/deals").text

    for offered in (f"/m/deals/{deal}/edit", "/m/deals/new", "/m/deals/bulk", "/m/deals/export", "/m/deals/bin",
                    f"/m/deals/{deal}/delete"):
        assert offered not in page, offered
    for path, method in ((f"/m/deals/{deal}", "PUT"), (f"/m/deals/{deal}", "DELETE"), ("/m/deals", "POST"),
                         ("/m/deals/bulk/delete", "POST"), ("/m/deals/bulk/edit", "POST"), ("/m/deals/export", "GET"),
                         ("/m/deals/bin", "GET"), ("/m/deals/new", "GET"),
                         (f"/m/deals/{deal}/edit", "GET"), (f"/m/deals/{deal}/button/win", "POST")):
        answer = looker.send(path, method, id=str(deal), field="note", note="x", version="1", name="x")
        assert answer.status_code == 403, (path, method, answer.status_code)
    assert held(deal).version == 1


# Forms

def test_a_form_sent_twice_creates_once_and_a_changed_one_is_not_lost(people):
    client = people("lan")
    key = re.search(r'name="_key" value="([^"]+)"', client.get("/m/deals/new").text)[1]

    first = client.send("/m/deals", name="Double click", code="dbl", _key=key)
    again = client.send("/m/deals", name="Double click", code="dbl", _key=key)
    assert first.status_code == again.status_code == 303 and first.headers["Location"] == again.headers["Location"]

    changed = client.send("/m/deals", name="After going back", code="dbl", _key=key)
    assert changed.status_code == 422 and "After going back" in changed.text
    fresh = re.search(r'name="_key" value="([^"]+)"', changed.text)[1]
    assert fresh != key
    assert client.send("/m/deals", name="After going back", code="dbl", _key=fresh).status_code == 303
    assert sorted(titles(client.get(filtered(coded("dbl"))))) == ["After going back", "Double click"]


def test_what_was_typed_stays_when_a_rule_or_a_type_refuses(people):
    client, deal = people("lan"), a_deal(name="Typed", amount=5)
    for given, wrong in (({"stage": "Closed Won", "amount": "0"}, "Do not sell for nothing."),
                         ({"amount": "a lot"}, "is not a number"),
                         ({"name": ""}, "required")):
        answer = client.send(f"/m/deals/{deal}", "PUT", HX, version="1", note="so far", **({"name": "New name"} | given))
        assert answer.status_code == 422 and wrong in answer.text and 'value="so far"' in answer.text
        assert "aria-invalid" in answer.text
    assert held(deal).version == 1


def test_a_section_whose_condition_does_not_hold_is_hidden_and_what_is_sent_for_it_is_still_checked(people):
    client, deal = people("lan"), a_deal(name="Conditional")
    assert "After the sale" not in client.get(f"/m/deals/{deal}").text
    form = client.get(f"/m/deals/{deal}/edit").text
    assert "data-show-if" in form and re.search(r"<[^>]+data-show-if=[^>]+ hidden", form)

    service.update(HOUSE, "deals", deal, {"stage": "Closed Won"}, seen_version=1)
    assert "After the sale" in client.get(f"/m/deals/{deal}").text


def test_a_field_the_form_does_not_know_is_left_alone(people):
    client, deal = people("lan"), a_deal(name="Extra")
    client.send(f"/m/deals/{deal}", "PUT", version="1", name="Changed", weighted="999", id="5", created_by="5",
                deleted_at="2020-01-01", nonsense="x")

    now = held(deal)
    assert now["name"] == "Changed" and now["weighted"] is None and now.id == deal and now["created_by"] is None


# Buttons

def test_a_button_acts_once_and_only_where_it_stands(people):
    client, deal = people("lan"), a_deal(name="To be won", amount=5)
    assert f"/m/deals/{deal}/button/win" in client.get(f"/m/deals/{deal}").text

    for _click in range(2):
        assert client.send(f"/m/deals/{deal}/button/win", _key="one click").status_code in (303, 403)
    assert held(deal)["stage"] == "Closed Won" and held(deal).version == 2

    assert f"/m/deals/{deal}/button/win" not in client.get(f"/m/deals/{deal}").text
    assert client.send(f"/m/deals/{deal}/button/win").status_code == 403
    assert client.send(f"/m/deals/{deal}/button/nothing").status_code == 404


def test_a_button_of_other_roles_is_not_there(people):
    deal, blind = a_deal(name="Stamp me"), people("blind")

    assert "button/stamp" not in blind.get(f"/m/deals/{deal}").text
    assert blind.send(f"/m/deals/{deal}/button/stamp").status_code == 403
    assert people("lan").send(f"/m/deals/{deal}/button/stamp").status_code == 303 and held(deal)["note"] == "stamped"


def test_buttons_stand_in_the_rows_and_the_bar_of_a_list(people):
    client, first, second = people("lan"), a_deal(name="Sweep one", code="swp"), a_deal(name="Sweep two", code="swp")
    listed = client.get(filtered(coded("swp"))).text
    assert f"/m/deals/{first}/buttons" in listed and "/m/deals/bulk/button/sweep" in listed

    menu = client.get(f"/m/deals/{first}/buttons").text
    key = re.search(r'name="_key" value="([^"]+)"', menu)[1]
    assert client.send(f"/m/deals/{first}/button/rowed", _key=key, back="list").headers["Location"].endswith("/m/deals")
    assert held(first)["note"] == "rowed"

    asked = client.get(f"/m/deals/bulk/button/sweep?id={first}&id={second}").text
    assert "Sweep all?" in asked
    key = re.search(r'name="_key" value="([^"]+)"', asked)[1]
    for _click in range(2):
        assert client.send("/m/deals/bulk/button/sweep", id=[first, second], _key=key).status_code == 303
    assert [held(each)["note"] for each in (first, second)] == ["swept", "swept"] and held(second).version == 2
    assert client.send("/m/deals/bulk/button/win", id=[first]).status_code == 404


def test_a_button_does_not_get_past_a_rule(people):
    deal = a_deal(name="Cheap", amount=0)

    answer = people("lan").send(f"/m/deals/{deal}/button/win", headers=HX)
    assert answer.status_code == 422 and held(deal).version == 1


def test_a_button_needs_the_token_and_a_post(people):
    deal, client = a_deal(name="Forged"), people("lan")
    assert client.post(f"/m/deals/{deal}/button/win").status_code == 400
    assert client.get(f"/m/deals/{deal}/button/win").status_code == 405
    assert held(deal).version == 1


# Many at once

def test_a_bulk_change_does_what_it_may_and_says_what_it_could_not(people):
    junior = people("junior")
    mine = [a_deal(name=f"Mine {n}", owner=junior.id, amount=0 if n == 2 else 5) for n in range(3)]
    theirs = a_deal(name="Not mine")

    chosen = [*map(str, mine), str(theirs), "99999999"]
    answer = junior.send("/m/deals/bulk/edit", headers=HX, id=chosen, field="stage", stage="Closed Won")

    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert "2 changed." in toast["text"] and "3 were refused" in toast["text"]
    assert [held(number)["stage"] for number in (*mine, theirs)] == ["Closed Won", "Closed Won", "Proposal", "Proposal"]


def test_all_of_a_list_means_what_the_list_shows_this_person(people):
    junior = people("junior")
    mine = [a_deal(name=f"Mine {n}", owner=junior.id, code="all") for n in range(3)]
    theirs = a_deal(name="Theirs", code="all")

    answer = junior.send("/m/deals/bulk/delete", headers=HX, all="1", filter=json.dumps([coded("all")]))
    assert "3 deleted." in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
    assert held(theirs).version == 1
    with pytest.raises(Exception, match="no Deal"):
        held(mine[0])


def test_a_bulk_change_names_only_fields_that_may_be_set(people):
    deal, blind = a_deal(name="Bulk", amount=7), people("blind")
    for name in ("amount", "weighted", "created_by", "nonsense", ""):
        answer = blind.send("/m/deals/bulk/edit", headers=HX, id=str(deal), field=name, **({name: "1"} if name else {}))
        toast = json.loads(answer.headers.get("HX-Trigger", '{"toast": {"text": ""}}'))["toast"]
        assert answer.status_code == 400 or "0 changed" in toast["text"], (name, answer.status_code, toast)
    assert people("lan").send("/m/deals/bulk/delete").status_code == 400
    assert held(deal).version == 1 and held(deal)["amount"] == 7


# Exports

def rows_of(answer):
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment"), answer.text[:300]
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_an_export_holds_the_view_s_columns_and_its_rows_in_its_order(people, crm):
    for name, amount in (("=1+1", 1234.5), ("+cmd|' /C calc'!A0", None), (" @SUM(A1)", -3), ("Plain, \"quoted\"", 10)):
        a_deal(name=name, amount=amount, code="out", account=crm)
    client = people("lan")
    path = filtered(coded("out"), sort="id").replace("/m/deals?", "/m/deals/export?")

    heads, *rows = rows_of(client.send(path))
    assert heads == ["Name", "Stage", "Amount", "Account"]
    assert rows == [["'=1+1", "Proposal", "1234.5", "Bến Nghé Foods"], ["'+cmd|' /C calc'!A0", "Proposal", "", "Bến Nghé Foods"],
                    ["'@SUM(A1)", "Proposal", "-3", "Bến Nghé Foods"], ['Plain, "quoted"', "Proposal", "10", "Bến Nghé Foods"]]

    book = client.send(path + "&format=xlsx")
    sheet = python_calamine.load_workbook(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert sheet[1] == ["=1+1", "Proposal", 1234.5, "Bến Nghé Foods"] and len(sheet) == 5
    assert b"<f>" not in book.data


def test_an_export_of_ticked_rows_holds_those_and_only_what_one_may_see(people):
    junior, blind = people("junior"), people("blind")
    mine, theirs = a_deal(name="My export", owner=junior.id, amount=5), a_deal(name="Their export", amount=5)

    _, *rows = rows_of(junior.send("/m/deals/export", id=[str(mine), str(theirs)]))
    assert [row[0] for row in rows] == ["My export"]
    heads, *rows = rows_of(blind.send("/m/deals/export", id=str(theirs)))
    assert "Amount" not in heads and [row[0] for row in rows] == ["Their export"]
    assert blind.get("/m/deals/export?columns=name,amount").status_code == 400
    assert people("lan").get("/m/deals/export?format=pdf").status_code == 400


def test_what_is_wrong_and_what_is_empty_are_said_together(people):
    lan = people("lan")

    page = lan.post("/m/deals", data={"csrf_token": lan.csrf, "name": "", "amount": "abc"})

    assert page.status_code == 422 and "is required." in page.text and "is not a number" in page.text


# Files

def test_a_file_is_for_those_who_may_read_its_field_of_its_record(people):
    client, blind, junior = people("lan"), people("blind"), people("junior")
    made = with_paper(client, "offer.pdf", b"%PDF-1.4\n%%EOF\n")
    deal = int(made.headers["Location"].rsplit("/", 1)[1])
    number = held(deal)["paper"]

    answer = client.get(f"/files/{number}")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF") and "attachment" in answer.headers["Content-Disposition"]
    assert blind.get(f"/files/{number}").status_code == junior.get(f"/files/{number}").status_code == 404

    other = a_deal(name="Thief")
    refused = client.send(f"/m/deals/{other}", "PUT", version="1", name="Thief", paper=number)
    assert refused.status_code == 422 and held(other)["paper"] is None, "a file of another record cannot be taken over"
    service.delete(HOUSE, "deals", deal)
    assert client.get(f"/files/{number}").status_code == 404


def with_paper(client, name, content):
    return client.post("/m/deals", data={"csrf_token": client.csrf, "name": "Paper", "paper": (io.BytesIO(content), name)},
                       content_type="multipart/form-data")


def test_what_is_no_such_file_is_refused_beside_its_field(people):
    for name, content in (("offer.pdf", b"<script>alert(1)</script>"), ("x.exe", b"MZ\x90\x00" * 10), ("x.png", b"<svg>"),
                          ("x.zip", b"PK\x03\x04")):
        answer = with_paper(people("lan"), name, content)
        assert answer.status_code == 422 and "aria-invalid" in answer.text, (name, answer.status_code)


def test_what_a_browser_would_run_is_handed_out_as_bytes_to_save(people):
    client = people("lan")
    made = with_paper(client, "page.html", b"<script>alert(1)</script>")
    answer = client.get(f"/files/{held(int(made.headers['Location'].rsplit('/', 1)[1]))['paper']}")

    assert answer.mimetype == "application/octet-stream" and answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer.headers["Content-Security-Policy"]


# The recycle bin

def test_the_bin_gives_back_what_one_may_delete_for_sixty_days(people):
    client, junior = people("lan"), people("junior")
    mine, theirs = a_deal(name="Junior threw this", owner=junior.id), a_deal(name="Lan threw this")
    junior.send(f"/m/deals/{mine}", "DELETE")
    client.send(f"/m/deals/{theirs}", "DELETE")

    assert "Junior threw this" in junior.get("/m/deals/bin").text and "Lan threw this" not in junior.get("/m/deals/bin").text
    assert junior.send(f"/m/deals/{theirs}/restore").status_code == 404
    assert junior.send(f"/m/deals/{mine}/restore").status_code == 303 and held(mine).version == 3


def test_after_sixty_days_a_record_is_gone_with_its_history_and_its_files(people):
    client = people("lan")
    made = with_paper(client, "old.pdf", b"%PDF-1.4 old\n%%EOF\n")
    old, young = int(made.headers["Location"].rsplit("/", 1)[1]), a_deal(name="Young")
    file = held(old)["paper"]
    service.delete(HOUSE, "deals", old)
    service.delete(HOUSE, "deals", young)
    with transaction() as tx:
        for what, number, days in (("records.deals SET deleted_at", young, 59), ("records.deals SET deleted_at", old, 61),
                                   ("house.file SET at", file, 61)):
            tx.execute(sa.text(f"UPDATE {what} = :then WHERE id = :id"), {"then": clock.now() - timedelta(days=days), "id": number})

    for name in ("empty_recycle_bin", "sweep_files"):
        with transaction() as tx:
            catalogue().get("chores", name).run(tx)

    with reading() as connection:
        there = connection.scalars(sa.text("SELECT id FROM records.deals WHERE id = ANY(:ids)"), {"ids": [old, young]})
        assert list(there) == [young]
        left = sa.text("SELECT count(*) FROM house.history WHERE module_id = 'mod_deals' AND record_id = :id")
        verbs = sa.text("SELECT verb FROM house.history WHERE module_id = 'mod_deals' AND record_id = :id")
        assert list(connection.scalars(verbs, {"id": old})) == ["purge"] and connection.scalar(left, {"id": young}) == 2
        assert connection.scalar(sa.text("SELECT count(*) FROM house.file WHERE id = :id"), {"id": file}) == 0


# Search words

def test_words_are_found_by_their_new_field_when_the_search_fields_change(people):
    a_deal(name="Zebra", note="Quagga")
    client = people("lan")
    assert "Zebra" in client.get("/search?q=zeb").text and "Zebra" not in client.get("/search?q=quag").text

    now = published.refresh().definitions
    module = now.module("deals")
    fields = tuple(replace(field, name="title") if field.name == "name" else field for field in module.fields)
    publish.publish(HOUSE, now.with_document(replace(module, fields=fields, name_field="title", search_fields=("title", "note"))))
    published.refresh()
    worker.drain_all()

    assert "Zebra" in client.get("/search?q=zeb").text and "Zebra" in client.get("/search?q=quag").text
    service.create(HOUSE, "deals", {"title": "Okapi"})
    assert "Okapi" in client.get("/search?q=oka").text

    now = published.refresh().definitions
    publish.publish(HOUSE, now.with_document(replace(now.module("deals"), search_fields=())))
    published.refresh()
    worker.drain_all()
    assert "Zebra" not in client.get("/search?q=zeb").text
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM house.delivery WHERE state = 'dead'")) == 0
