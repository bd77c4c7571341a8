"""Review: changes in sentences, taken out one by one, hazards ticked before anything goes; two admins lose nothing."""
import re
from dataclasses import replace

import pytest

from builder import draft as drafts
from metadata import take_out
from runtime import worker
from runtime.app import create_app
from runtime.publish import impact, service, value_checks
from runtime.records import service as records
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.a_module("deals", builders.a_field("fax", of="deals"), builders.a_field("size", of="deals"),
                                           builders.a_field("code", of="deals")),
                         builders.a_view("deals", ("name", "fax")), builders.a_layout("deals"), builders.a_role("rep"))
    users.sync_roles()
    for name in ("boss", "second"):
        users.create(name, roles=("Admin",), password=f"{name} password", full_name=name.capitalize())
    for fax, size in (("1", "12"), ("2", "large"), (None, "7")):
        records.create(HOUSE, "deals", {"name": "Deal", "fax": fax, "size": size})
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    client = signed_in(app, "boss")
    post(client, "/builder/review/drop")
    return client


def post(client, address, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf})


def edit(name, change):
    """A step of somebody's draft: change(fields of deals) -> fields."""
    def put(definitions):
        module = definitions.modules["deals"]
        return definitions.with_document(take_out.with_fields(module, change(list(module.fields))))

    return drafts.change(users.actor_for(name, "page"), "A step.", put)


def without(name):
    return lambda fields: [field for field in fields if field.name != name]


def with_(name, /, **changed):
    return lambda fields: [replace(field, **changed) if field.name == name else field for field in fields]


def key_of(page, text):
    """The change whose row says this."""
    row = next(row for row in page.split("<li>") if text in row)
    return re.search(r'name="change" value="([^"]+)"', row)[1]


def test_a_change_is_taken_out_and_that_is_a_step(boss):
    edit("boss", with_("size", required=True))
    edit("boss", lambda fields: [*fields, builders.a_field("area", "integer", of="deals")])
    page = boss.get("/builder/review").text
    assert "Add field &#39;Area&#39; to Deal." in page and "Instant: a new column, empty in the 3 records there are." in page

    post(boss, "/builder/review/take-out", change=key_of(page, "Change field &#39;Size&#39;"))

    left = boss.get("/builder/review").text
    assert "<p>Change field" not in left and "Add field &#39;Area&#39;" in left
    post(boss, "/builder/undo")
    assert "Change field &#39;Size&#39;" in boss.get("/builder/review").text


@pytest.mark.parametrize("change", [without("code"), with_("size", name="extent"), with_("size", type="integer"),
                                    with_("size", label="Measure"), lambda fields: [fields[0], *reversed(fields[1:])],
                                    lambda fields: [*fields, builders.a_field("more", of="deals")]])
def test_a_draft_without_its_only_change_is_what_is_live(boss, change):
    edit("boss", change)
    for _again in range(3):
        keys = re.findall(r'name="change" value="([^"]+)"', boss.get("/builder/review").text)
        if keys:
            post(boss, "/builder/review/take-out", change=keys[0])

    assert "Nothing to publish" in boss.get("/builder/review").text


def test_what_goes_says_what_uses_it_and_has_to_be_ticked(boss):
    edit("boss", without("fax"))
    page = boss.get("/builder/review").text
    assert "to be mended" in page and "What uses what goes" in page
    places = set(re.findall(r'href="(/builder/d/[^"]+)"', page))
    assert any(place.startswith("/builder/d/views/deals.") for place in places)
    assert {boss.get(place).status_code for place in places} <= {200, 303}

    post(boss, "/builder/review/drop")
    edit("boss", with_("fax", type="integer"))
    edit("boss", with_("size", type="integer"))
    page = boss.get("/builder/review").text
    assert "1 value of &#39;Size&#39; does not convert" in page and "large" in page and "Converts 3 rows" in page

    refused = post(boss, "/builder/review")
    assert refused.status_code == 422 and "Tick first" in refused.text
    ticked = re.search(r'name="hazard" value="([^"]+)"', page)[1]
    assert post(boss, "/builder/review", hazard=ticked, note="Numbers").status_code == 303
    assert published.refresh().definitions.modules["deals"].by_name["size"].type == "integer"


def test_versions_are_told_compared_undone_and_gone_back_to(boss):
    before = published.refresh().number
    edit("boss", with_("code", label="Number"))
    post(boss, "/builder/review", note="Because of the auditors")
    edit("boss", with_("size", label="Extent"))
    post(boss, "/builder/review")

    listed = boss.get("/builder/versions").text
    assert "Because of the auditors" in listed and "Boss" in listed
    assert "Number" in boss.get(f"/builder/versions/{before + 1}").text
    assert "Extent" in boss.get(f"/builder/versions/compare?from={before}&to={before + 2}").text

    post(boss, f"/builder/versions/{before + 1}/undo")
    post(boss, "/builder/review")
    fields = published.refresh().definitions.modules["deals"].by_name
    assert (fields["code"].label, fields["size"].label) == ("Code", "Extent")

    post(boss, f"/builder/versions/{before + 1}/back", at_once="1")
    fields = published.refresh().definitions.modules["deals"].by_name
    assert (fields["code"].label, fields["size"].label) == ("Number", "Size")
    assert boss.get("/builder/versions/999").status_code == 404


# Two admins

@pytest.fixture
def second(app):
    client = signed_in(app, "second")
    post(client, "/builder/review/drop")
    return client


