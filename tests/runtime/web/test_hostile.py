"""Hostile input through HTTP: names that are SQL, documents that are bombs, values that are scripts."""
import json
import time
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from runtime.db.transaction import reading
from runtime.records import service
from runtime.values import HOUSE

NAMES = ("'; DROP TABLE records.deals; --", 'name"; SELECT 1 --', "name) FROM pg_user --", "name OR 1=1",
         "(SELECT password FROM ab_user)",
         "records.deals.name", "deals; DELETE", "../../etc/passwd", "__class__", "name\x00", "näme", "n" * 5000,
         "%(name)s", ":name",
         "{{7*7}}", "${7*7}", "1e309", "-", ".", "..", "a.b.c.d.e.f.g.h", "id::text", "name COLLATE \"C\"", "\u202ename")
TAKES_A_NAME = {
    "module": lambda name: "/api/v1/records/" + _path(name), "aggregate module": lambda name: "/api/v1/aggregate/" + _path(name),
    "fields": lambda name: "/api/v1/records/deals?" + urlencode({"fields": name}),
    "sort": lambda name: "/api/v1/records/deals?" + urlencode({"sort": name}),
    "filter field": lambda name: _filter({"field": name, "operator": "is", "operand": "x"}),
    "operator": lambda name: _filter({"field": "name", "operator": name, "operand": "x"}),
    "expression": lambda name: _filter({"expression": name}),
    "group": lambda name: "/api/v1/aggregate/deals?" + urlencode({"group": name}),
    "bucket": lambda name: "/api/v1/aggregate/deals?" + urlencode({"group": f"created_at:{name}"}),
    "measure": lambda name: "/api/v1/aggregate/deals?" + urlencode({"measures": name}),
    "measured field": lambda name: "/api/v1/aggregate/deals?" + urlencode({"measures": f"sum:{name}"}),
    "cursor": lambda name: "/api/v1/records/deals?" + urlencode({"after": name}),
    "limit": lambda name: "/api/v1/records/deals?" + urlencode({"limit": name}),
    "search module": lambda name: "/api/v1/search?" + urlencode({"q": "a", "module": name}),
    "list module": lambda name: "/m/" + _path(name), "view": lambda name: "/m/deals?" + urlencode({"view": name}),
    "list columns": lambda name: "/m/deals?" + urlencode({"columns": name}),
    "list sort": lambda name: "/m/deals?" + urlencode({"sort": name}),
    "list filter": lambda name: "/m/deals?" + urlencode({"filter": name}),
    "filter dialog": lambda name: "/m/deals/filter?" + urlencode({"filter_field": name}),
    "panel": lambda name: "/m/deals/1/panel/" + _path(name), "lookup": lambda name: "/lookup/" + _path(name),
    "lookup for": lambda name: "/lookup/accounts?" + urlencode({"for": name}),
    "export format": lambda name: "/m/deals/export?" + urlencode({"format": name}),
    "bulk field": lambda name: "/m/deals/bulk/edit?" + urlencode({"id": "1", "field": name}),
    "words": lambda name: "/search?" + urlencode({"q": name}), "theme": lambda name: f"/theme/{_path(name)}.css",
}


def _path(name: str) -> str:
    return urlencode({"": name})[1:].replace("+", "%20")


def _filter(criteria: dict) -> str:
    return "/api/v1/records/deals?" + urlencode({"filter": json.dumps(criteria)})


@pytest.mark.parametrize("place", TAKES_A_NAME)
def test_sql_and_nonsense_in_a_name_is_refused_and_changes_nothing(place, boss, bearer):
    headers = bearer("boss")
    for name in NAMES:
        response = boss.get(TAKES_A_NAME[place](name), headers=headers if place else {})
        assert response.status_code < 500, (place, name, response.text[:300])
        assert "psycopg" not in response.text and "Traceback" not in response.text
    with reading() as connection:
        assert connection.scalar(sa.text("SELECT to_regclass('records.deals')")) is not None


BOMBS = {
    "deep": b"[" * 10_000 + b"]" * 10_000, "deep object": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "wide": b'{"name":"' + b"x" * 3_000_000 + b'"}',
    "many keys": json.dumps({f"k{number}": 1 for number in range(6000)}).encode(), "not JSON": b"{name:", "a list": b"[1,2]",
    "twice": b'{"name":"a","name":"b"}', "NaN": b'{"name":NaN}', "huge number": b'{"amount":' + b"9" * 5_000_000 + b"}",
    "exponent": b'{"amount":1e999999999}', "surrogate": b'{"name":"\\ud800"}',
    "NUL": b'{"name":"a\\u0000b"}', "latin": b'{"name":"\xff"}',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_of_json_is_refused_at_once_and_leaves_nothing(bomb, boss, bearer):
    before = _count()
    started = time.thread_time()
    response = boss.post("/api/v1/records/deals", data=BOMBS[bomb], content_type="application/json", headers=bearer("boss"))

    assert 400 <= response.status_code < 500 and response.mimetype == "application/problem+json", response.text[:200]
    assert response.json["request_id"] and time.thread_time() - started < 2
    assert _count() == before


def _count() -> int:
    with reading() as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM records.deals"))


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{7*7}}", "javascript:alert(1)",
                                  "\"><svg onload=alert(1)>", "' hx-get='/logout"])
def test_a_script_in_a_value_is_shown_as_text(text, boss, app):
    made = service.create(HOUSE, "deals", {"name": text})

    here = f"/m/deals/{made.id}"
    for path in ("/m/deals", here, f"{here}/edit", f"{here}/panel/timeline", "/search?q=script", f"{here}/delete"):
        page = boss.get(path).text
        for live in ("<script>alert", "<img src=x", "<svg onload", "' hx-get='/logout"):
            assert live not in page
