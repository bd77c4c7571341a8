"""Publish later: at the chosen time, by the worker, exactly once; or not at all, and then the admin reads why."""
from datetime import timedelta

import pytest

from builder import draft as drafts
from builder import later
from runtime import worker
from runtime.app import create_app
from runtime.db import clock
from runtime.publish import jobs, service
from runtime.records import service as records
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.builder.test_review import edit, post, with_, without
from tests.runtime.web.conftest import KEY, signed_in


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.a_module("deals", builders.a_field("fax", of="deals"), builders.a_field("size", of="deals")),
                         builders.a_view("deals", ("name",)), builders.a_layout("deals"), builders.a_role("rep"))
    users.sync_roles()
    for name in ("boss", "second"):
        users.create(name, roles=("Admin",), password=f"{name} password", full_name=name.capitalize())
    records.create(HOUSE, "deals", {"name": "Deal", "fax": "1"})
    worker.prepare()
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app, frozen_clock):
    for name in ("boss", "second"):
        drafts.drop(users.actor_for(name, "page"))
    worker.drain_all()
    client = signed_in(app, "boss")
    if (job := jobs.planned(users.find("boss").id, "")) is not None:
        jobs.read_about(job.id)
    return client


def planned(client, **data):
    """For tonight, 02:00 UTC; the job."""
    answer = post(client, "/builder/review", when="later", at="2026-03-06T02:00", **data)
    assert answer.status_code == 303, answer.text
    return jobs.planned(users.find("boss").id, "")


def at_two():
    """The clock strikes; the admin comes back next morning."""
    clock.advance(timedelta(hours=17))
    worker.drain_all()


def morning(app):
    return signed_in(app, "boss")


def test_a_planned_draft_goes_live_at_its_time_and_once(boss, app):
    edit("boss", with_("size", label="Extent"))
    before = published.refresh().number
    job = planned(boss, note="By night")
    worker.drain_all()
    assert published.refresh().number == before
    assert "Publishes tonight 02:00" in boss.get("/builder").text

    at_two()
    boss = morning(app)
    jobs.run(job.id)        # delivered twice

    assert published.refresh().number == before + 1
    assert published.current().definitions.modules["deals"].by_name["size"].label == "Extent"
    assert not drafts.current(users.actor_for("boss", "page")).begun
    assert "went live at the planned time" in boss.get("/builder/review").text
    post(boss, f"/builder/review/later/{job.id}/read")
    assert "went live at the planned time" not in boss.get("/builder/review").text


def test_a_worker_killed_after_publishing_does_not_publish_again(boss):
    edit("boss", with_("size", label="Girth"))
    job = planned(boss)
    draft = drafts.current(users.actor_for("boss", "page"))
    clock.advance(timedelta(hours=17))
    service.publish(users.actor_for("boss", "page"), draft.definitions, base=draft.base)     # and here the power went
    number = published.refresh().number

    worker.drain_all()

    assert published.refresh().number == number and jobs.get(job.id).number == number
    assert not drafts.current(users.actor_for("boss", "page")).begun


def test_a_later_step_calls_it_off_and_says_so(boss, app):
    edit("boss", with_("size", label="Bulk"))
    job, before = planned(boss), published.refresh().number
    edit("boss", with_("size", label="Heft"))

    at_two()
    boss = morning(app)

    assert jobs.get(job.id).state == "cancelled" and published.refresh().number == before
    assert "The draft was changed after the time was set." in boss.get("/builder/review").text


def test_who_published_meanwhile_keeps_it_from_going_and_the_admin_reads_why(boss, app):
    edit("boss", with_("size", label="Bulk"))
    job = planned(boss)
    second = edit("second", with_("fax", label="Telefax"))
    number = service.publish(users.actor_for("second", "page"), second.definitions, base=second.base)
    assert "Will not publish" in boss.get("/builder").text

    at_two()
    boss = morning(app)

    assert jobs.get(job.id).state == "failed" and published.refresh().number == number
    page = boss.get("/builder/review").text
    assert "Nothing was published at" in page and "published version" in page
    assert drafts.current(users.actor_for("boss", "page")).begun


def test_a_hazard_that_was_not_ticked_keeps_it_from_going(boss):
    edit("boss", without("fax"))
    assert post(boss, "/builder/review", when="later", at="2026-03-06T02:00").status_code == 422
    held, before = drafts.current(users.actor_for("boss", "page")), published.refresh().number
    job = jobs.begin(users.actor_for("boss", "page"), held.definitions, base=held.base, due=clock.now() + timedelta(hours=1))

    at_two()

    assert jobs.get(job).state == "failed" and "not ticked" in jobs.get(job).problem and published.refresh().number == before


def test_it_can_be_cancelled_by_who_planned_it_alone(boss, app):
    edit("boss", with_("size", label="Bulk"))
    job, before = planned(boss), published.refresh().number
    assert post(signed_in(app, "second"), f"/builder/review/later/{job.id}/cancel").status_code == 404

    post(boss, f"/builder/review/later/{job.id}/cancel")
    at_two()
    boss = morning(app)

    assert jobs.get(job.id).state == "cancelled" and published.refresh().number == before
    assert drafts.current(users.actor_for("boss", "page")).begun and "Publishes" not in boss.get("/builder").text


@pytest.mark.parametrize("at, said", [("", "Say when"), ("2026-03-05T01:00", "That time is past"),
                                      ("2026-09-05T01:00", "within 31 days")])
def test_a_time_that_cannot_be_is_refused(boss, at, said):
    edit("boss", with_("size", label="Bulk"))

    answer = post(boss, "/builder/review", when="later", at=at)

    assert answer.status_code == 422 and said in answer.text


def test_tonight_is_the_next_two_o_clock(frozen_clock):
    assert later.tonight(clock.now()).isoformat() == "2026-03-06T02:00:00+00:00"
    assert later.tonight(clock.now().replace(hour=1)).isoformat() == "2026-03-05T02:00:00+00:00"


def test_the_raw_differences_are_shown_property_by_property_when_asked_for(boss):
    edit("boss", with_("size", label="Bulk"))

    assert "Raw differences" not in boss.get("/builder/review").text
    page = boss.get("/builder/review?differences=1").text

    assert "modules/deals" in page and "fields[size].label" in page and "&#34;Bulk&#34;" in page


def test_a_program_plans_a_publishing_and_cancels_it(boss, app):
    def ask(verb, address, **body):
        return app.test_client().open(f"/api/v1/metadata{address}", method=verb, json=body if verb == "POST" else None,
                                      headers={"Authorization": f"Bearer {key}"})

    key = users.token("boss")
    edit("boss", with_("size", label="Bulk"))

    made = ask("POST", "/publish", at="2026-03-06T02:00:00+07:00")
    assert made.status_code == 202 and made.json["at"] == "2026-03-05T19:00:00Z"
    address = f"/publishing/{made.json['publishing']}"
    assert ask("GET", address).json["state"] == "scheduled"
    assert ask("POST", "/publish", at="tonight").status_code == 400
    assert ask("POST", f"{address}/cancel").json["state"] == "cancelled"
    assert ask("POST", f"{address}/cancel").status_code == 409