def test_who_publishes_second_brings_both_together_and_loses_nothing(boss, second):
    edit("boss", with_("code", label="Boss says"))
    edit("second", with_("code", label="Second says"))
    edit("second", with_("size", help="How large"))
    assert post(second, "/builder/review").status_code == 303

    refused = post(boss, "/builder/review")
    assert refused.location == "/builder/merge"
    page = boss.get("/builder/merge").text
    assert "1 thing both changed" in page and "Boss says › Label" in page and "Second says" in page
    assert post(boss, "/builder/merge").status_code == 422
    key = re.search(r'name="(choice:[^"]+)"', page)[1]
    assert post(boss, "/builder/merge", **{key: "ours"}).location == "/builder/review"

    post(boss, "/builder/undo")
    assert drafts.current(users.actor_for("boss", "page")).behind
    post(boss, "/builder/redo")
    assert not drafts.current(users.actor_for("boss", "page")).behind
    assert post(boss, "/builder/review").status_code == 303
    fields = published.refresh().definitions.modules["deals"].by_name
    assert (fields["code"].label, fields["size"].help) == ("Boss says", "How large")


def test_a_branch_is_worked_on_looked_at_and_taken_over(boss):
    edit("boss", with_("code", label="In the branch"))
    post(boss, "/builder/branches", name="trial")
    edit("boss", lambda fields: [*fields, builders.a_field("mood", of="deals")])
    post(boss, "/builder/branches/switch", name="")
    assert "Mood" not in boss.get("/builder/review").text

    went = boss.get("/builder/preview/trial/m/deals")
    assert went.status_code == 303 and went.location == "/m/deals"
    assert "You look at the branch" in boss.get("/m/deals").text
    assert post(boss, "/m/deals", name="Never").status_code == 409
    post(boss, "/builder/preview/end")
    assert "You look at" not in boss.get("/m/deals").text

    post(boss, "/builder/review/drop")
    post(boss, "/builder/branches/take", name="trial")
    assert "Mood" in boss.get("/builder/review").text
    post(boss, "/builder/branches/drop", name="trial")
    assert ">trial<" not in boss.get("/builder/branches").text


def test_a_draft_is_tried_as_somebody_of_a_role(boss):
    post(boss, "/builder/preview", role="rep", place="/m/deals")
    page = boss.get("/m/deals").text
    assert "As: Rep" in page and "/builder/people" not in page
    post(boss, "/builder/preview/end")


def test_values_of_a_large_module_are_checked_by_a_worker_before_anything_is_offered(boss, monkeypatch):
    monkeypatch.setattr(value_checks, "SOON", 1)
    edit("boss", lambda fields: [*fields, builders.a_field("grade", of="deals")])
    post(boss, "/builder/review")
    published.refresh()
    for grade in ("12", "odd", "odder"):
        records.create(HOUSE, "deals", {"name": "Graded", "grade": grade})
    edit("boss", with_("grade", type="integer"))
    page = boss.get("/builder/review").text
    assert "Checking values" in page and "Values are still being checked." in page and "not convert</strong>" not in page
    refused = post(boss, "/builder/review", note="Mine")
    assert refused.status_code == 422 and "still being checked" in refused.text and "Mine" in refused.text
    assert 'hx-trigger="every 1s"' in boss.get("/builder/review/checking").text

    worker.prepare()
    worker.drain_all()

    assert 'hx-get="/builder/review" hx-trigger="load"' in boss.get("/builder/review/checking").text
    page = boss.get("/builder/review?note=Mine").text
    assert "2 values of &#39;Grade&#39; do not convert" in page and "Its values were checked at" in page and 'value="Mine"' in page
    assert "odder" in page and "every 1s" not in page


def test_long_publishing_is_a_workers_and_can_be_paused(boss, monkeypatch):
    monkeypatch.setattr(impact, "LONG", 1)
    edit("boss", with_("code", type="integer"))
    went = post(boss, "/builder/review")
    assert "/builder/review/progress/" in went.location and "A worker takes it" in boss.get(went.location).text
    number = published.refresh().number

    post(boss, went.location + "/pause")
    worker.prepare()
    worker.drain_all()
    assert published.refresh().number == number and "Paused" in boss.get(went.location).text
    post(boss, went.location + "/resume")
    worker.drain_all()

    assert f"Version {number + 1} is live." in boss.get(went.location).text
    assert published.refresh().definitions.modules["deals"].by_name["code"].type == "integer"
    assert "Nothing to publish" in boss.get("/builder/review").text
    assert boss.get("/builder/review/progress/999").status_code == 404


def test_a_step_made_while_the_draft_was_published_is_kept(boss, monkeypatch):
    """Two windows of one person: a view is added in one while the other publishes."""
    actor = users.actor_for("boss", "page")
    drafts.drop(actor)
    drafts.change(actor, "First.", lambda known: known.with_document(builders.a_view("deals", ("name",), name="first")))
    publish_ = service.publish

    def meanwhile(*given, **more):
        drafts.change(actor, "Second.", lambda known: known.with_document(builders.a_view("deals", ("name",), name="second")))
        return publish_(*given, **more)

    monkeypatch.setattr(service, "publish", meanwhile)
    assert post(boss, "/builder/review").status_code == 303

    left = drafts.current(actor)
    assert "views/deals.first" in left.live.documents and "views/deals.second" not in left.live.documents
    assert left.behind and "views/deals.second" in drafts.brought_together(left).definitions.documents
    drafts.drop(actor)
