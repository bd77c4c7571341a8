"""Addresses and forms that nobody's browser would send: each is answered with a page of words, none with a crash."""

import itertools
import json
import random
from urllib.parse import urlencode

import pytest

from runtime.records import service
from runtime.values import HOUSE
from tests import builders
from tests.builders import a_field
from tests.runtime.web.conftest import signed_in

HX = {"HX-Request": "true"}
HUGE = "9" * 30
ODD = (
    "",
    " ",
    "²",
    "٣",
    HUGE,
    "-1",
    "0",
    "1e3",
    "NaN",
    "null",
    "true",
    "[]",
    "{}",
    '{"all":5}',
    '{"all":[5]}',
    '{"any":{}}',
    '{"not":5}',
    '[{"field":5}]',
    '[{"field":null,"operator":5}]',
    '[{"field":["name"],"operator":"is","operand":"x"}]',
    "[[]]",
    '["x"]',
    "amount",
    '[{"field":"account","operator":"is","operand":"²"}]',
    f'[{{"field":"account","operator":"is","operand":{HUGE}}}]',
    '[{"field":"account","operator":"one_of","operand":[1,"x",null]}]',
    '[{"field":"name","operator":["is"],"operand":"x"}]',
    '[{"expression":5}]',
    '[{"expression":"name"}]',
    '[{"field":"close_date","operator":"between","operand":["x"]}]',
    '[{"field":"name","operator":"is","operand":"\\ud800"}]',
    "name.name",
    "account.",
    ".account",
    "account..name",
    "name\x00",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "name,name,name",
    "-",
    "--name",
    ",",
    "a" * 3000,
    "💥",
    "<script>",
    "../..",
    "%00",
    "{{7*7}}",
)
PARAMETERS = (
    "view",
    "filter",
    "sort",
    "columns",
    "q",
    "after",
    "before",
    "filter_field",
    "filter_operator",
    "filter_index",
    "operand",
    "field",
    "id",
    "all",
    "format",
    "copy",
    "account",
    "name",
    "amount",
    "for",
    "state",
    "_then",
    "page",
)
WORDS = tuple(odd for odd in ODD if not odd.startswith(("[", "{")))
LISTS = ("/m/deals", "/m/deals/filter", "/m/deals/columns")
FEW = ("filter", "columns", "q", "before", "id", "copy", "account", "name", "field", "for", "all")
PLACES = (
    "/m/deals",
    "/m/deals/count",
    "/m/deals/sums",
    "/m/deals/filter",
    "/m/deals/columns",
    "/m/deals/export",
    "/m/deals/bin",
    "/m/deals/new",
    "/m/deals/bulk/edit",
    "/m/deals/bulk/delete",
    "/m/deals/1/panel/timeline",
    "/m/deals/1/panel/related_0",
    "/search",
    "/lookup/accounts",
    "/lookup/users",
)


@pytest.fixture(scope="module")
def crm(app):
    builders.publish_all(
        builders.accounts(),
        builders.deals(
            a_field("meeting", "datetime", of="deals"),
            a_field("tags", "tags", of="deals"),
            a_field("site", "address", of="deals"),
            a_field("picture", "image", of="deals"),
            a_field("code", of="deals", unique=True),
            a_field("done", "checkbox", of="deals"),
            a_field("colours", "multi_picklist", of="deals", settings={"choices": [{"value": "red", "label": "Red"}]}),
            a_field("stars", "rating", of="deals"),
            a_field("share", "percent", of="deals"),
            a_field("phone", "phone", of="deals"),
        ),
        builders.a_view("deals", ("name", "amount", "account"), sums=("amount",)),
        builders.a_role("rep"),
        builders.a_layout("accounts", related=({"module": "deals", "field": "account", "columns": ["name"]},)),
    )
    account = service.create(HOUSE, "accounts", {"name": "Here"}).id
    return service.create(HOUSE, "deals", {"name": "Trays", "account": account, "code": "C-1"}).id


@pytest.fixture
def client(app, crm):
    return signed_in(app, "lan")


def fine(answer, said):
    assert answer.status_code < 500, (said, answer.status_code, answer.text[:200])
    assert "Traceback" not in answer.text and "psycopg" not in answer.text, said


@pytest.mark.parametrize("place", PLACES)
def test_odd_words_in_every_parameter_of_every_page(client, place):
    asked = itertools.product(PARAMETERS, ODD) if place in LISTS else itertools.product(FEW, (*ODD[::2], "²", HUGE))
    for name, odd in asked:
        address = f"{place}?" + urlencode({name: odd})
        fine(client.get(address, headers=HX), address)


