"""The company's country, home currency and rates: as a page, by API, and what they do to what is saved."""
import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from runtime.app import create_app
from runtime.db import setting
from runtime.db.transaction import reading, transaction
from runtime.locale import country, money
from runtime.records import service
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

PAGE, API = "/builder/company", "/api/v1/metadata/company"


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(
        builders.a_module("people", builders.a_field("phone", "phone", of="people")),
        builders.a_module("deals", builders.a_field("amount", "currency", of="deals")),
        replace(builders.a_role("builder"), builder=True))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("con", roles=("builder",), password="con password", full_name="Con Sultant")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    with transaction() as tx:
        setting.remove(tx, money.HOME)
        setting.remove(tx, country.HOME)
        tx.execute(money.RATE.delete())
    money.forget()
    country.forget()


@pytest.fixture
def boss(app):
    return signed_in(app, "boss")


@pytest.fixture
def ask(app):
    keys = {name: users.token(name) for name in ("boss", "con")}

    def ask(verb, address="", body=None, who="boss"):
        return app.test_client().open(API + address, method=verb, headers={"Authorization": f"Bearer {keys[who]}"},
                                      data=None if body is None else json.dumps(body))
    return ask


def held(module, column, record_id):
    with reading() as connection:
        return connection.scalar(sa.text(f"SELECT {column} FROM records.{module} WHERE id = :id"), {"id": record_id})


def test_a_number_without_a_country_is_one_of_the_companys(boss):
    saved = boss.post(PAGE, data={"csrf_token": boss.csrf, "country": "VN", "currency": "USD"})
    assert saved.status_code == 303
    assert '<option value="VN" selected>Vietnam' in boss.get(PAGE).text

    record = service.create(HOUSE, "people", {"name": "Hà", "phone": "0912 345 678"})
    assert held("people", "phone", record.id) == "+84912345678"


def test_the_home_currency_stays_once_there_are_amounts(boss, ask):
    assert ask("PATCH", body={"currency": "VND"}).json["currency"] == "VND"
    service.create(HOUSE, "deals", {"name": "Trays", "amount": "120000"})

    assert ask("PATCH", body={"currency": "EUR"}).status_code == 409
    assert " disabled" in boss.get(PAGE).text.partition('id="c_currency"')[2].partition(">")[0]
    assert ask("PATCH", body={"currency": "VND", "country": "VN"}).status_code == 200


def test_what_is_not_said_stays_as_another_process_has_set_it(ask):
    with transaction() as tx:
        setting.keep(tx, money.HOME, "VND")         # money.kept() of this process does not know yet

    assert ask("PATCH", body={"country": "VN"}).json == {"country": "VN", "currency": "VND", "rates": []}


def test_an_amount_in_another_currency_waits_for_its_rate(boss, ask):
    form = {"csrf_token": boss.csrf, "currency": "EUR", "from": "2026-01-01", "rate": "1.25"}
    assert "No rates yet" in boss.get(PAGE).text
    assert boss.post(f"{PAGE}/rates", data=form).status_code == 303
    assert "1.25" in boss.get(PAGE).text and ask("GET").json["rates"] == [
        {"currency": "EUR", "from": "2026-01-01", "rate": "1.25"}]

    record = service.create(HOUSE, "deals", {"name": "Trays", "amount": "100", "amount.currency": "EUR"})
    assert held("deals", "amount__home", record.id) == 125
    assert boss.post(f"{PAGE}/rates/EUR/2026-01-01/remove", data={"csrf_token": boss.csrf}).status_code == 303
    assert ask("GET").json["rates"] == []


@pytest.mark.parametrize(("wrong", "told"), [
    ({"currency": "USD"}, "Choose a currency other than that of the company."),
    ({"from": "soon"}, "Enter a day such as 2026-01-31."),
    ({"rate": "0"}, "a number above zero"),
    ({"rate": "much"}, "a number above zero"),
    ({"rate": "1e30"}, "a number above zero"),
])
def test_a_rate_that_is_none_is_told_at_its_field(boss, ask, wrong, told):
    rate = {"currency": "EUR", "from": "2026-01-01", "rate": "1.25"} | wrong
    answer = boss.post(f"{PAGE}/rates", data={"csrf_token": boss.csrf} | rate)
    assert answer.status_code == 422 and told in answer.text and 'aria-invalid="true"' in answer.text
    assert ask("POST", "/rates", rate).status_code == 422


def test_what_is_not_known_is_refused_and_nobody_else_comes_near(app, ask):
    assert ask("PATCH", body={"country": "XX"}).status_code == 422
    assert ask("PATCH", body={"currency": "ABC"}).status_code == 422
    assert ask("DELETE", "/rates/EUR/2026-01-01").status_code == 404 and ask("DELETE", "/rates/EUR/soon").status_code == 404
    assert ask("GET", who="con").status_code == 403 and ask("PATCH", body={"country": "VN"}, who="con").status_code == 403
    assert signed_in(app, "con").get(PAGE).status_code == 403
