"""Conversion: a lead becomes account, contact and deal at once and only once, or nothing at all."""
from concurrent.futures import ThreadPoolExecutor

import pytest

from metadata.model.role import Role
from runtime import publish
from runtime.errors import Conflict, Invalid, NotFound
from runtime.records import convert, query, service
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests.builders import a_rep
from tests.runtime.web.conftest import signed_in


@pytest.fixture(scope="module")
def boss(app):
    publish.install_seed(HOUSE, "seeds/sales")
    published.refresh()
    users.sync_roles()
    return signed_in(app, "boss")


def a_lead(**given):
    return service.create(HOUSE, "leads", {"name": "Mai Trần", "company": "Bánh Tràng An", "email": "mai@trangan.example",
                                           "annual_revenue": "120000", "address": {"city": "Hà Nội"}} | given)


def read(module, record_id):
    return service.read(HOUSE, module, record_id).values


def how_many():
    return [query.count(HOUSE, query.Query(module))[0] for module in ("accounts", "contacts", "deals")]


def test_a_lead_becomes_three_records_that_know_each_other(boss):
    lead = a_lead(name="Lê Hoa", company="Hoa & Co", email="hoa@hoa.example")
    task = service.create(HOUSE, "tasks", {"subject": "Call back", "status": "Not Started", "lead": lead.id})

    made = dict(convert.convert(HOUSE, "leads", lead.id, seen_version=lead.version))

    account, contact, deal = read("accounts", made["accounts"]), read("contacts", made["contacts"]), read("deals", made["deals"])
    assert (account["name"], account["billing.city"], account["annual_revenue"]) == ("Hoa & Co", "Hà Nội", 120_000)
    assert (contact["name"], contact["email"], contact["account"]) == ("Lê Hoa", "hoa@hoa.example", made["accounts"])
    assert (deal["contact"], deal["account"], deal["lead"]) == (made["contacts"], made["accounts"], lead.id)
    after = read("leads", lead.id)
    assert after["converted"] is True and after["account"] == made["accounts"] and after["converted_on"] is not None
    assert read("tasks", task.id)["deal"] == made["deals"]
    with pytest.raises(Conflict, match="converted already"):
        convert.convert(HOUSE, "leads", lead.id, seen_version=None)


def test_two_at_once_make_one_set(boss):
    lead, before = a_lead(name="Twice", company="Twice Ltd", email="twice@t.example"), how_many()

    def once(_):
        published.refresh()
        try:
            return convert.convert(HOUSE, "leads", lead.id, seen_version=None)
        except Conflict as problem:
            return str(problem)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(once, range(4)))
    assert sum(isinstance(answer, list) for answer in answers) == 1
    assert how_many() == [number + 1 for number in before]


def test_a_target_that_is_refused_leaves_nothing_behind(boss, monkeypatch):
    lead, before = a_lead(name="Half", company="Half Ltd", email="half@h.example"), how_many()
    definitions = published.current().definitions
    found = definitions.of(convert.ConvertMap, "leads")[0]
    fields = tuple({**value, "value": "No such stage"} if value["field"] == "stage" else value
                   for value in found.targets[2]["fields"])
    broken = convert.replace(found, targets=(*found.targets[:2], {**found.targets[2], "fields": fields}))
    publish.publish(HOUSE, definitions.with_document(broken), override="A map that is broken is what this is about")
    published.refresh()

    with pytest.raises(Invalid, match="Deal"):
        convert.convert(HOUSE, "leads", lead.id, seen_version=None)
    assert how_many() == before and read("leads", lead.id)["converted"] is False
    publish.publish(HOUSE, definitions)
    published.refresh()


def test_who_may_not_create_what_it_becomes_converts_nothing(boss):
    lead = a_lead(name="No", company="No Ltd", email="no@n.example")
    with pytest.raises(NotFound):
        convert.convert(a_rep(7, "nothing"), "leads", lead.id, seen_version=None)


def test_the_page_offers_what_is_there_and_tells_what_it_became(boss):
    there = service.create(HOUSE, "accounts", {"name": "Bánh Tràng An"})
    lead = a_lead()
    assert f"/m/leads/{lead.id}/convert" in boss.get(f"/m/leads/{lead.id}").text
    page = boss.get(f"/m/leads/{lead.id}/convert").text
    assert "The one that is there: Bánh Tràng An" in page and "New: Mai Trần" in page

    done = boss.post(f"/m/leads/{lead.id}/convert", data={"csrf_token": boss.csrf, "version": lead.version, "use:deals": "none",
                                                          "use:accounts": there.id, "use:contacts": "new"})
    assert done.status_code == 303 and done.location.startswith("/m/contacts/")
    shown = boss.get(f"/m/leads/{lead.id}").text
    assert "Converted." in shown and f'href="/m/accounts/{there.id}"' in shown and f"/m/leads/{lead.id}/convert" not in shown
    assert boss.get(f"/m/leads/{lead.id}/convert").status_code == 409