@pytest.mark.parametrize("place", ["/m/deals", "/m/deals/filter", "/m/deals/bulk/edit"])
def test_odd_words_in_several_parameters_at_once(client, place):
    dice = random.Random(place)
    for _ in range(150):
        asked = {name: dice.choice(ODD) for name in dice.sample(PARAMETERS, 4)} | {
            "filter_field": dice.choice(("account", "amount", "close_date", "tags", "done", "stage", "owner", "name.x")),
            "filter_operator": dice.choice(
                ("is", "one_of", "between", "above", "contains", "empty", "on_or_before", "last_days", "x")
            ),
            "operand": dice.choice(ODD),
        }
        fine(client.get(f"{place}?" + urlencode(asked), headers=HX), asked)


def test_odd_words_in_every_field_of_the_form(client, crm):
    fields = (
        "name",
        "stage",
        "amount",
        "amount.currency",
        "close_date",
        "account",
        "owner",
        "meeting",
        "tags",
        "site",
        "site.city",
        "colours",
        "picture",
        "code",
        "done",
        "stars",
        "share",
        "phone",
        "weighted",
        "id",
        "version",
        "keep:name",
        "_key",
        "_method",
        "_then",
        "csrf",
    )
    for turn, (name, odd) in enumerate(itertools.product(fields, (*WORDS[::2], "²", HUGE))):
        form = {"csrf_token": client.csrf, "name": "Trays", name: odd}
        if turn % 3:
            fine(client.post("/m/deals", data=form, headers=HX), (name, odd))
        else:
            fine(client.put(f"/m/deals/{crm}", data={"version": "1"} | form, headers=HX), (name, odd))


def test_odd_words_in_bulk_changes_and_buttons(client, crm):
    for odd in WORDS:
        for path in (
            "/m/deals/bulk/delete",
            "/m/deals/bulk/edit",
            "/m/deals/export",
            f"/m/deals/{HUGE}/restore",
            "/m/deals/99/button/x",
        ):
            for form in (
                {"id": odd},
                {"all": odd},
                {"id": HUGE, "field": odd, odd: odd},
                {"id": HUGE, "field": "account", "account": odd},
            ):
                fine(client.post(path, data={"csrf_token": client.csrf} | form, headers=HX), (path, form))
    assert service.read(HOUSE, "deals", crm)["code"] == "C-1"


@pytest.mark.parametrize(
    "path",
    [
        "/m/{}",
        "/m/{}/1",
        "/m/deals/{}",
        "/m/deals/{}/edit",
        "/m/deals/1/panel/{}",
        "/files/{}",
        "/lookup/{}",
        "/api/v1/records/{}",
        "/api/v1/records/deals/{}",
        "/api/v1/aggregate/{}",
        "/{}",
    ],
)
def test_odd_words_as_parts_of_an_address(client, bearer, path):
    headers = bearer("boss") if path.startswith("/api") else {}
    for odd in WORDS:
        fine(client.get(path.format(urlencode({"": odd})[1:].replace("+", "%20")), headers=headers), (path, odd))


def test_a_form_with_an_unreadable_link_comes_back_with_what_was_typed(client):
    for odd in ("²", HUGE, "x", "0"):
        answer = client.post("/m/deals", data={"csrf_token": client.csrf, "name": "Kept", "account": odd}, headers=HX)
        assert answer.status_code == 422 and 'value="Kept"' in answer.text, odd


def test_a_copy_leaves_what_is_unique_and_files_behind(client, crm):
    account = service.create(HOUSE, "accounts", {"name": "Copied along"}).id
    deal = service.create(HOUSE, "deals", {"name": "Model", "code": "ONLY-ONE", "account": account}).id

    form = client.get(f"/m/deals/new?copy={deal}").text
    assert 'value="Model"' in form and "ONLY-ONE" not in form and "Copied along" in form


def test_a_hidden_column_is_not_named_by_the_dialogs(app, crm, client):
    for place in ("columns", "sums", "export", "count"):
        known = client.get(f"/m/deals/{place}?columns=name,nonsense", headers=HX)
        assert known.status_code == 400 or "onsense" not in known.text.replace("columns=name,nonsense", ""), place


def test_filters_are_json_of_a_sensible_size(client):
    many = json.dumps([{"field": "name", "operator": "empty"}] * 2000)
    fine(client.get("/m/deals?" + urlencode({"filter": many})), "many")