def test_the_page_shows_dates_and_amounts_as_the_new_records_would_hold_them(boss):
    lead = a_lead(name="Dated", company="Dated Ltd", email="dated@d.example", next_step="Call", next_step_on="2027-02-03")

    page = boss.get(f"/m/leads/{lead.id}/convert")

    assert page.status_code == 200 and "3 Feb 2027" in page.text and "120,000" in page.text


def test_the_api_converts_too(app, boss):
    lead = a_lead(name="By key", company="Key Ltd", email="key@k.example")
    key = {"Authorization": f"Bearer {users.token('boss', 'test')}"}
    done = app.test_client().post(f"/api/v1/records/leads/{lead.id}/convert", json={"version": lead.version}, headers=key)
    assert done.status_code == 201 and [one["module"] for one in done.json["made"]] == ["accounts", "contacts", "deals"]
    again = app.test_client().post(f"/api/v1/records/leads/{lead.id}/convert", json={}, headers=key)
    assert again.status_code == 409 and "converted already" in again.json["detail"]


def test_a_program_presses_a_button_once_and_only_where_it_stands(boss, app, bearer):
    headers, client = bearer("boss"), app.test_client()
    lead = a_lead(name="Pressed", email="p@p.example", status="Not Contacted")
    one = f"/api/v1/records/leads/{lead.id}"

    first = client.post(f"{one}/press/contacted", headers=headers | {"Idempotency-Key": "press-1"})
    again = client.post(f"{one}/press/contacted", headers=headers | {"Idempotency-Key": "press-1"})
    forced = client.post(f"{one}/press/contacted", headers=headers)

    assert first.status_code == again.status_code == 200 and first.json == again.json and first.json["said"]
    assert read("leads", lead.id)["status"] == "Contacted"
    assert forced.status_code == 403 and client.post(f"{one}/press/nothing", headers=headers).status_code == 404
    paths = client.get("/api/v1/openapi.json", headers=headers).json["paths"]
    assert {"/api/v1/records/leads/{id}/convert", "/api/v1/records/leads/{id}/press/{button}"} <= set(paths)
    assert "/api/v1/records/accounts/{id}/convert" not in paths


def test_who_only_sees_a_lead_converts_it_no_more_than_they_change_it(app, boss):
    definitions = published.current().definitions
    everything = {"read": "all", "create": True, "edit": "all"}
    publish.publish(HOUSE, definitions.with_document(Role(id="role_looker", name="looker", label="Looker", modules={
        definitions.modules["leads"].id: everything | {"edit": "own"}, "*": everything})))
    published.refresh()
    users.sync_roles()
    person = users.create("minh", roles=("looker",), password="minh password", full_name="Minh")
    lead, before = a_lead(name="Another's", company="Another Ltd", email="a@another.example"), how_many()
    minh, client = signed_in(app, "minh"), app.test_client()

    page = minh.get(f"/m/leads/{lead.id}/convert")
    sent = minh.post(f"/m/leads/{lead.id}/convert", data={"csrf_token": minh.csrf, "version": lead.version})
    key = {"Authorization": f"Bearer {users.token('minh')}"}
    asked = client.post(f"/api/v1/records/leads/{lead.id}/convert", json={}, headers=key)

    assert (page.status_code, sent.status_code, asked.status_code) == (403, 403, 403)
    assert how_many() == before and read("leads", lead.id)["converted"] is False
    mine = a_lead(name="Mine", company="Mine Ltd", email="m@mine.example", owner=person)
    assert minh.get(f"/m/leads/{mine.id}/convert").status_code == 200


def test_who_may_only_look_at_a_record_is_told_before_a_form_is_filled_in(app, boss):
    users.create("onlooker", roles=("sales_rep",), password="onlooker password", full_name="Lan Looker")
    theirs, rep = service.create(HOUSE, "accounts", {"name": "Not hers"}), signed_in(app, "onlooker")

    assert rep.get(f"/m/accounts/{theirs.id}").status_code == 200
    refused = rep.get(f"/m/accounts/{theirs.id}/edit")
    assert refused.status_code == 403 and "but not change it" in refused.text
